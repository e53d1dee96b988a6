"""The API's description as one OpenAPI document whose server is this sandbox."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ecwid_sandbox.server.pages.bundle import bundle

if TYPE_CHECKING:
    from collections.abc import Sequence

_METHODS: Final = ("get", "post", "put", "delete")


def openapi(store_ids: Sequence[int]) -> dict[str, Any]:
    """The document; the first store is meant unless another one is chosen.

    What is on another host, and therefore not in the sandbox, is left out. The token is asked for
    as it is, since nobody has to log in here, and each description says its scopes.
    """
    whole = bundle()
    paths = {path: item for path, item in whole["paths"].items() if "servers" not in item}
    used = set()
    for item in paths.values():
        for method in _METHODS:
            if method in item:
                item[method] = operation = _with_token(item[method])
                used.update(operation.get("tags", ()))
    numbers = [str(number) for number in store_ids]
    return whole | {
        "info": {
            **whole["info"],
            "title": "Ecwid REST API, in the sandbox",
            "description": (
                "Press “Authorize” and enter the sandbox's access token; then every operation can "
                "be tried out. The shop is made up: nothing here reaches Ecwid."
            ),
        },
        "servers": [
            {
                "url": "/api/v3/{storeId}",
                "variables": {
                    "storeId": {
                        "default": numbers[0],
                        "enum": numbers,
                        "description": "The number of the store.",
                    }
                },
            }
        ],
        "tags": [tag for tag in whole["tags"] if tag["name"] in used],
        "paths": paths,
        "components": {
            **whole["components"],
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "The access token: `secret_sandbox` unless another was chosen.",
                }
            },
        },
    }


def _with_token(operation: dict[str, Any]) -> dict[str, Any]:
    scopes = [scope for need in operation.get("security", ()) for scope in need["oauth"]]
    told = f"\n\nScopes: {', '.join(f'`{scope}`' for scope in scopes)}." if scopes else ""
    return operation | {
        "security": [{"token": scopes}],
        "description": operation.get("description", "") + told,
    }
