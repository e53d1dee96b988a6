"""A local Ecwid shop that speaks the REST API over HTTP."""

__version__ = "0.1.0"
