"""What the warehouse says: a few answers a merchant cares about, as tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import duckdb
from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from rich.console import Console


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question with its query.

    Attributes:
        title: The question, as a table's title.
        columns: Titles of the columns.
        query: SQL over the marts; one column for each title.
    """

    title: str
    columns: Sequence[str]
    query: str


_LOADED: Final = ("stream", "moved by this run", "records now")

_STAGED: Final = """
    select replace(table_name, 'stg_ecwid__', ''), table_name from duckdb_tables()
    where schema_name = 'staging' and starts_with(table_name, 'stg_ecwid__') order by table_name
"""

_MOVED: Final = """
    select regexp_extract(parse_filename(filename), '^(.*)-[0-9T]+', 1) as stream, count(*)
    from read_ndjson_objects($raw, filename = true)
    where regexp_extract(filename, '-([0-9T]+)', 1) >= $since
    group by stream
"""

_READ_WHOLE: Final = (
    "Streams that Ecwid can't filter by time of change move if anything is different."
)

ANSWERS: Final = (
    Question(
        title="Sales by month (the last twelve)",
        columns=("month", "orders", "net sales", "refunded", "by returning customers"),
        query="""
            select strftime(day, '%Y-%m') as month, sum(orders), sum(net_sales), sum(refunded),
                sum(orders_of_returning_customers) / nullif(sum(orders), 0)
            from marts.daily_sales group by month order by month desc limit 12
        """,
    ),
    Question(
        title="Best sellers (the last 365 days)",
        columns=("product", "units", "sales", "rating", "in stock"),
        query="""
            select product_name, sum(lines.quantity) as units, sum(line_total), any_value(rating),
                case when any_value(products.is_unlimited) then 'always'
                    else coalesce(any_value(products.quantity)::varchar, 'gone') end
            from marts.order_lines as lines left join marts.products as products using (product_id)
            where is_sale
                and order_date > (select max(order_date) from marts.orders) - interval 365 day
            group by product_name order by sum(line_total) desc, product_name limit 8
        """,
    ),
    Question(
        title="Returning customers (all time)",
        columns=("customers who bought", "customers", "orders", "net sales", "share of sales"),
        # Buyers are customers and guests, also customers who were deleted.
        query="""
            with buyers as (
                select count(*) as orders, sum(net_sales) as net_sales
                from marts.orders where is_sale
                group by buyer_key
            )
            select case when orders = 1 then 'once' when orders = 2 then 'twice'
                    else 'three times and more' end as bought,
                count(*), sum(orders), sum(net_sales),
                sum(net_sales) / sum(sum(net_sales)) over ()
            from buyers
            group by bought order by min(orders)
        """,
    ),
)


def _text(column: str, value: Any) -> str:  # noqa: ANN401 - whatever DuckDB gives
    if value is None:
        return "-"
    if column.startswith(("share", "by returning")):
        return f"{value:.0%}"
    if column in {"net sales", "refunded", "sales"}:
        return f"{value:,.2f}"
    if column == "rating":
        return f"{value:.1f}"
    return value if isinstance(value, str) else f"{value:,.0f}"


def _table(title: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold")
    for place, column in enumerate(columns):
        table.add_column(column, justify="left" if place == 0 else "right")
    for row in rows:
        table.add_row(*(_text(*pair) for pair in zip(columns, row, strict=True)))
    return table


def _loaded(
    connection: duckdb.DuckDBPyConnection, raw: Path, since: str
) -> Sequence[Sequence[Any]]:
    """Of each stream: its name, how many records this run moved, and how many there are."""
    values = {"raw": str(raw / "*.jsonl.zst"), "since": since}
    moved = dict(connection.execute(_MOVED, values).fetchall())
    # What is made of another stream's records has no file of its own.
    files = {path.name.partition("-")[0] for path in raw.glob("*.jsonl.zst")}
    staged = connection.execute(_STAGED).fetchall()
    counts = {
        stream: connection.execute(f"select count(*) from staging.{table}").fetchone()  # noqa: S608 - named by dbt
        for stream, table in staged
    }
    return [
        (stream, moved.get(stream, 0) if stream in files else None, *(count or ()))
        for stream, count in counts.items()
    ]


def show(warehouse: Path, raw: Path, since: str, console: Console) -> None:
    """Print the tables.

    Args:
        warehouse: The DuckDB file.
        raw: Folder of the raw layer.
        since: When this run began, in the form of the raw files' names.
        console: Where to.
    """
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        shop = connection.execute(
            "select store_name, currency from staging.stg_ecwid__store_profile"
        ).fetchone()
        name, currency = shop or ("the shop", "")
        console.print()
        console.print(_table("What is in the warehouse", _LOADED, _loaded(connection, raw, since)))
        console.print(_READ_WHOLE, style="dim")
        console.print()
        for question in ANSWERS:
            rows = connection.execute(question.query).fetchall()
            console.print(_table(question.title, question.columns, rows))
            console.print()
        console.print(f"{name}; amounts in {currency}.", style="dim")
