"""Structured logs: an event name and key/value pairs, never one line per packet.

At debug level an arrow says the direction: `<` in, `>` out, `x` dropped, `-` state.
"""

import logging
import sys
from typing import Literal

import structlog

Level = Literal["debug", "info", "warning", "error"]


def setup(level: Level = "info", *, json: bool = False) -> None:
    """To be called once by a program, before it starts anything."""
    renderer: structlog.types.Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if json
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelNamesMapping()[level.upper()]
        ),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)


def get(name: str) -> structlog.typing.FilteringBoundLogger:
    # Lazy: a module may ask before the program has called `setup`.
    logger: structlog.typing.FilteringBoundLogger = structlog.get_logger(part=name)
    return logger
