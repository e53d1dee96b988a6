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


LOADED: Final = Question(
    title="What is in the warehouse",
    columns=("stream", "moved by this run", "records now"),
    query="""
        with streams as (
            select replace(table_name, 'stg_ecwid__', '') as stream, estimated_size as records
            from duckdb_tables() where schema_name = 'staging'
        ),
        lines as (
            select regexp_extract(parse_filename(filename), '^(.*)-[0-9T]+', 1) as stream
            from read_ndjson_objects($raw, filename = true, ignore_errors = true)
            where regexp_extract(filename, '-([0-9T]+)', 1) >= $since
        )
        -- What is made of another stream's records has no file of its own.
        select stream, (select count(*) from lines where lines.stream = streams.stream), records
        from streams
        where stream in (
            select regexp_extract(parse_filename(file), '^(.*)-[0-9T]+', 1) from glob($raw)
        )
        order by stream
    """,
)

_READ_WHOLE: Final = (
    "Streams that Ecwid can't filter by time of change are read whole: they may move each time."
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


def _table(question: Question, rows: Sequence[Sequence[Any]]) -> Table:
    table = Table(title=question.title, title_justify="left", title_style="bold")
    for place, column in enumerate(question.columns):
        table.add_column(column, justify="left" if place == 0 else "right")
    for row in rows:
        pairs = zip(question.columns, row, strict=True)
        table.add_row(*(_text(column, value) for column, value in pairs))
    return table


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
        for question in (LOADED, *ANSWERS):
            values = {"raw": str(raw / "*.jsonl"), "since": since} if question is LOADED else None
            rows = connection.execute(question.query, values).fetchall()
            console.print(_table(question, rows))
            if question is LOADED:
                console.print(_READ_WHOLE, style="dim")
            console.print()
        console.print(f"{name}; amounts in {currency}.", style="dim")
