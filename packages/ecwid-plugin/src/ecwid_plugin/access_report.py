"""The result of ``check``, as a table for people or as JSON."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any, Final

from ecwid_plugin.access import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ecwid_plugin.access import Coverage, StoreAccess

_WIDTH: Final = 100


def as_json(access: StoreAccess) -> dict[str, Any]:
    """The result for programs.

    Args:
        access: What a token may do in its store.

    Returns:
        ``store_id``, ``store_name``, ``plan``, ``scopes`` (null if Ecwid doesn't report them),
        ``ok``, ``missing_scopes``, and ``streams``: each with ``stream``, ``scopes``,
        ``missing``, ``verdict`` (yes, missing, unavailable, unknown) and ``note``.
    """
    return {
        "store_id": access.store_id,
        "ok": access.suffices,
        "store_name": access.name,
        "plan": access.plan,
        "scopes": None if access.scopes is None else list(access.scopes),
        "missing_scopes": missing_scopes(access),
        "streams": [
            {
                "stream": one.stream,
                "scopes": list(one.scopes),
                "missing": list(one.missing),
                "verdict": one.verdict.value,
                "note": one.note,
            }
            for one in access.streams
        ],
    }


def missing_scopes(access: StoreAccess) -> list[str]:
    """All scopes that the token lacks, in alphabetical order."""
    return sorted({scope for one in access.streams for scope in one.missing})


def as_text(access: StoreAccess) -> str:
    """The result for people."""
    name = _plain(access.name) if access.name else "(no name)"
    plan = (
        _plain(access.plan)
        if access.plan
        else "not known (needs the scope read_store_profile_extended)"
    )
    scopes = "not reported by Ecwid" if access.scopes is None else ", ".join(access.scopes)
    lines = [
        f"store    {access.store_id}  {name}",
        f"plan     {plan}",
        "token    accepted",
        *textwrap.wrap(
            f"scopes   {scopes}",
            _WIDTH,
            subsequent_indent=" " * len("scopes   "),
            break_long_words=False,
            break_on_hyphens=False,
        ),
    ]
    if access.streams:
        rows = [("stream", "can be used", "scopes it needs"), *map(_row, access.streams)]
        lines += ["", *_table(rows)]
    missing = missing_scopes(access)
    if missing:
        lines += [
            "",
            f"Missing: {', '.join(missing)}. Grant them to the app, or leave these streams out.",
        ]
    return "\n".join(lines) + "\n"


def _row(one: Coverage) -> tuple[str, str, str]:
    words = {
        Verdict.YES: "yes",
        Verdict.MISSING: "NO, scope missing",
        Verdict.UNAVAILABLE: "NO, not in the plan",
        Verdict.UNKNOWN: "not known",
    }
    scopes = ", ".join(
        f"{scope} (missing)" if scope in one.missing else scope for scope in one.scopes
    )
    return one.stream, words[one.verdict], "; ".join(filter(None, (scopes, one.note)))


def _table(rows: Sequence[tuple[str, str, str]]) -> Iterator[str]:
    first, second = (max(len(row[column]) for row in rows) for column in (0, 1))
    for left, middle, right in rows:
        yield f"{left:{first}}  {middle:{second}}  {right}".rstrip()


def _plain(text: str) -> str:
    """A shop's own text, without characters that move the terminal's cursor."""
    return "".join(letter if letter.isprintable() else " " for letter in text)
