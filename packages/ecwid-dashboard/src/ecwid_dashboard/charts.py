"""Charts, as Plotly describes them (https://plotly.com/javascript/reference/).

They have no colours: a trace's ``meta`` names what it is, and the page's stylesheet says how that
looks by day, by night and on paper.
"""

from __future__ import annotations

import html
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ecwid_dashboard.amounts import Money
    from ecwid_dashboard.periods import Grain, Step

Number = Decimal | int
HOVER: Final = {"day": "%-d %b %Y", "week": "Week of %-d %b %Y", "month": "%B %Y"}
"""How days are written beside the pointer."""
PALE: Final = 0.45
"""Opacity of a bar that isn't complete."""
LAYOUT: Final[Mapping[str, Any]] = {
    "margin": {"l": 8, "r": 8, "t": 8, "b": 8, "pad": 4},
    "dragmode": False,
    "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "traceorder": "normal"},
    "bargap": 0.28,
}
"""What all charts have, also those that the page computes (``cards.js``)."""
_LONGEST: Final = 30
_TAIL: Final = 14


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One line of a chart, or the bars of one colour.

    Attributes:
        name: What the legend calls it.
        colour: Its name in the stylesheet, without ``--chart-``.
        values: A value for each place; None where there is none.
    """

    name: str
    colour: str
    values: Sequence[Number | None]


def _drawn(values: Sequence[Number | None]) -> list[float | None]:
    return [None if value is None else float(value) for value in values]


def _axis(largest: float, money: Money) -> dict[str, Any]:
    short = 10_000
    tens = 10
    form = "~s" if largest >= short else ",.0f" if largest >= tens else ",.2f"
    return {
        "rangemode": "tozero",
        "tickformat": form,
        "nticks": 6,
        "tickprefix": html.escape(money.prefix),
        "ticksuffix": html.escape(money.suffix),
        "fixedrange": True,
    }


def over_time(
    steps: Sequence[Step],
    series: Sequence[Series],
    *,
    grain: Grain,
    money: Money,
    line: bool = False,
) -> dict[str, Any]:
    """Amounts over time: stacked bars, or lines.

    Args:
        steps: The places, from left to right.
        series: What is drawn; values are amounts.
        grain: The step of a place.
        money: How amounts are written.
        line: Whether to draw lines instead of bars.
    """
    x = [step.start.isoformat() for step in steps]
    traces = []
    for one in series:
        common = {
            "x": x,
            "y": _drawn(one.values),
            "name": one.name,
            "meta": {"colour": one.colour},
            "customdata": [money(_decimal(value)) for value in one.values],
            "hovertemplate": "%{customdata}",
        }
        if line:
            traces.append(
                {"type": "scatter", **common, "mode": "lines+markers", "line": {"width": 2.5}}
            )
        else:
            opacity = [1 if step.whole else PALE for step in steps]
            marker = {"opacity": opacity, "line": {"width": 0}}
            traces.append({"type": "bar", **common, "marker": marker})
    layout = {
        **LAYOUT,
        "hovermode": "x unified",
        "barmode": "stack",
        "showlegend": len(series) > 1,
        "xaxis": {
            "type": "date",
            # All of them: the page draws as many as there is room for. Plotly's own would stand
            # beside the bars, since its weeks begin on Sundays.
            "tickvals": x,
            "ticktext": [step.short for step in steps],
            "hoverformat": HOVER[grain],
            "fixedrange": True,
        },
        "yaxis": _axis(_tallest(series, stacked=not line), money),
    }
    return {"data": traces, "layout": layout}


def _tallest(series: Sequence[Series], *, stacked: bool) -> float:
    columns = zip(*(one.values for one in series), strict=True)
    together = sum if stacked else max
    return max((float(together(value or 0 for value in column)) for column in columns), default=0)


def _decimal(value: Number | None) -> Decimal | None:
    return None if value is None else Decimal(value)


def ranking(
    names: Sequence[str],
    series: Sequence[Series],
    *,
    write: Callable[[Decimal], str],
) -> dict[str, Any]:
    """Horizontal bars, the first on top.

    Args:
        names: What each bar is called; long ones are cut, and whole in the table.
        series: What is drawn; a place with a value in one has None in the others.
        write: How the value at a bar's end is written.
    """
    places = list(range(len(names)))
    drawn = [one for one in series if any(value is not None for value in one.values)]
    traces = [
        {
            "type": "bar",
            "orientation": "h",
            "x": _drawn(one.values),
            "y": places,
            "name": one.name,
            "meta": {"colour": one.colour},
            "text": ["" if value is None else write(Decimal(value)) for value in one.values],
            "textposition": "outside",
            "cliponaxis": False,
            # Plotly reads markup: names are given as text.
            "customdata": [html.escape(name) for name in names],
            "hovertemplate": "%{customdata}: %{text}<extra></extra>",
            "marker": {"line": {"width": 0}},
        }
        for one in drawn
    ]
    layout = {
        **LAYOUT,
        "barmode": "overlay",
        "hovermode": "closest",
        "showlegend": len(drawn) > 1,
        "xaxis": {"fixedrange": True, "visible": False},
        "yaxis": {
            "tickvals": places,
            "ticktext": [html.escape(shortened(name)) for name in names],
            "autorange": "reversed",
            "fixedrange": True,
            "showgrid": False,
            "automargin": True,
        },
    }
    return {"data": traces, "layout": layout}


def shortened(name: str) -> str:
    """A name that fits beside a bar; of one with options, these are kept as far as possible."""
    if len(name) <= _LONGEST:
        return name
    first, plus, second = name.partition(" + ")
    if plus:
        half = (_LONGEST - len(plus)) // 2
        return _cut(first, half) + plus + _cut(second, half)
    start, dash, options = name.rpartition(" \N{EN DASH} ")
    if not dash:
        return _cut(name, _LONGEST)
    options = _cut(options, _TAIL)
    return _cut(start, _LONGEST - len(dash) - len(options)) + dash + options


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def sparkline(values: Sequence[Number | None]) -> str:
    """Points of a small line without axes, in a box of 100 by 28, for SVG's ``polyline``."""
    known = [float(value or 0) for value in values]
    if len(known) <= 1:  # a point is no line
        return ""
    low, high = min(known), max(known)
    tall = (high - low) or 1
    step = 100 / (len(known) - 1)
    return " ".join(
        f"{index * step:.1f},{26 - (value - low) / tall * 24:.1f}"
        for index, value in enumerate(known)
    )
