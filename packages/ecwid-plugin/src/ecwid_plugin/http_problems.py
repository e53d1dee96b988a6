"""What is wrong with settings of the way to Ecwid that their types can't say."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from ecwid_api.errors import SettingError
from ecwid_api.http_settings import OURS, fits_a_header
from ecwid_api.settings import is_given

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


def http_problems(config: Mapping[str, Any]) -> Iterator[SettingError]:
    """Check settings that belong together, and the contents of ``headers``.

    Yields:
        An error for each setting or header; no value of a secret is in it.
    """
    for name in ("client_key", "client_key_password"):
        if is_given(config.get(name)) and not is_given(config.get("client_certificate")):
            yield SettingError(name, "is set, and client_certificate is not: set it too")
    headers = config.get("headers")
    for name, value in headers.items() if isinstance(headers, dict) else ():
        if not isinstance(name, str) or not _TOKEN.fullmatch(name):
            yield SettingError("headers", f"has {name!r}, which can't be a header's name")
        elif name.lower() in OURS:
            yield SettingError(f"headers.{name}", f"can't be set: {OURS[name.lower()]}")
        elif not isinstance(value, str) or not fits_a_header(value):
            yield SettingError(f"headers.{name}", "should be a line of ASCII text")
