"""A rejection of Ecwid's names the field and the value that was sent in it."""

from __future__ import annotations

import pytest

from ecwid_api import description
from ecwid_api.refusals import refusal
from target_ecwid.change.changes import Call
from target_ecwid.outcome.advice import advice_of

BODY = {
    "sku": "A-1",
    "name": "Tea",
    "price": -4.2,
    "discountType": "HALF",
    "options": [{"name": "Size", "type": "SELECT"}],
    "categoryIds": [7, 8],
    "description": "x" * 500,
    "externalReferenceId": "E-9",
}


def advice(said, *, status=400, code="WRONG_PARAMETER", operation="createProduct", **path):
    found = description.operation(operation, "products")
    body = b'{"errorMessage": "%b", "errorCode": "%b"}' % (said.encode(), code.encode())
    error = refusal(found, status, body, "1003")
    return advice_of(error, Call(operation=operation, group="products", path=path, body=BODY))


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("Field price must not be below zero", "zero. price is -4.2. Look at"),
        ("Field options[0].type must be one of X, Y", 'options[0].type is "SELECT". '),
        ("Field options.0.type must be one of X, Y", 'options.0.type is "SELECT". '),
        ("Wrong value of parameter: discountType.", 'discountType is "HALF". '),
        ("Invalid value for 'discountType'", 'discountType is "HALF". '),
        ("discountType is not valid", 'discountType is "HALF". '),
        ("Field description is too long", f'description is "{"x" * 79}…. '),
        ("Fields 'weight' and 'price' must not be below zero", "price is -4.2. "),
    ],
)
def test_the_value_of_the_field_that_is_named_is_there(said, words):
    assert words in advice(said)


@pytest.mark.parametrize(
    ("status", "code", "words"),
    [
        (409, "SKU_ALREADY_EXISTS", 'sku is "A-1". '),
        (409, "EXTERNAL_ID_ALREADY_USED", 'externalReferenceId is "E-9". '),
        (404, "CATEGORIES_NOT_FOUND", "categoryIds is [7,8]. Send the category first"),
        (409, "COMBINATION_CONTAINS_REMOVED_OPTION", 'options is [{"name":"Size",'),
    ],
)
def test_a_code_names_a_field_too(status, code, words):
    assert words in advice("No", status=status, code=code)


def test_what_was_not_sent_has_no_value():
    assert advice("Field weight is missing").endswith("is missing. Look at the record's values")
    assert " is " not in advice("").partition("status 400")[2].replace("is large", "")


def test_an_id_of_the_path_is_named_too():
    text = advice("Parameter productId is wrong", operation="updateProduct", productId=12)
    assert "productId is 12. " in text


def test_what_is_missing_for_a_creation_is_not_the_record_s_object():
    text = advice("There is no product type", status=404, code="NOT_FOUND")
    assert "It refers to something that the shop doesn't have" in text
    text = advice("No", status=404, code="NOT_FOUND", operation="updateProduct", productId=12)
    assert "It may have been deleted" in text
