"""A proposal is worked out by a child process: seconds of search are not for the
process that carries live lessons. What goes through the pipe is our own, both ways.
"""

import asyncio
import os
import pickle
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from common import log
from common.children import die_with_parent
from common.errors import UnavailableError
from scheduler.calendar import Term
from scheduler.course import Lesson
from scheduler.repair.event import Absence
from scheduler.repair.propose import WEEK_S, Proposal, propose
from scheduler.world import World

LONGEST_S = 60.0
_NICENESS = 10
_log = log.get("repair")


@dataclass(frozen=True)
class Order:
    """`lessons`: the unfinished ones, by the Monday of their week."""

    world: World
    term: Term
    absence: Absence
    lessons: Mapping[date, Sequence[Lesson]]
    now: datetime
    seconds: float = WEEK_S

    def carry_out(self) -> Proposal:
        return propose(
            self.world,
            self.term,
            self.absence,
            lambda monday: self.lessons.get(monday, ()),
            self.now,
            seconds=self.seconds,
        )


async def propose_apart(order: Order) -> Proposal:
    """Raises UnavailableError(`repair_failed`)."""
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "scheduler.repair.child"),
        # `-m` looks there: the program need not be started in our own folder.
        cwd=Path(__file__).parents[2],
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        preexec_fn=die_with_parent,
    )
    try:
        packed = await asyncio.to_thread(pickle.dumps, order)
        async with asyncio.timeout(LONGEST_S):
            answer, _ = await child.communicate(packed)
    except TimeoutError as error:
        raise _failed("too slow") from error
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    if child.returncode != 0:
        raise _failed(f"exit code {child.returncode}")
    found: Proposal = await asyncio.to_thread(pickle.loads, answer)
    return found


def _failed(why: str) -> UnavailableError:
    _log.error("repair_failed", why=why)
    return UnavailableError(
        "repair_failed",
        zh="没有算出调整建议，什么都没有改；请缩短天数再试一次",
        en=f"no proposal was found ({why}), nothing was changed; try fewer days",
    )


if __name__ == "__main__":
    os.nice(_NICENESS)
    # Unpickled under this module's own name, not as `__main__`.
    from scheduler.repair.child import Order as _Order

    asked: _Order = pickle.load(sys.stdin.buffer)
    sys.stdout.buffer.write(pickle.dumps(asked.carry_out()))
