"""Shares of amounts are exact to the ten thousandth, halves included."""

from __future__ import annotations

import random
from decimal import ROUND_HALF_UP, Decimal, localcontext
from pathlib import Path

import duckdb
import jinja2

MACROS = Path(__file__).parents[2] / "transform" / "macros"


def rendered(call):
    """SQL that a macro gives, without dbt."""
    files = [(MACROS / name).read_text() for name in ("dialects.sql", "marts.sql")]
    environment = jinja2.Environment(extensions=["jinja2.ext.do"], autoescape=False)  # noqa: S701 - SQL
    return environment.from_string("".join((*files, f"{{{{ {call} }}}}"))).render()


def exact(amount, part, whole):
    with localcontext(prec=80):
        if not whole:
            return None
        return (amount * part / whole).quantize(Decimal("0.0001"), ROUND_HALF_UP)


def test_a_proportion_is_what_decimals_give():
    rng = random.Random(7)
    wholes = ["0", "8", "-16", "32", "160", "3", "79.43", "0.25", "99999999.9999"]
    rows = [
        (Decimal("132.45"), Decimal("16.5"), Decimal(132)),
        *(
            tuple(
                Decimal(one)
                for one in (
                    str(rng.randrange(-(10**10), 10**10) / 10 ** rng.choice((2, 4))),
                    str(rng.randrange(-(10**6), 10**6) / 10 ** rng.choice((2, 4))),
                    rng.choice(wholes),
                )
            )
            for _ in range(2000)
        ),
    ]
    values = ", ".join(f"({a}, {p}, {w})" for a, p, w in rows)

    def computed(by):
        return duckdb.execute(f"""
            select {rendered(f"{by}('amount', 'part', 'whole')")}
            from (select a::decimal(18, 4), p::decimal(38, 4), w::decimal(38, 4)
                from (values {values}) as given (a, p, w)) as given (amount, part, whole)
        """).fetchall()

    expected = [(exact(*row),) for row in rows]
    assert computed("duckdb__proportion") == expected
    # Among them are halves that floats get wrong.
    assert computed("default__proportion") != expected
