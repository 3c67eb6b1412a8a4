"""Mending a timetable near where it broke.

An event (teacher away, point off-line, room closed, period lost) is a few more `Busy`
times. Only streams that share a resource with a hit one may move; every other lesson
and every lock stays. A lesson that still finds no place comes with offers.
"""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from scheduler.bells import Minutes
from scheduler.organisation import TeacherId
from scheduler.solver import engine
from scheduler.solver.heatmap import Board
from scheduler.solver.model import UNPLACED_COST, Model
from scheduler.solver.neighbourhood import Neighbourhoods
from scheduler.solver.problem import Busy, Placement, Problem, Stream, Weights
from scheduler.solver.space import Space
from scheduler.solver.state import State

MOVE_COST = UNPLACED_COST // 10
"""Ten lessons may move to place one more; an eleventh disturbs more than it helps."""
OFFERS = 3
STEP_S = 1.5
SEARCH_SHARE = 0.75
"""Of the time; the rest is for offers."""
WIDER = 150
"""Streams of the second try; the next ones follow how hard it was."""


@dataclass(frozen=True, slots=True)
class Move:
    before: Placement
    after: Placement


@dataclass(frozen=True, slots=True)
class Unplaced:
    """`substitutes`: teachers of the subject who are free at the old time. `starts`:
    (weekday, minute) at which all parties are free in a week without the event, for
    one lesson more. A recording of another class can always be offered."""

    lesson: Placement
    locked: bool
    substitutes: tuple[TeacherId, ...]
    starts: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Repair:
    """`freed`: streams that were allowed to move. Nothing is changed until a person
    agrees."""

    placements: frozenset[Placement]
    moves: tuple[Move, ...]
    unplaced: tuple[Unplaced, ...]
    freed: int
    seconds: float


def repair(
    problem: Problem,
    placements: Iterable[Placement],
    event: Sequence[Busy],
    *,
    seconds: float = 2.0,
    seed: int = 0,
) -> Repair:
    """`placements` must keep every rule of `problem`; the answer keeps those of
    `after_event`."""
    begun = time.monotonic()
    current = frozenset(placements)
    mended = _Mending(problem, current, event, begun + seconds * SEARCH_SHARE, seed)
    mended.go()
    after = mended.state.placements()
    moves, lost = _differences(current, after)
    return Repair(
        placements=after,
        moves=moves,
        unplaced=_offers(problem, current, mended.space, after, lost),
        freed=len(mended.freed),
        seconds=time.monotonic() - begun,
    )


def after_event(
    problem: Problem, placements: frozenset[Placement], event: Sequence[Busy]
) -> Problem:
    """The problem with the event: what was planned is published, locks that the event
    makes impossible are gone."""
    hit = replace(problem, busy=(*problem.busy, *event), locks=frozenset())
    space = Space(hit)
    kept = frozenset(p for p in problem.locks if space.find(p) is not None)
    return replace(hit, locks=kept, published=placements)


class _Mending:
    def __init__(
        self,
        problem: Problem,
        current: frozenset[Placement],
        event: Sequence[Busy],
        end: float,
        seed: int,
    ) -> None:
        weights = Weights(
            misfit=problem.weights.misfit,
            edge=problem.weights.edge,
            spread=0,
            gap=0,
            load=0,
            move=MOVE_COST,
        )
        changed = replace(
            problem,
            busy=(*problem.busy, *event),
            published=current,
            locks=frozenset(),
            weights=weights,
        )
        self.space = Space(changed)
        self.state = State(self.space)
        self.freed: set[int] = set()
        self._end, self._seed = end, seed
        self._hit: set[int] = set()
        self._frozen: set[int] = set()
        for placement in sorted(current):
            index = self.space.find(placement)
            stream = self.space.stream_index[placement.stream]
            if index is not None:
                self.state.add(index)
            else:
                self._hit.add(stream)
            if placement in problem.locks:
                self._lock(stream, index)

    def _lock(self, stream: int, index: int | None) -> None:
        """A locked lesson that is hit falls out; its stream does not move for it."""
        if index is None:
            self._frozen.add(stream)
        else:
            locked = self.space.locked
            locked[stream] = (*locked[stream], index)

    def go(self) -> None:
        hit = self._hit - self._frozen
        if not hit:
            return
        around = Neighbourhoods(self.space, self._seed)
        self._try(around.shared(hit))
        size = WIDER
        everything = len(self.space.streams)
        while (missing := self._missing()) and time.monotonic() < self._end:
            near = set(around.shared(missing)) - missing
            whole = size >= everything
            first = [*sorted(missing), *sorted(near)]
            proven = self._try(
                range(everything)
                if whole
                else around.around(first, max(size, len(missing)))
            )
            if whole and proven:
                return
            size = int(size * (1.5 if proven else 0.8)) + 1

    def _rank(self, free: Sequence[int]) -> int:
        return self.state.unplaced * UNPLACED_COST + self.state.cost(free)

    def _missing(self) -> set[int]:
        return {i for i in self._hit - self._frozen if self.state.missing(i)}

    def _try(self, streams: Iterable[int]) -> bool:
        """True when it is proven that these streams allow nothing better."""
        free = [i for i in streams if i not in self._frozen]
        old = [index for i in free for index in self.state.clear(i)]
        model = Model(self.state, free, optional=True, soft=True)
        model.hint(old)
        left = self._end - time.monotonic()
        answer = engine.run(model, min(STEP_S, left), seed=self._seed)
        for index in old:
            self.state.add(index)
        if answer.chosen is None:
            return False
        self.freed.update(free)
        rank = self._rank(free)
        for i in free:
            self.state.clear(i)
        for index in answer.chosen:
            self.state.add(index)
        if self._rank(free) > rank:
            for i in free:
                self.state.clear(i)
            for index in old:
                self.state.add(index)
        return answer.proven


def _differences(
    before: frozenset[Placement], after: frozenset[Placement]
) -> tuple[tuple[Move, ...], list[Placement]]:
    gone: dict[str, list[Placement]] = {}
    for placement in sorted(before - after):
        gone.setdefault(placement.stream, []).append(placement)
    moves: list[Move] = []
    for placement in sorted(after - before):
        moves.append(Move(gone[placement.stream].pop(0), placement))
    lost = [placement for rows in gone.values() for placement in rows]
    return tuple(moves), lost


def _offers(
    problem: Problem,
    before: frozenset[Placement],
    space: Space,
    after: frozenset[Placement],
    lost: Sequence[Placement],
) -> tuple[Unplaced, ...]:
    if not lost:
        return ()
    now = Board(space, after)
    usual_space = Space(replace(problem, locks=frozenset(), published=frozenset()))
    usual = Board(usual_space, before)
    return tuple(
        Unplaced(
            lesson=placement,
            locked=placement in problem.locks,
            substitutes=_substitutes(problem, now, placement),
            starts=_starts(usual, problem.stream_by_id[placement.stream]),
        )
        for placement in lost
    )


def _substitutes(
    problem: Problem, board: Board, lost: Placement
) -> tuple[TeacherId, ...]:
    """Teachers of the same subject, those of the same school first, whom nothing
    keeps from the old time. Empty when another party is away too."""
    stream = problem.stream_by_id[lost.stream]
    home = problem.master_site(stream).id
    able = {s.teacher for s in problem.streams if s.subject == stream.subject}
    able.discard(stream.teacher)
    found: list[TeacherId] = []
    for name in sorted(able, key=lambda t: problem.teacher_by_id[t].site != home):
        swapped = replace(stream, teacher=name)
        end = lost.start + stream.minutes
        when = Minutes(lost.start, end)
        if not any(True for _ in board.blockers(swapped, lost.weekday, when)):
            found.append(name)
        if len(found) == OFFERS:
            break
    return tuple(found)


def _starts(board: Board, stream: Stream) -> tuple[tuple[int, int], ...]:
    cells = [
        cell
        for cell in board.cells(stream)
        if all(b.kind == "one_a_day" for b in cell.blockers) and not cell.mine
    ]
    cells.sort(key=lambda c: (len(c.blockers), c.cost, c.weekday, c.time.start))
    return tuple((c.weekday, c.time.start) for c in cells[:OFFERS])
