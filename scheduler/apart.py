"""Work that takes a second of Python or more, done by a child process.

A thread would share Python's lock with the event loop that carries live lessons: on a
busy machine they wait half a second for each other (measured with 10 000 rows).
"""

import asyncio
import pickle
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Generic, TypeVar

from common.children import die_with_parent
from common.errors import UnavailableError
from common.priority import come_last

LONGEST_S = 120.0
_MEMORY_BYTES = 1_500_000_000

T = TypeVar("T")


class ChildFailedError(Exception):
    """`slow`: it was ended, because it took too long."""

    def __init__(self, code: int, *, slow: bool = False) -> None:
        self.slow = slow
        super().__init__("too slow" if slow else f"exit code {code}")


async def run_apart(module: str, order: bytes, longest_s: float = LONGEST_S) -> bytes:
    """What `python -m module` answers to `order` on its standard input.

    Raises ChildFailedError."""
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", module),
        # `-m` looks there: the program need not be started in our own folder.
        cwd=Path(__file__).parents[1],
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(longest_s):
            answer, _ = await child.communicate(order)
    except TimeoutError as error:
        raise ChildFailedError(0, slow=True) from error
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    if child.returncode:
        raise ChildFailedError(child.returncode)
    return answer


@dataclass(frozen=True)
class Packed(Generic[T]):
    """A call with all its values, which the caller need not keep meanwhile."""

    order: bytes


async def packed(work: partial[T]) -> Packed[T]:
    """A function of a module with values that can be pickled. For our own values only:
    what people send is read by a child that answers in JSON (`importer.child`)."""
    return Packed(await asyncio.to_thread(pickle.dumps, work))


async def call_apart(work: partial[T]) -> T:
    """Raises UnavailableError(`work_failed`)."""
    return await call_packed(await packed(work))


async def call_packed(work: Packed[T]) -> T:
    """Raises UnavailableError(`work_failed`)."""
    try:
        answer = await run_apart("scheduler.apart", work.order)
    except ChildFailedError as error:
        raise UnavailableError(
            "work_failed",
            zh="没有完成，可能内容太多；请缩小范围再试一次",
            en=f"not finished ({error}), perhaps too much at once; ask for less",
        ) from error
    result: T = await asyncio.to_thread(pickle.loads, answer)
    return result


def behave() -> None:
    """Of a child: run when others do not need the processor, not without bound, and no
    longer than the parent."""
    die_with_parent()
    come_last(_MEMORY_BYTES)


if __name__ == "__main__":
    behave()
    asked: Callable[[], object] = pickle.load(sys.stdin.buffer)
    sys.stdout.buffer.write(pickle.dumps(asked()))
