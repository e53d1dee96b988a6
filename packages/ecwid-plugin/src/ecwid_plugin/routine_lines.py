"""Lines of the SDK that no run needs: they are for debugging, and shown only there."""

from __future__ import annotations

import logging
from typing import Final

_METRICS: Final = "singer_sdk.metrics"
_ROUTINE: Final = (
    "Added '",
    "Beginning ",
    "Parsing env var",
    "Skipping deselected stream",
    "Skipping parse of env var",
)


class _Demoted(logging.Filter):
    """Makes information of the SDK a message for debugging."""

    def filter(self, record: logging.LogRecord) -> bool:
        text = str(record.msg)
        routine = record.name == _METRICS or text.startswith(_ROUTINE) or ", Meltano SDK v" in text
        if record.levelno != logging.INFO or not routine:
            return True
        record.levelno, record.levelname = logging.DEBUG, logging.getLevelName(logging.DEBUG)
        return logging.getLogger().isEnabledFor(logging.DEBUG)


_DEMOTED: Final = _Demoted()


def demote(*loggers: logging.Logger) -> None:
    """Show the SDK's routine lines at the level debug only.

    Args:
        loggers: Loggers that have such lines, besides that of the metrics.
    """
    for logger in (*loggers, logging.getLogger(_METRICS)):
        logger.addFilter(_DEMOTED)
