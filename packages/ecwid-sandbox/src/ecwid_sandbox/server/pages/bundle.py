"""The whole description as one OpenAPI document, for tools that want a single file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ecwid_api import description

if TYPE_CHECKING:
    from ecwid_api.description import JSONObject

_KINDS = ("schemas", "parameters", "responses", "securitySchemes")


def _internal(node: Any) -> Any:  # noqa: ANN401 - any JSON
    """The node with references into other files turned into references into this one."""
    if isinstance(node, dict):
        return {
            key: f"#{value.partition('#')[2]}" if key == "$ref" else _internal(value)
            for key, value in node.items()
        }
    if isinstance(node, list):
        return [_internal(inner) for inner in node]
    return node


def bundle() -> JSONObject:
    """All groups in one document, its references all internal.

    Operations on another host than the API's (static pages) keep their server.
    """
    common = description.document("common")
    paths: JSONObject = {}
    components: JSONObject = {kind: {} for kind in _KINDS}
    tags = []
    servers = None
    for group in (*description.groups(), "common"):
        document = description.document(group)
        for kind in _KINDS:
            for name, component in document["components"].get(kind, {}).items():
                if not component.get("$ref", "#").startswith("common.json"):
                    components[kind][name] = _internal(component)
        tags += document.get("tags", [])
        own_server = group == "static_pages"
        servers = servers or (None if own_server else document["servers"])
        for path, item in document["paths"].items():
            target = paths.setdefault(path, {})
            target |= _internal(item)
            if own_server:
                target["servers"] = document["servers"]
    return {
        "openapi": common["openapi"],
        "info": {"title": "Ecwid REST API", "version": common["info"]["version"]},
        "servers": servers or common["servers"],
        "tags": tags,
        "paths": paths,
        "components": components,
    }
