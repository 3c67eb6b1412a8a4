"""Mending after a one-day event, beside what is proven about it.

Some events leave lessons without a place whatever one does. How many is proven by the
model of the whole district, which may move as many lessons as `repair` may: the figure
to be judged is what `repair` leaves out beyond that.
"""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from scheduler.catalogue.bells import Minutes
from scheduler.catalogue.wishes import Weights
from scheduler.solver import engine
from scheduler.solver.check import violations
from scheduler.solver.generate import Synthetic
from scheduler.solver.model import Model
from scheduler.solver.problem import Busy, Problem, Resource
from scheduler.solver.repair import (
    MOST_MOVES,
    MOVES_A_HIT,
    after_event,
    repair,
)
from scheduler.solver.space import Space
from scheduler.solver.state import State

WHOLE_DAY = Minutes(0, 24 * 60)
EVENT_LESSONS = 4
"""An event takes a day with about as many lessons of the hit one."""
PROOF_S = 90.0
NOTHING_SOFT = Weights(misfit=0, edge=0, spread=0, gap=0, load=0, move=0)


@dataclass(frozen=True, slots=True)
class Mended:
    """`seconds` None: a rule was broken. `least`: so many must stay out, proven."""

    seconds: float | None
    cpu: float
    unplaced: int
    least: int
    moved: int


def mend(made: Synthetic, event: Busy, seed: int, workers: int) -> Mended:
    begun = time.process_time()
    found = repair(made.problem, made.hidden, [event], seed=seed)
    cpu = time.process_time() - begun
    after = after_event(made.problem, made.hidden, [event])
    good = not violations(after, found.placements, complete=False)
    out = len(found.unplaced)
    return Mended(
        seconds=round(found.seconds, 2) if good else None,
        cpu=cpu,
        unplaced=out,
        least=_least_out(after, out, workers) if out > 1 else 0,
        moved=len(found.moves),
    )


def _least_out(after: Problem, out: int, workers: int) -> int:
    """So many must stay out when no more lessons move than `repair` may move. To prove
    that fewer cannot be is quicker than to look for the fewest."""
    space = Space(replace(after, weights=NOTHING_SOFT))
    home = {index for row in space.published_of for index in row}
    hit = len(after.published) - len(home)
    while out:
        model = Model(State(space), range(len(space.streams)), optional=True, soft=True)
        model.most_of(set(model.var) - home, max(MOST_MOVES, MOVES_A_HIT * hit))
        model.most_out(out - 1)
        model.hint(home)
        if engine.run(model, PROOF_S, workers=workers).infeasible:
            break
        out -= 1
    return out


def events(made: Synthetic) -> Sequence[Busy]:
    """A teacher away, a point off-line, a master room closed, each for a day."""
    problem = made.problem
    count: dict[str, Counter[tuple[str, int]]] = {
        kind: Counter() for kind in ("teacher", "site", "room")
    }
    for p in sorted(made.hidden):
        stream = problem.stream_by_id[p.stream]
        count["teacher"][stream.teacher, p.weekday] += 1
        count["room"][stream.master_room, p.weekday] += 1
        for receiver in stream.receivers:
            count["site"][problem.receiving_site(receiver).id, p.weekday] += 1
    found: list[Busy] = []
    for kind, rows in count.items():
        name, day = min(sorted(rows), key=lambda k: abs(rows[k] - EVENT_LESSONS))
        resource = Resource(kind, name)  # type: ignore[arg-type]
        found.append(Busy(resource, day, WHOLE_DAY, "closed", "synthetic event"))
    return found
