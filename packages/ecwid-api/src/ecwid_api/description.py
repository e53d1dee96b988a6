"""The OpenAPI description of the Ecwid REST API, loaded when it is asked for.

One JSON file a resource group stands in the folder ``description`` beside this module; each
is a complete OpenAPI 3.1 document, and ``common.json`` holds what they share. Nothing is read at
import: a command pays only for the groups that it uses.

Extensions in the files:

* ``x-ecwid-answer`` on an operation: ``page`` (total, count, offset, limit, items), ``list``,
  ``object``, ``status`` (what a write answers) or ``binary``.
* ``x-ecwid-items`` on an operation that answers a list: the key that holds it; absent where the
  answer is a bare array.
* ``x-ecwid-entity`` on an operation: the component schema of an item or of the object.
* ``x-ecwid-adds: true`` on an operation: it adds to what is there, so that sending it twice does
  more than sending it once, whatever its method.
* ``x-ecwid-scopes-known: false``: no source names the scopes.
* ``x-ecwid-conflict`` on a field: the sources disagree on its type; what they say.
"""

from __future__ import annotations

import functools
from importlib import resources
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

JSONObject: TypeAlias = dict[str, Any]
Method: TypeAlias = Literal["GET", "POST", "PUT", "DELETE"]
Answer: TypeAlias = Literal["page", "list", "object", "status", "binary"]

PAGE_LIMIT: Final = 100
"""The most items a page can have (every list operation's documented maximum)."""

_METHODS: Final[Mapping[str, Method]] = {
    "get": "GET",
    "post": "POST",
    "put": "PUT",
    "delete": "DELETE",
}
_IDEMPOTENT: Final[frozenset[Method]] = frozenset({"GET", "PUT", "DELETE"})
_BYTES: Final = "application/octet-stream"
_FILES: Final = resources.files("ecwid_api") / "description"


class Parameter(msgspec.Struct, frozen=True, kw_only=True):
    """A path or query parameter.

    Attributes:
        name: As it stands in the path template or the query.
        location: ``path`` or ``query``.
        required: Whether Ecwid refuses the request without it.
        schema: Its JSON schema.
        description: Its meaning.
    """

    name: str
    location: Literal["path", "query"]
    required: bool
    schema: JSONObject
    description: str


class Operation(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """One operation: a method on a path.

    Attributes:
        id: The operation id, such as ``searchProducts``.
        group: The description file that holds it.
        method: In upper case.
        path: Template below the store's base URL, such as ``/products/{productId}``.
        scopes: Scopes that the token needs, all of them.
        scopes_known: False where no source names the scopes.
        parameters: Path and query parameters.
        answer: What kind of answer comes back.
        items_key: The key of the answer that holds the items; None where the answer is a bare
            array or no list at all.
        entity: Component schema of an item, or of the object; None where there is none.
        body: JSON schema of the request body, references unresolved; None without one.
        body_content_type: ``application/json``, ``application/octet-stream``, or None.
        summary: A line of what it does.
        adds: Whether it adds to what is there, as a stock adjustment does.
    """

    id: str
    group: str
    method: Method
    path: str
    scopes: tuple[str, ...]
    scopes_known: bool
    parameters: tuple[Parameter, ...]
    answer: Answer
    items_key: str | None
    entity: str | None
    body: JSONObject | None
    body_content_type: str | None
    summary: str
    adds: bool = False

    @functools.cached_property
    def query_names(self) -> frozenset[str]:
        """Names of the query parameters."""
        return frozenset(p.name for p in self.parameters if p.location == "query")

    @functools.cached_property
    def path_names(self) -> tuple[str, ...]:
        """Names of the path's parameters, in their order."""
        return tuple(p.name for p in self.parameters if p.location == "path")

    def path_of(self, values: Iterable[object]) -> dict[str, object]:
        """Values for the path's parameters, given in the path's order; the rest is ignored."""
        return dict(zip(self.path_names, values, strict=False))

    @property
    def idempotent(self) -> bool:
        """Whether sending it twice does no more than sending it once."""
        return self.method in _IDEMPOTENT and not self.adds

    @property
    def takes_file(self) -> bool:
        """Whether its body is the bytes of a file."""
        return self.body_content_type == _BYTES

    @functools.cached_property
    def _body(self) -> JSONObject:
        return expand(self.body or {}, self.group)

    @property
    def _object(self) -> JSONObject:
        """The schema of the body, or of one of the objects that it lists."""
        found: JSONObject = self._body.get("items", {}) if self.takes_list else self._body
        return found

    @property
    def takes_list(self) -> bool:
        """Whether its body is a list of what could be one object."""
        return bool(self._body.get("type") == "array")

    @functools.cached_property
    def body_fields(self) -> Mapping[str, JSONObject]:
        """JSON schemas of the body's fields by name; empty where the body has no such fields."""
        found: Mapping[str, JSONObject] = self._object.get("properties", {})
        return found

    @functools.cached_property
    def writable_fields(self) -> frozenset[str]:
        """Names of the body's fields that aren't read-only."""
        return frozenset(n for n, schema in self.body_fields.items() if not schema.get("readOnly"))

    @property
    def required_fields(self) -> frozenset[str]:
        """Names of the fields that the body must have."""
        return frozenset(self._object.get("required", ()))


def groups() -> tuple[str, ...]:
    """Names of the resource groups, in alphabetical order."""
    names = (entry.name.removesuffix(".json") for entry in _FILES.iterdir())
    return tuple(sorted(name for name in names if name != "common"))


@functools.cache
def document(group: str) -> JSONObject:
    """The OpenAPI document of a group (or ``common``), references unresolved. Do not change it.

    Raises:
        KeyError: No group has that name.
    """
    try:
        content = (_FILES / f"{group}.json").read_bytes()
    except FileNotFoundError:
        raise KeyError(group) from None
    decoded: JSONObject = msgspec.json.decode(content)
    return decoded


def resolve(reference: str, group: str) -> tuple[JSONObject, str]:
    """What a ``$ref`` points to, and the group of the file in which it stands.

    Args:
        reference: ``#/…`` or ``file.json#/…``.
        group: Group of the document that holds the reference.

    Raises:
        KeyError: It points to nothing.
    """
    file, _, pointer = reference.partition("#")
    target = file.removesuffix(".json") if file else group
    node: Any = document(target)
    for part in pointer.lstrip("/").split("/"):
        node = node[part.replace("~1", "/").replace("~0", "~")]
    return node, target


def _parameter(node: JSONObject, group: str) -> Parameter:
    if "$ref" in node:
        node, group = resolve(node["$ref"], group)
    return Parameter(
        name=node["name"],
        location=node["in"],
        required=node.get("required", False),
        schema=node.get("schema", {}),
        description=node.get("description", ""),
    )


@functools.cache
def operations_of(group: str) -> Mapping[str, Operation]:
    """The operations of a group by id."""
    found: dict[str, Operation] = {}
    for path, item in document(group)["paths"].items():
        for key, method in _METHODS.items():
            node = item.get(key)
            if node is None:
                continue
            shared = item.get("parameters", [])
            content: JSONObject = node.get("requestBody", {}).get("content", {})
            content_type = next(iter(content), None)
            found[node["operationId"]] = Operation(
                id=node["operationId"],
                group=group,
                method=method,
                path=path,
                scopes=tuple(scope for need in node.get("security", []) for scope in need["oauth"]),
                scopes_known=node.get("x-ecwid-scopes-known", True),
                parameters=tuple(
                    _parameter(entry, group) for entry in [*shared, *node.get("parameters", [])]
                ),
                answer=node["x-ecwid-answer"],
                items_key=node.get("x-ecwid-items"),
                entity=node.get("x-ecwid-entity"),
                body=content[content_type].get("schema") if content_type else None,
                body_content_type=content_type,
                summary=node.get("summary", ""),
                adds=node.get("x-ecwid-adds", False),
            )
    return found


def operations() -> Iterator[Operation]:
    """Every operation of the API, group by group."""
    for group in groups():
        yield from operations_of(group).values()


def operation(operation_id: str, group: str | None = None) -> Operation:
    """An operation by id.

    Args:
        operation_id: Such as ``searchProducts``.
        group: Where it stands, when the caller knows: only that file is read.

    Raises:
        KeyError: There is none.
    """
    for name in (group,) if group else groups():
        found = operations_of(name).get(operation_id)
        if found is not None:
            return found
    raise KeyError(operation_id)


def expand(schema: JSONObject, group: str) -> JSONObject:
    """A copy of a schema with every reference replaced by what it points to.

    Words beside a ``$ref`` (a description, ``readOnly``) win over the target's.
    """
    if "$ref" in schema:
        target, home = resolve(schema["$ref"], group)
        beside = {key: value for key, value in schema.items() if key != "$ref"}
        return {**expand(target, home), **beside}
    expanded: JSONObject = dict(schema)
    if "properties" in schema:
        expanded["properties"] = {
            name: expand(child, group) for name, child in schema["properties"].items()
        }
    for keyword in ("items", "additionalProperties"):
        if isinstance(schema.get(keyword), dict):
            expanded[keyword] = expand(schema[keyword], group)
    for keyword in ("oneOf", "anyOf", "allOf"):
        if keyword in schema:
            expanded[keyword] = [expand(child, group) for child in schema[keyword]]
    return expanded


@functools.cache
def entity_schema(entity: str, group: str) -> JSONObject:
    """The JSON schema of an entity, references resolved. Do not change it.

    Args:
        entity: Component name, such as ``product``.
        group: The file that holds it.

    Raises:
        KeyError: There is none.
    """
    return expand(document(group)["components"]["schemas"][entity], group)
