"""What Ecwid would refuse is rejected before anything is sent, and nothing else is refused."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given

from any_record import rows_of, tried
from ecwid_api.entities import ENTITIES
from ecwid_sandbox.server.storage import kinds
from ecwid_sandbox.testing import running_sandbox
from tap_run import settings_of
from target_ecwid.change import planner
from target_ecwid.change.changes import Rejected, Write
from target_ecwid.change.match import Found
from target_ecwid.change.planners import planner_of
from target_ecwid.jobs import job_of
from target_ecwid.plan.plan_file import PlanFile
from write_here import write_here

NUMBERS = itertools.count(1)
REASON = "refused in advance"
PRODUCT = {"name": "A", "price": 10}
VARIATION = {"options": [{"name": "Size", "value": "S"}]}
SAVE = {"query": {"saveCombinations": True}}

# Stream, its settings, a record, and what the rejection says. A product without a name to be found
# by gets a SKU of its own.
REFUSED = [
    # Required, and not to be emptied.
    ("products", {}, {"price": 1}, "name is missing"),
    ("products", {}, {"name": "", "price": 1}, "name is missing"),
    ("products", {}, {**PRODUCT, "options": [{"type": "RADIO"}]}, "options.0.name is missing"),
    ("customers", {"action": "create"}, {"name": "A"}, "email is missing"),
    ("redirects", {}, {"fromUrl": "/a"}, "toUrl is missing"),
    ("payment_options", {}, {"checkoutTitle": "A"}, "paymentProcessorId is missing"),
    ("shipping_options", {}, {"enabled": True}, "title is missing"),
    ("customer_contacts", {"action": "create"}, {"customerId": "CUSTOMER", "contact": "a"},
     "type is missing"),
    ("orders", {"action": "create"}, {"paymentStatus": "PAID"}, "email is missing"),
    ("any", {"action": "updateCategory"}, {"categoryId": "CATEGORY", "name": ""}, "name is empty"),
    ("any", {"action": "updateProduct"}, {"productId": "PRODUCT", "name": ""}, "name is empty"),
    # Words.
    ("orders", {"action": "create"}, {"email": "a@shop.example", "paymentStatus": "PAYED"},
     "paymentStatus is 'PAYED', which is none of AWAITING_PAYMENT, PAID"),
    ("staff_accounts", {}, {"email": "n@shop.example", "staffScopes": ["ALL"]},
     "staffScopes.0 is 'ALL'"),
    ("products", {}, {**PRODUCT, "options": [{"name": "Size", "type": "SLIDER"}]},
     "options.0.type is 'SLIDER'"),
    # Ranges, lengths, numbers of entries.
    ("products", {}, {**PRODUCT, "costPrice": -1}, "costPrice is -1"),
    ("products", {}, {**PRODUCT, "wholesalePrices": [{"quantity": 1, "price": 2}]},
     "wholesalePrices.0.quantity is 1, and the least that Ecwid takes is 2"),
    ("products", {}, {**PRODUCT, "wholesalePrices": [{"quantity": 5, "price": -2}]},
     "wholesalePrices.0.price is -2"),
    ("products", {}, {**PRODUCT, "wholesalePrices": [{"quantity": 5}]},
     "wholesalePrices.0.price is missing"),
    ("products", SAVE, {**PRODUCT, "combinations": [{**VARIATION, "costPrice": -1}]},
     "combinations.0.costPrice is -1"),
    ("discount_coupons", {}, {"name": "A", "code": "NEG", "discount": -1}, "discount is -1"),
    ("payment_options", {}, {"checkoutTitle": "x" * 256, "paymentProcessorId": "offline"},
     "checkoutTitle has 256 characters, and Ecwid takes 255"),
    ("shipping_options", {}, {"title": "x" * 256}, "title has 256 characters"),
    ("products", {}, {**PRODUCT, "categoryIds": list(range(1, 102))},
     "categoryIds has 101 entries, and Ecwid takes 100"),
    ("products", SAVE, {**PRODUCT, "combinations": [
        {"options": [{"name": "Size", "value": str(n)}]} for n in range(201)]},
     "combinations has 201 entries, and Ecwid takes 200"),
    # Rules of several fields.
    ("products", {}, {**PRODUCT, "wholesalePrices": [{"quantity": 5, "price": 11}]},
     "the wholesale price 11 is above the price 10"),
    ("products", SAVE, {**PRODUCT, "combinations": [VARIATION, VARIATION]},
     "2 variations have the options Size S"),
    ("products", SAVE, {**PRODUCT, "combinations": [{"options": [{"name": "", "value": "S"}]}]},
     "combinations.0.options.0.name is missing"),
    ("products", SAVE, {**PRODUCT, "options": [{"name": "Hue"}], "combinations": [VARIATION]},
     "options has no 'Size'"),
    ("products", SAVE, {**PRODUCT, "options": [{"name": "Size", "choices": [{"text": "L"}]}],
                        "combinations": [VARIATION]}, "option 'Size' has no 'S'"),
    ("products", SAVE, {**PRODUCT, "sku": "ONE", "quantity": 4, "combinations": [
        {**VARIATION, "sku": "ONE", "quantity": 5}]}, "has another quantity than the product"),
    ("categories", {"action": "update"}, {"id": "CATEGORY", "parentId": "CATEGORY"},
     "a category can't be below itself"),
    ("product_types", {"action": "update", "key": "id"}, {"id": 0, "name": "General"},
     "the general product type 0 can't have a name"),
    ("shipping_options", {}, {"title": "A", "carrier": "UPS"}, "ratesCalculationType is missing"),
    ("shipping_options", {}, {"title": "A", "ratesCalculationType": "carrier-calculated"},
     "carrier is missing"),
    # Files and their sizes.
    ("any", {"action": "uploadMainProductImage"}, {"productId": "PRODUCT", "url": "ftp://a/b.png"},
     "url is 'ftp://a/b.png', which is no address of the web"),
    ("any", {"action": "uploadMainProductImage"}, {"productId": "PRODUCT", "path": "large.png"},
     "the file has 20,971,521 bytes, and Ecwid takes pictures of up to 20 MB"),
    ("any", {"action": "uploadMainProductImageAsync"},
     {"productId": "PRODUCT", "url": "https://a.example/b.png", "width": 0, "height": 5},
     "width"),
]  # fmt: skip


@pytest.fixture(scope="module")
def shop():
    with running_sandbox(size="tiny", rate_limit=0) as running:
        yield running


@pytest.fixture(scope="module")
def there(shop):
    """An object of each kind."""
    found = {
        "PRODUCT": kinds.PRODUCT,
        "CATEGORY": kinds.CATEGORY,
        "CUSTOMER": kinds.CUSTOMER,
        "GROUP": kinds.CUSTOMER_GROUP,
    }
    return {name: max(shop.shop.keys(kind)) for name, kind in found.items()}


def keyed(stream, record, there):
    """A record with ids of objects, and with a key of its own where it needs one."""
    made = {name: there.get(value, value) if isinstance(value, str) else value
            for name, value in record.items()}  # fmt: skip
    if stream == "products":
        made.setdefault("sku", f"SKU-{next(NUMBERS)}")
    return made


@pytest.fixture
def run(shop, folder):
    """Runs the target."""

    def made(stream, given, *rows, **settings):
        config = settings_of(
            shop,
            work_dir=str(folder / "work"),
            files_dir=str(folder),
            streams={stream: given},
            results=True,
            on_error="skip",
            requests_per_minute=1_000_000,
            search_lag=1,
            **settings,
        )
        return write_here(config, shop, stream, *rows)

    return made


@pytest.fixture
def rejected(run, folder):
    """What a plan rejects."""

    def made(stream, given, *rows):
        plan = folder / "checked.plan"
        run(stream, given, *rows, plan=str(plan))
        return [change for change in PlanFile(plan).changes() if isinstance(change, Rejected)]

    return made


@pytest.fixture
def folder(tmp_path):
    with (tmp_path / "large.png").open("wb") as file:
        file.truncate(20 * 2**20 + 1)
    return tmp_path


EACH_REFUSED = pytest.mark.parametrize(
    ("stream", "given", "record", "says"),
    REFUSED,
    ids=[f"{stream}-{says[:40]}" for stream, _, _, says in REFUSED],
)
SOME = {"PRODUCT": 5, "CATEGORY": 6, "CUSTOMER": 7}


def change_of(stream, given, row, **settings):
    """What a record becomes; an object is there where the record has its id."""
    config = {"store_id": "1003", "streams": {stream: given}, **settings}
    made = planner_of(job_of(config, stream), config)
    record = made.record(row, 1)
    match = Found((row["id"],), {}) if "id" in row else None
    return made.change(record, made.naming.lookup(record), match)


@EACH_REFUSED
def test_what_ecwid_would_refuse_is_rejected(folder, stream, given, record, says):
    row = keyed(stream, record, SOME)
    found = change_of(stream, given, row, files_dir=str(folder))
    assert isinstance(found, Rejected), found
    assert found.reason == REASON
    assert says in found.message


@pytest.mark.soak
@EACH_REFUSED
def test_ecwid_refuses_what_is_rejected(
    run, rejected, there, monkeypatch, stream, given, record, says
):
    row = keyed(stream, record, there)
    (planned,) = rejected(stream, given, row)
    assert planned.reason == REASON
    assert says in planned.message
    real = run(stream, given, row)
    assert [line["reason"] for line in real.rejected] == [REASON]
    assert real.written == []
    # Without the checks, it is sent.
    monkeypatch.setattr(planner, "check_call", lambda call, operation: None)
    monkeypatch.setattr(planner, "check_rules", lambda write, there: None)
    refused = run(stream, given, row)
    assert len(refused.rejected) == 1
    assert refused.rejected[0]["reason"] != REASON


TAKEN = [
    ("products", {}, {**PRODUCT, "categoryIds": [], "wholesalePrices": [
        {"quantity": 2, "price": 10}]}),
    ("products", SAVE, {**PRODUCT, "combinations": [{**VARIATION, "price": 20, "wholesalePrices": [
        {"quantity": 2, "price": 15}]}]}),
    ("orders", {"action": "create"}, {"paymentStatus": "INCOMPLETE"}),
    ("orders", {"action": "create"}, {"email": "a@shop.example", "paymentStatus": "paid"}),
    ("categories", {"action": "create"}, {"name": "A", "parentId": 0}),
    ("discount_coupons", {}, {"name": "A", "code": "ZERO", "discount": 0}),
    ("payment_options", {}, {"checkoutTitle": "x" * 255, "paymentProcessorId": "offline"}),
]  # fmt: skip


EACH_TAKEN = pytest.mark.parametrize(("stream", "given", "record"), TAKEN)


@EACH_TAKEN
def test_what_ecwid_takes_is_not_rejected(stream, given, record):
    assert isinstance(change_of(stream, given, keyed(stream, record, SOME)), Write)


@pytest.mark.soak
@EACH_TAKEN
def test_ecwid_takes_what_is_not_rejected(run, stream, given, record):
    assert run(stream, given, keyed(stream, record, {})).rejected == []


def test_what_other_objects_forbid_is_rejected_in_a_plan(run, rejected, shop, there):
    """Nobody but the shop knows it, and a plan looks there."""
    for product in ({"sku": "FIRST", "externalReferenceId": "ERP-1"}, {"sku": "SECOND"}):
        run("products", {}, {**PRODUCT, **product})
    cases = {
        "products": [
            ({"sku": "N1", "categoryIds": [there["CATEGORY"], 77]}, "categoryIds refers to"),
            ({"sku": "N2", "productClassId": 77}, "productClassId refers to product_types 77"),
            ({"sku": "SECOND", "categoryIds": [78]}, "categoryIds refers to categories 78"),
            ({"sku": "SECOND", "externalReferenceId": "ERP-1"}, "another of the products has it"),
            ({"sku": "N3", "externalReferenceId": "ERP-1"}, "'ERP-1'"),
            ({"sku": "N4", "externalReferenceId": "ERP-2"}, None),
            ({"sku": "N5", "externalReferenceId": "ERP-2"}, "gives it to another object"),
            ({"sku": "FIRST", "externalReferenceId": "ERP-1", "price": 2}, None),
            ({"sku": "SECOND", "categoryIds": [there["CATEGORY"]]}, None),
        ],
        "categories": [
            ({"externalReferenceId": "C-1", "parentId": 77}, "parentId refers to categories 77"),
            ({"externalReferenceId": "C-2", "parentId": 0}, None),
            ({"externalReferenceId": "C-3", "productIds": [77]}, "productIds refers to products"),
        ],
        "customers": [
            ({"email": "n1@shop.example", "customerGroupId": 77}, "customerGroupId refers to"),
            ({"email": "n2@shop.example", "customerGroupId": there["GROUP"]}, None),
        ],
        "product_variations": [
            ({"productId": 77, "options": VARIATION["options"], "sku": "V"}, "productId refers"),
        ],
    }
    for stream, rows in cases.items():
        records = [{**(PRODUCT if stream == "products" else {"name": "A"}), **r} for r, _ in rows]
        given = {"action": "create"} if stream == "product_variations" else {}
        found = {change.sequence: change.message for change in rejected(stream, given, *records)}
        for number, (row, says) in enumerate(rows, 1):
            assert (says is None) == (number not in found), (row, found)
            assert (says or "") in found.get(number, ""), row


def test_a_plan_knows_the_token_s_scopes(tmp_path):
    with running_sandbox(size="tiny", scopes={"read_catalog", "update_catalog"}) as limited:
        config = settings_of(limited, work_dir=str(tmp_path), plan=str(tmp_path / "plan"))
        known = limited.shop.get(kinds.PRODUCT, max(limited.shop.keys(kinds.PRODUCT)))
        rows = [{"sku": "NEW", **PRODUCT}, {"sku": known["sku"], "name": "Renamed"}]
        write_here({**config, "results": True}, limited, "products", *rows)
    new, update = PlanFile(tmp_path / "plan").changes()
    assert {type(new), type(update)} == {Rejected, Write}
    (refused,) = (change for change in (new, update) if isinstance(change, Rejected))
    assert refused.message.startswith("createProduct needs create_catalog, and the token hasn't")


WITH_KEYS = {
    "products": ("sku", "P-{}", {"name": "N", "price": 5}),
    "categories": ("externalReferenceId", "C-{}", {"name": "C"}),
    "customers": ("email", "checked{}@shop.example", {}),
    "product_types": ("name", "T {}", {}),
    "discount_coupons": ("code", "CHECK{}", {"name": "C", "discountType": "ABS", "discount": 1}),
    "orders": ("externalOrderId", "O-{}", {"email": "a@shop.example"}),
    "promotions": ("externalReferenceId", "PR-{}", {"name": "P"}),
    "redirects": ("fromUrl", "/checked-{}", {}),
}


@pytest.mark.timeout(1800)
@pytest.mark.parametrize(
    ("entity", "examples"),
    [
        ("products", 2),
        ("orders", 1),
        *(pytest.param(entity, 100, marks=pytest.mark.soak) for entity in WITH_KEYS),
    ],
)
def test_what_a_plan_does_not_reject_is_not_refused(run, rejected, entity, examples):
    key, value, needed = WITH_KEYS[entity]

    @tried(examples)
    # A new key finds no object any more: the record would be about another one.
    @given(rows_of(entity, most=5, leave_out=ENTITIES[entity].natural_keys))
    def check(rows):
        own = {key: value.format(next(NUMBERS))}
        how = {"key": key, **(SAVE if entity == "products" else {})}
        for row in ({**needed, **row, **own} for row in rows):
            if not rejected(entity, how, row):
                assert run(entity, how, row).rejected == [], row

    check()
