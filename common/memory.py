"""Large structures, and the garbage collector that should not count them.

It would look through all of them several times while they are made, each time stopping
the whole program, live lessons too, for a sixth of a second: a district of 500 points
is a million objects, two months of its lessons half of that. What has no cycles needs
no collector: it is freed as soon as nobody refers to it.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_making = 0
"""How many large structures are being made at the moment."""


@contextmanager
def made_to_stay() -> Iterator[None]:
    """For building what is kept for long: the collector never looks at it again."""
    with made_to_pass():
        try:
            yield
        finally:
            gc.freeze()


@contextmanager
def made_to_pass() -> Iterator[None]:
    """For building what is given up again before this ends: what is
    left then is looked through once."""
    global _making
    _making += 1
    gc.disable()
    try:
        yield
    finally:
        _making -= 1
        if not _making:
            gc.enable()
