"""A dry run writes nothing and tells all."""

from __future__ import annotations

from target_run import records, run_target, state, writes


def test_a_dry_run_tells_what_would_be_written(sandbox, tmp_path):
    products = list(sandbox.shop.all("product"))[:10]
    rows = [{"sku": p["sku"], "price": p["price"] + (n % 2)} for n, p in enumerate(products)]
    rows += [{"sku": f"S-{n}", "name": "N", "price": 1} for n in range(3)]
    rows += [{"sku": "S-0", "price": 5}]
    rows += [{"id": products[0]["id"], "_sdc_deleted_at": "2025-01-01T00:00:00Z"}]
    rows += [{"id": 987654321, "price": 5}]
    messages = [*records("products", *rows), state({"at": 1})]
    run = run_target(tmp_path, sandbox, messages, dry_run=True, hard_delete=True)
    assert run.code == 0, run.log
    assert run.states == []
    assert writes(sandbox) == []
    assert [r.method for r in sandbox.requests if r.batch and r.method != "GET"] == []
    kinds = [line.get("kind", line["type"]) for line in run.plan]
    assert {kind: kinds.count(kind) for kind in set(kinds)} == {
        "created": 3,
        "updated": 6,
        "deleted": 1,
        "rejected": 1,
    }
    counts = run.lines("plan.jsonl")[-1]["streams"]["products"]
    assert {kind: counts[kind] for kind in kinds} == {k: kinds.count(k) for k in kinds}
    assert counts["unchanged"] == 5
    update = next(line for line in run.plan if line.get("kind") == "updated")
    assert update["before"] == {"price": products[1]["price"]}
    assert update["after"] == {"price": rows[1]["price"]}
    assert update["call"]["body"] == {"price": rows[1]["price"]}
    assert update["call"]["operation"] == "updateProduct"
    assert "price differs in 6" in run.log
    # Nothing is remembered of it.
    run = run_target(tmp_path, sandbox, messages, hard_delete=True, on_error="skip")
    assert run.code == 0, run.log
    assert "3 created, 6 updated, 1 deleted, 5 unchanged, 1 rejected" in run.log


def test_a_dry_run_rejects_what_the_run_rejects(sandbox, tmp_path):
    """Types, words, required fields, keys and references: each in the same way, for a reason."""
    rows = {
        "products": [
            {"sku": "T-1", "name": "N", "price": "on request"},
            {"sku": "T-2", "price": 5},
            {"name": "N", "price": 5},
            {"sku": "T-3", "name": "N", "quantity": 2.5},
            {"sku": "T-4", "name": "N", "categoryIds": [987654321]},
            {"sku": "T-5", "name": "N", "price": -1},
            {"sku": "T-6", "name": "N"},
        ],
        "discount_coupons": [
            {"code": "T", "discountType": "HALF"},
            {"code": "T2", "discount": "x"},
        ],
        "customers": [{"email": "no address"}, {"name": "N"}],
        "product_variations": [{"productId": 987654321, "sku": "V", "options": []}],
        "redirects": [{"fromUrl": "/a"}],
    }
    messages = [line for name, several in rows.items() for line in records(name, *several)]
    places = [n for n, message in enumerate(messages, start=1) if message["type"] == "RECORD"]
    run = run_target(tmp_path, sandbox, messages, dry_run=True, on_error="skip")
    assert run.code == 0, run.log
    assert writes(sandbox) == []
    rejected = [line for line in run.plan if line["type"] == "rejected"]
    planned = {(line["stream"], places[line["sequence"] - 1]) for line in rejected}
    run = run_target(tmp_path, sandbox, messages, on_error="skip")
    assert run.code == 0, run.log
    assert planned == {(line["stream"], line["line"]) for line in run.rejected}
    assert len(planned) >= 10
