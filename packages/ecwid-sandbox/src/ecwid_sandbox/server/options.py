"""How a sandbox is set up."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

import msgspec

from ecwid_sandbox import __version__
from ecwid_sandbox.server.rate_limit import Mode

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT_DIRECTORY: Final = ".ecwid-sandbox"
SERVER_NAME: Final = f"ecwid-sandbox/{__version__}"
COUNTS: Final = ("products", "customers", "orders")
"""What can be counted otherwise than the size says."""

Retries: TypeAlias = Literal["day", "hour"]
"""How long a webhook is posted again that isn't taken."""

_SECRETS: Final = frozenset({"token", "client_secret"})


class Options(msgspec.Struct, kw_only=True):
    """What can be chosen when a sandbox starts; ``ABOUT`` says what each option means."""

    host: str = "127.0.0.1"
    port: int = 8765
    store_id: int = 1003
    token: str = "secret_sandbox"  # noqa: S105 - it opens nothing but the sandbox
    stores: int = 1
    scopes: frozenset[str] | None = None
    client_id: str = "sandbox-app"
    client_secret: str = "sandbox-app-secret"  # noqa: S105 - that too
    redirect_uris: frozenset[str] = frozenset()
    oauth_code_ttl: float = 300
    without: frozenset[str] = frozenset()
    assume: frozenset[str] = frozenset()
    unique_skus: bool = False
    max_products: int = 0
    size: str = "small"
    products: int | None = None
    customers: int | None = None
    orders: int | None = None
    seed: int = 42
    now: int | None = None
    database: Path | None = None
    fresh: bool = False
    latency: float = 0
    jitter: float = 0
    rate_limit: int = 600
    rate_limit_mode: Mode = "window"
    rate_limit_penalty: float = 0.5
    index_lag: float = 0
    batch_latency: float = 0
    batch_counts: bool = True
    batch_retry_interval: float = 3
    fetch_files: bool = True
    fetch_private: bool = False
    faults: Path | None = None
    webhook_url: str | None = None
    webhook_retries: Retries = "day"
    webhook_loss: float = 0
    webhook_doubles: float = 0
    webhook_delay: float = 0
    tls_certificate: Path | None = None
    tls_key: Path | None = None
    control: bool = False


ABOUT: Final[Mapping[str, str]] = {
    "host": "address to listen on",
    "port": "port to listen on, 0 for any free one",
    "store_id": "the shop's number; the first one's where there are several",
    "token": "the access token; better given by the variable",
    "stores": "how many shops there are, each with a number, a token and data of its own",
    "scopes": "what the token may do, separated by commas; default all",
    "client_id": "the app that may ask for tokens by OAuth",
    "client_secret": "its secret; better given by the variable",
    "redirect_uris": "where it may send people back to; default this machine",
    "oauth_code_ttl": "seconds within which a code has to become a token",
    "without": "groups of operations that the store's plan doesn't have",
    "assume": "what to do differently where Ecwid's behaviour isn't known",
    "unique_skus": "forbid equal SKUs",
    "max_products": "how many products the plan has, 0 for 100,000",
    "size": "tiny, small, medium, large, empty, 2.5x, or a number of products",
    "products": "how many products; default as many as the size says",
    "customers": "how many customers; default as many as the size says",
    "orders": "how many orders; default as many as the size says",
    "seed": "the same seed gives the same shop",
    "now": "the moment up to which the shop has a history",
    "database": "SQLite file that keeps the shop",
    "fresh": "replace a shop that is there already",
    "latency": "milliseconds that every answer takes longer",
    "jitter": "up to so many further milliseconds",
    "rate_limit": "requests a minute and token, 0 for any number",
    "rate_limit_mode": "how they are counted: window, bucket, minute",
    "rate_limit_penalty": "seconds that a request while blocked adds to the wait",
    "index_lag": "seconds that searches are behind writes",
    "batch_latency": "milliseconds that a request of a batch takes",
    "batch_counts": "whether requests of batches count against the limit: true or false",
    "batch_retry_interval": "seconds before a failed request of a batch is tried again",
    "fetch_files": "whether addresses of pictures and files are fetched: true or false",
    "fetch_private": "whether addresses in private networks are fetched too: true or false",
    "faults": "file with what is to go wrong, YAML or JSON",
    "webhook_url": "where to post signed webhooks; default nowhere",
    "webhook_retries": "how long to post again what isn't taken: day or hour",
    "webhook_loss": "share of webhooks that never arrive, from 0 to 1",
    "webhook_doubles": "share of webhooks that are posted twice, from 0 to 1",
    "webhook_delay": "milliseconds up to which each is late, so that the order changes",
    "tls_certificate": "PEM file to serve over TLS with",
    "tls_key": "PEM file with its private key",
    "control": "switch on the control routes below /_sandbox",
}
"""By option: what it means, in the words of the command line."""


def typed(options: Options) -> dict[str, str]:
    """The options as they are typed, by name and without the secrets: what a file may hold.

    Files are named from the root, so that they mean the same from any folder.
    """
    names = (name for name in Options.__struct_fields__ if name not in _SECRETS)
    return {name.replace("_", "-"): _text(getattr(options, name)) for name in names}


def _text(value: object) -> str:
    if isinstance(value, Path):
        return str(value.absolute())
    if isinstance(value, frozenset):
        return ",".join(sorted(value))
    if isinstance(value, float):
        return f"{value:.15g}"
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
        raise ValueError(f"--stores is {options.stores}; there must be at least one")
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
