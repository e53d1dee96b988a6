"""A sandbox within a test.

with running_sandbox(size="tiny") as sandbox:
    httpx2.get(f"{sandbox.store_url}/products", headers=sandbox.headers)
"""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from ecwid_sandbox.opening import open_sandboxes
from ecwid_sandbox.server.certificates import local_certificate
from ecwid_sandbox.server.control import Settings, apply_settings
from ecwid_sandbox.server.faults import Fault
from ecwid_sandbox.server.options import Options
from ecwid_sandbox.server.serving import BackgroundServer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ecwid_sandbox.server.clock import Clock
    from ecwid_sandbox.server.faults import Faults
    from ecwid_sandbox.server.request_log import LoggedRequest
    from ecwid_sandbox.server.sandbox import Sandbox
    from ecwid_sandbox.server.shop.shop import Shop
    from ecwid_sandbox.server.webhooks import Webhooks

__all__ = ["Fault", "RunningSandbox", "running_sandbox"]


class RunningSandbox:
    """A sandbox that answers on a port of this machine.

    Attributes:
        sandbox: The sandbox itself.
        url: The API's address (a client's ``api_url``).
        control_url: The address of the control routes.
        ca: PEM file with the certificate that clients have to trust; None without TLS.
        stores: The shops of the server in the order of their numbers, this one among them.
    """

    def __init__(self, sandbox: Sandbox, url: str, ca: Path | None = None) -> None:
        self.sandbox = sandbox
        self.url = url
        self.ca = ca
        self.control_url = f"{url.removesuffix('/api/v3')}/_sandbox/{self.store_id}"
        self.stores = [self]

    @property
    def store_id(self) -> int:
        """The store's number."""
        return self.sandbox.options.store_id

    @property
    def token(self) -> str:
        """The token that it accepts."""
        return self.sandbox.options.token

    @property
    def store_url(self) -> str:
        """The address under which the store's resources are."""
        return f"{self.url}/{self.store_id}"

    @property
    def authorize_url(self) -> str:
        """Where somebody is asked whether an app may do something (OAuth)."""
        return f"{self.url.removesuffix('/v3')}/oauth/authorize"

    @property
    def token_url(self) -> str:
        """Where an app gets a token for a code (OAuth)."""
        return f"{self.url.removesuffix('/v3')}/oauth/token"

    @property
    def headers(self) -> dict[str, str]:
        """The headers that a request needs."""
        return {"Authorization": f"Bearer {self.token}"}

    @property
    def shop(self) -> Shop:
        """The shop, to be read and changed directly."""
        return self.sandbox.shop

    @property
    def clock(self) -> Clock:
        """Its clock: ``advance``, ``set``, ``stop``."""
        return self.sandbox.clock

    @property
    def faults(self) -> Faults:
        """What goes wrong: ``add(Fault(…))``, ``clear()``."""
        return self.sandbox.faults

    @property
    def webhooks(self) -> Webhooks:
        """What it posts to an app: ``sent()``, ``waiting``, ``send(TestEvent(…))``."""
        return self.sandbox.webhooks

    @property
    def requests(self) -> list[LoggedRequest]:
        """What was asked of the API, oldest first."""
        return self.sandbox.requests.all()

    def reset(self) -> None:
        """Have the shop again that was made at first; nothing is asked, nothing goes wrong."""
        self.sandbox.reset()

    def reset_requests(self) -> None:
        """Forget what was asked."""
        self.sandbox.requests.clear()

    def set(self, **settings: Any) -> None:  # noqa: ANN401 - checked by Settings
        """Change what ``Settings`` has: ``latency``, ``rate_limit``, ``without`` and others.

        Only what is given changes.
        """
        apply_settings(self.sandbox, Settings(**settings))

    def activity(self, count: int) -> list[dict[str, Any]]:
        """Let something happen in the shop; what it was."""
        return self.sandbox.contents.happen(self.shop, count)


@contextmanager
def running_sandbox(
    *,
    size: str = "small",
    seed: int = 42,
    rate_limit: int = 0,
    scopes: set[str] | frozenset[str] | None = None,
    clock: Clock | None = None,
    batch_retry_interval: float = 0.005,
    tls: bool = False,
    **options: Any,  # noqa: ANN401 - checked by Options
) -> Iterator[RunningSandbox]:
    """A sandbox on a free port, in a thread of this process, as long as the block runs.

    There is no rate limit unless one is given, and the control routes are on. Failed requests of
    batches are tried again at once, not after 3 seconds. With ``stores=3`` the server has three
    shops; the first one is yielded, and ``stores`` has them all.

    Args:
        size: ``empty``, ``tiny``, ``small``, ``medium``, ``large``, a factor such as ``2.5x``, or
            a number of products.
        seed: The same seed, the same shop.
        rate_limit: Requests a minute.
        scopes: What the token may do; None for everything.
        clock: A time of its own.
        batch_retry_interval: Seconds before a failed request of a batch is tried again.
        tls: Whether it serves over TLS; clients then have to trust the file ``ca``.
        options: Any other field of ``Options``, such as ``without``.
    """
    granted = None if scopes is None else frozenset(scopes)
    chosen: dict[str, Any] = {"port": 0, "control": True, **options}
    with ExitStack() as opened:
        ca = None
        if tls:
            folder = Path(opened.enter_context(TemporaryDirectory()))
            made = local_certificate(folder, chosen.get("host", "127.0.0.1"))
            ca = made.ca
            chosen |= {"tls_certificate": made.chain, "tls_key": made.key}
        sandboxes = open_sandboxes(
            Options(
                size=size,
                seed=seed,
                rate_limit=rate_limit,
                scopes=granted,
                batch_retry_interval=batch_retry_interval,
                **chosen,
            ),
            clock,
        )
        for sandbox in sandboxes:
            opened.callback(sandbox.close)
        server = BackgroundServer(sandboxes)
        opened.callback(server.stop)
        server.start()
        running = [RunningSandbox(sandbox, server.url, ca) for sandbox in sandboxes]
        for one in running:
            one.stores = running
        yield running[0]
