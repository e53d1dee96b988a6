"""How a sandbox is set up."""

from __future__ import annotations

from pathlib import Path

import msgspec

from ecwid_sandbox import __version__
from ecwid_sandbox.rate_limit import Mode

DEFAULT_PORT = 8765
DEFAULT_DIRECTORY = ".ecwid-sandbox"


class Options(msgspec.Struct, kw_only=True):
    """What can be chosen when a sandbox starts.

    Attributes:
        host: Address to listen on.
        port: Port to listen on; 0 for any free one.
        store_id: The shop's number; the first one's where there are several.
        token: The access token that it accepts; the first one's where there are several.
        stores: How many shops there are, each with a token and data of its own.
        scopes: What the token may do; None for everything.
        client_id: The app that may ask for tokens by OAuth.
        client_secret: With which the app gets them.
        redirect_uris: Where the app may have people sent back to; none for any URL of this machine.
        oauth_code_ttl: Seconds within which a code has to become a token.
        without: Groups of operations that the store's plan doesn't have.
        unique_skus: Whether the shop forbids equal SKUs.
        assume: Names of what the shop does otherwise where Ecwid's ways aren't known.
        max_products: How many products the plan has; 0 for as many as the shop was made with.
        size: How large the demo shop is.
        products: How many products it has; None for as many as the size says.
        customers: The same of customers.
        orders: The same of orders.
        seed: What its chance starts from.
        now: The moment up to which it has a history, in unix seconds; None for the start.
        database: The SQLite file that keeps the shop; None for memory.
        latency: Milliseconds that every answer takes longer.
        jitter: Up to so many further milliseconds.
        rate_limit: Requests a minute and token; 0 for any number.
        rate_limit_mode: How requests are counted: in any 60 seconds (``window``), by a ``bucket``
            that fills again, or in each ``minute`` of the clock.
        rate_limit_penalty: Seconds by which a request while blocked lengthens the wait.
        index_lag: How many seconds searches are behind.
        batch_latency: Milliseconds that a request of a batch takes.
        batch_counts: Whether the requests of a batch count against the limit.
        batch_retry_interval: Seconds before a request of a batch is tried again.
        faults: A file with what is to go wrong; None for nothing.
        tls_certificate: PEM file to serve over TLS with; None for plain HTTP.
        tls_key: PEM file with its private key.
        control: Whether the routes below ``/_sandbox`` are there.
        fresh: Whether a shop that is in the database already is thrown away.
    """

    host: str = "127.0.0.1"
    port: int = DEFAULT_PORT
    store_id: int = 1003
    token: str = "secret_sandbox"  # noqa: S105 - it opens nothing but the sandbox
    stores: int = 1
    scopes: frozenset[str] | None = None
    client_id: str = "sandbox-app"
    client_secret: str = "sandbox-app-secret"  # noqa: S105 - that too
    redirect_uris: frozenset[str] = frozenset()
    oauth_code_ttl: float = 300
    without: frozenset[str] = frozenset()
    unique_skus: bool = False
    assume: frozenset[str] = frozenset()
    max_products: int = 0
    size: str = "small"
    products: int | None = None
    customers: int | None = None
    orders: int | None = None
    seed: int = 42
    now: int | None = None
    database: Path | None = None
    latency: float = 0
    jitter: float = 0
    rate_limit: int = 600
    rate_limit_mode: Mode = "window"
    rate_limit_penalty: float = 0.5
    index_lag: float = 0
    batch_latency: float = 0
    batch_counts: bool = True
    batch_retry_interval: float = 3
    faults: Path | None = None
    tls_certificate: Path | None = None
    tls_key: Path | None = None
    control: bool = False
    fresh: bool = False


_SECRETS = frozenset({"token", "client_secret"})


def told(options: Options) -> dict[str, str]:
    """The options as they are typed, by name and without the secrets: what a file may hold.

    Files are named from the root, so that they mean the same from any folder.
    """
    names = (name for name in Options.__struct_fields__ if name not in _SECRETS)
    return {name.replace("_", "-"): _typed(getattr(options, name)) for name in names}


def _typed(value: object) -> str:
    if isinstance(value, Path):
        return str(value.absolute())
    if isinstance(value, frozenset):
        return ",".join(sorted(value))
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


def each_store(options: Options) -> list[Options]:
    """The options of each shop: the number and the seed go up by one from shop to shop.

    The first keeps the token and the database; the others' have the shop's number at their end:
    ``secret_sandbox_1004``, ``shop-1004.db``.

    Raises:
        ValueError: No shop is asked for.
    """
    if options.stores < 1:
        raise ValueError(f"--stores is {options.stores}; there must be one at least")
    found = [options]
    for place in range(1, options.stores):
        number = options.store_id + place
        path = options.database
        found.append(
            msgspec.structs.replace(
                options,
                store_id=number,
                token=f"{options.token}_{number}",
                seed=options.seed + place,
                database=path and path.with_stem(f"{path.stem}-{number}"),
            )
        )
    return found


SERVER_NAME = f"ecwid-sandbox/{__version__}"
