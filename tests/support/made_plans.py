"""Plans by hand: changes as the planners make them, in a file."""

from __future__ import annotations

import time

from ecwid_api.entities import ENTITIES
from target_ecwid.change.changes import Call, Kind, Rejected, Write
from target_ecwid.plan.plan_file import Count, Header, PlanFile, PlanWriter

ID = "0123abcd"


def write(kind, entity="products", *, sequence=1, keys=None, before=None, after=None, **given):
    """A change of an object."""
    known = ENTITIES[entity].operations
    operation = {
        Kind.CREATED: known.create,
        Kind.UPDATED: known.update,
        Kind.DELETED: known.delete,
    }[Kind(kind)]
    call = given.pop("call", None) or Call(
        operation=operation.id,
        group=operation.group,
        path=operation.path_of(keys or ()),
        body=after,
    )
    about = {"stream": entity, "entity": entity, "sequence": sequence, "keys": keys}
    about |= {"key": {"sku": f"SKU-{sequence}"}, "before": before or {}, "after": after or {}}
    return Write(kind=Kind(kind), call=call, **{**about, **given})


def update(before, after, entity="products", **given):
    """A change of fields."""
    return write("updated", entity, before=before, after=after, **{"keys": (17,), **given})


def create(after, entity="products", **given):
    """A new object."""
    return write("created", entity, after=after, **given)


def rejected(message, **given):
    """A record that can't be written."""
    about = {"stream": "products", "entity": "products", "sequence": 1, "key": {"sku": "SKU-1"}}
    return Rejected(reason="wrong value", message=message, **{**about, **given})


def plan_of(path, *changes, objects=None, streams=None, **header):
    """A plan with some changes."""
    now = time.time()
    about = {"store_id": 1003, "api_url": "http://localhost", "source": "tap-csv", "id": ID}
    about |= {"kind": "records", "made_at": now, "expires_at": now + 86_400, "made_by": "tests"}
    writer = PlanWriter(path, Header(**{**about, **header}))
    for change in changes:
        writer.add(change)
    if streams is None:
        streams = {"products": Count(entity="products", updated=len(changes))}
    writer.end(streams, objects or {})
    return PlanFile(path)
