"""The pages for people: what they are made of, and what a browser may do with it."""

from __future__ import annotations

from importlib import metadata, resources
from typing import TYPE_CHECKING, Final

import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from ecwid_sandbox.server.pages.view import View

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from starlette.requests import Request

    from ecwid_sandbox.server.sandbox import Sandbox

# File systems take no longer ones.
_LONGEST_NAME: Final = 255
_OWN: Final = resources.files("ecwid_sandbox") / "server" / "pages" / "static"
_TYPES: Final = {
    "css": "text/css",
    "html": "text/html",
    "js": "text/javascript",
    "json": "application/json",
    "svg": "image/svg+xml",
}
_POLICY: Final = (
    "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
    "object-src 'none'"
)
# Swagger UI sets styles by itself and has its pictures in its style sheet.
_DOCS_POLICY: Final = f"{_POLICY}; style-src 'self' 'unsafe-inline'; img-src 'self' data:"
_SWAGGER_FILES: Final = frozenset({"swagger-ui.css", "swagger-ui-bundle.js"})


class Pages:
    """The routes of the pages."""

    def __init__(self, sandboxes: Sequence[Sandbox]) -> None:
        self._store_ids = [sandbox.options.store_id for sandbox in sandboxes]
        self._view = View(sandboxes)
        self._openapi = b""

    def routes(self) -> list[Route]:
        """All of them."""
        return [
            Route("/", self.page),
            Route("/docs", self.docs),
            Route("/openapi.json", self.openapi),
            Route("/_page/state", self.state),
            Route("/_page/swagger/{name}", self.swagger),
            Route("/_page/{name}", self.file),
        ]

    async def page(self, _: Request) -> Response:
        """The page itself."""
        return _answer((_OWN / "page.html").read_bytes(), "html")

    async def docs(self, _: Request) -> Response:
        """Swagger UI."""
        return _answer((_OWN / "docs.html").read_bytes(), "html", _DOCS_POLICY)

    async def openapi(self, _: Request) -> Response:
        """The API's description."""
        if not self._openapi:
            # It takes a moment, and memory: only who looks at it pays.
            from ecwid_sandbox.server.pages.openapi import openapi  # noqa: PLC0415

            self._openapi = msgspec.json.encode(openapi(self._store_ids))
        return _answer(self._openapi, "json")

    async def state(self, request: Request) -> Response:
        """What is in a shop, what goes wrong, and what was asked since."""
        try:
            asked = {name: int(text) for name, text in request.query_params.items()}
            store_id = asked.get("store", self._store_ids[0])
            told = self._view.of(store_id, asked.get("after", 0), asked.get("cleared", 0))
        except ValueError:
            raise HTTPException(400, "store, after and cleared are whole numbers") from None
        except KeyError:
            raise HTTPException(404, "There is no such store") from None
        return _answer(msgspec.json.encode(told), "json")

    async def file(self, request: Request) -> Response:
        """A file of the page."""
        name = request.path_params["name"]
        file = _OWN / name
        if len(name) > _LONGEST_NAME or not file.is_file():
            raise HTTPException(404, f"There is no file {name}")
        return _answer(file.read_bytes(), name.rpartition(".")[2])

    async def swagger(self, request: Request) -> Response:
        """A file of Swagger UI."""
        name = request.path_params["name"]
        if name not in _SWAGGER_FILES:
            raise HTTPException(404, f"There is no file {name}")
        # Found without an import of the package, which would need a web framework.
        package = metadata.distribution("flask-swagger-ui")
        return FileResponse(
            str(package.locate_file(f"flask_swagger_ui/dist/{name}")),
            headers={"Cache-Control": "max-age=3600", "X-Content-Type-Options": "nosniff"},
        )


def _answer(content: bytes, kind: str, policy: str = _POLICY) -> Response:
    headers: Mapping[str, str] = {
        "Cache-Control": "no-store" if kind == "json" else "no-cache",
        "Content-Security-Policy": policy,
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(content, headers=headers, media_type=_TYPES[kind])


def page_routes(sandboxes: Sequence[Sandbox]) -> GZipMiddleware:
    """The pages as an application."""
    return GZipMiddleware(Starlette(routes=Pages(sandboxes).routes()))
