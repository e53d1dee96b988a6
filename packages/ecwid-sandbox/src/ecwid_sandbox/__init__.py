"""A local Ecwid shop that speaks the REST API over HTTP."""

from importlib import metadata

__version__ = metadata.version("ecwid-sandbox")
