"""Large structures that stay, and the garbage collector that should not count them."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def made_to_stay() -> Iterator[None]:
    """For building what has no cycles and is kept for long, such as a district of 500
    points: a million objects. The collector would look through all of them several
    times while they are made, and again and again afterwards, each time stopping the
    whole program, live lessons too, for a sixth of a second. They are still freed as
    soon as nobody refers to them."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
