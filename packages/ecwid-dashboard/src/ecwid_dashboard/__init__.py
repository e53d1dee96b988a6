"""A page with charts out of the marts: one HTML file that needs no server.

``queries`` ask the marts, ``cards`` turn the answers into what the page says, ``page`` makes HTML
of it, ``files`` writes it. ``stamp`` knows whether the page there would be the same again.
"""

from importlib.metadata import version

__version__ = version("ecwid-dashboard")
