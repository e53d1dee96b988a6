"""Reports."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ecwid_api.description import entity_schema
from ecwid_sandbox.server.clock import DAY, parse_time
from ecwid_sandbox.server.errors import WrongParameterError
from ecwid_sandbox.server.operations.calls import handles
from ecwid_sandbox.server.shop.figures import Period, make_report
from ecwid_sandbox.server.storage import kinds

if TYPE_CHECKING:
    from ecwid_sandbox.server.operations.calls import Answer, Call
    from ecwid_sandbox.server.shop.figures import Figures, Report, Row
    from ecwid_sandbox.server.storage.kinds import JSONObject

_SCALES: Final = {name: name for name in ("hour", "day", "week", "month", "year")}
_COMPARED: Final = {
    "noComparePeriod": "NO_COMPARE_PERIOD",
    "similarPeriodInPreviousWeek": "SIMILAR_PERIOD_IN_PREVIOUS_WEEK",
    "similarPeriodInPreviousMonth": "SIMILAR_PERIOD_IN_PREVIOUS_MONTH",
    "similarPeriodInPreviousYear": "SIMILAR_PERIOD_IN_PREVIOUS_YEAR",
    "previousPeriod": "PREVIOUS_PERIOD",
}
_SHIFTS: Final = {
    "similarPeriodInPreviousWeek": 7 * DAY,
    "similarPeriodInPreviousMonth": 30 * DAY,
    "similarPeriodInPreviousYear": 365 * DAY,
}
_FIRST_DAYS: Final = {"MONDAY": "MONDAY", "SUNDAY": "SUNDAY"}
_DIRECTIONS: Final = {"ASC": "ASC", "DESC": "DESC", "asc": "ASC", "desc": "DESC"}


@handles("getStoreReports")
def store_report(call: Call) -> Answer:
    """What wasn't asked for isn't repeated in the answer; without a period it is all time."""
    asked = call.parameters
    name = _type(call)
    period = _period(call)
    report = make_report(call.shop, name, period)
    rows = _sorted(report.rows, call)
    answer: JSONObject = {
        "reportType": name,
        "firstDayOfWeek": period.first_day,
        "aggregatedData": _data(report.whole),
        "dataset": _dataset(report, rows, asked.offset(), asked.integer("limit")),
        "itemCount": len(rows),
    }
    for parameter, value in (("startedFrom", period.start), ("endedAt", period.end)):
        if parameter in asked:
            answer[parameter] = value
    for parameter in ("timeScaleValue", "orderByMetric", "orderDirection"):
        if parameter in asked:
            answer[parameter] = asked.text(parameter)
    for parameter in ("limit", "offset"):
        if parameter in asked:
            answer[parameter] = asked.integer(parameter)
    compared = asked.choice("comparePeriod", {word: word for word in _COMPARED})
    if compared:
        answer["comparePeriod"] = _COMPARED[compared]
    if compared and compared != "noComparePeriod":
        other = _earlier(period, compared)
        before = make_report(call.shop, name, other)
        answer["comparePeriodAggregatedData"] = _data(before.whole)
        answer["comparePeriodDataset"] = _dataset(before, before.rows, 0, None)
    return answer


@handles("getReportTip")
def report_tip(call: Call) -> Answer:
    """A sentence that is true of any shop."""
    return {"tip": f"Look at {_type(call)} for a whole year before you decide anything."}


def _type(call: Call) -> str:
    name = call.path["reportType"]
    known = entity_schema("report", "reports")["properties"]["reportType"]["enum"]
    if name not in known:
        raise WrongParameterError(f"There is no report of the name {name}")
    return name


def _period(call: Call) -> Period:
    asked = call.parameters
    start, end = asked.time("startedFrom"), asked.time("endedAt")
    if start is None:
        profile = call.shop.get(kinds.PROFILE, call.shop.store_id)
        start = parse_time(profile["account"]["registrationDate"])
    return Period(
        start,
        call.shop.clock.second() if end is None else end,
        asked.choice("timeScaleValue", _SCALES) or "day",
        asked.choice("firstDayOfWeek", _FIRST_DAYS) or "MONDAY",
    )


def _earlier(period: Period, compared: str) -> Period:
    shift = _SHIFTS.get(compared, period.end - period.start + 1)
    return Period(period.start - shift, period.end - shift, period.scale, period.first_day)


def _sorted(rows: list[Row], call: Call) -> list[Row]:
    metric = call.parameters.text("orderByMetric")
    direction = call.parameters.choice("orderDirection", _DIRECTIONS)
    if metric is None:
        return rows[::-1] if direction == "ASC" and rows and rows[0].start is None else rows
    return sorted(rows, key=lambda row: row.figures.get(metric, 0), reverse=direction != "ASC")


def _data(figures: Figures) -> list[JSONObject]:
    return [{"dataId": name, "dataValue": value} for name, value in figures.items()]


def _dataset(report: Report, rows: list[Row], offset: int, limit: int | None) -> list[JSONObject]:
    whole = sum(next(iter(row.figures.values()), 0) for row in rows)
    found: list[JSONObject] = []
    for place, row in enumerate(rows):
        entry: dict[str, Any] = {
            "orderBy": place,
            "datapointId": row.name,
            "data": _data(row.figures),
        }
        if row.start is not None:
            entry |= {"startTimeStamp": row.start, "endTimeStamp": row.end}
        if report.sliced:
            first = next(iter(row.figures.values()), 0)
            entry["percentage"] = round(100 * first / whole, 2) if whole else 0
        if row.about:
            entry["additionalData"] = row.about
        found.append(entry)
    return found[offset:] if limit is None else found[offset : offset + max(0, limit)]
