"""Addresses of the storefront."""

from __future__ import annotations

import re
from typing import Final

STORE_URL: Final = "https://fernweh-and-filter.example"

_NUMBER: Final = re.compile(r"-[pc]\d+$")


def slug(text: str) -> str:
    """A name as it stands in an address."""
    words = "".join(letter if letter.isalnum() else " " for letter in text).split()
    return "-".join(words)


def without_number(address: str) -> str:
    """A slug, or an address that ends with one, without the id of its product or category."""
    return _NUMBER.sub("", address)
