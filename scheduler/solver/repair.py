"""Mending a timetable near where it broke.

An event (teacher away, point off-line, room closed, period lost) is a few more `Busy`
times. Each hit lesson looks for a place at the end of a short chain of moves; then
CP-SAT sees whether freeing all that share a resource with them does better. Few lessons
move; locks never do. A lesson that still finds no place comes with offers.
"""

import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from scheduler.catalogue.bells import Minutes
from scheduler.catalogue.organisation import TeacherId
from scheduler.catalogue.wishes import Weights
from scheduler.solver import engine
from scheduler.solver.chain import Chains, Orders
from scheduler.solver.heatmap import Board
from scheduler.solver.model import Model
from scheduler.solver.neighbourhood import Neighbourhoods
from scheduler.solver.occupancy import Occupancy
from scheduler.solver.problem import Busy, Placement, Problem, Stream
from scheduler.solver.space import Space
from scheduler.solver.state import State

CP_SAT_SHARE = 0.3
"""Of the time left when the chains begin."""
MOVE_COST = 1_000
"""More than any soft cost of a lesson; a place for one more is always worth a move."""
MOST_MOVES = 10
MOVES_A_HIT = 2
"""At most ten lessons move, or two for each one that was hit: more would not be mending
but another timetable."""
LEAST_CPU_S = 0.4
"""For the chains, also when a busy machine has spent the time on setting up."""
OFFERS = 3
STEP_S = 1.5
SEARCH_SHARE = 0.75
"""Of the time; the rest is for offers."""


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
    """`freed`: streams that were tried elsewhere. Nothing is changed until a person
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
    most_moves: int | None = None,
    space: Space | None = None,
) -> Repair:
    """`placements` must keep every rule of `problem`; the answer keeps those of
    `after_event`. `most_moves` None: ten, or two for each lesson that was hit.
    `space`: of `problem`, if somebody has it."""
    begun = time.monotonic()
    current = frozenset(placements)
    end = begun + seconds * SEARCH_SHARE
    usual = space or Space(problem)
    mended = _Mending(usual, current, event, end, seed, most_moves)
    mended.go()
    after = mended.state.placements()
    moves, lost = _differences(current, after)
    return Repair(
        placements=after,
        moves=moves,
        unplaced=_offers(problem, current, mended, after, lost),
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
        usual: Space,
        current: frozenset[Placement],
        event: Sequence[Busy],
        end: float,
        seed: int,
        most_moves: int | None,
    ) -> None:
        self.usual, problem = usual, usual.problem
        weights = Weights(
            misfit=problem.weights.misfit,
            edge=problem.weights.edge,
            spread=0,
            gap=0,
            load=0,
            move=MOVE_COST,
        )
        self.space = self.usual.after(
            event, locks=frozenset(), published=current, weights=weights
        )
        # What was out before the event is no part of mending it.
        placed = Counter(self.space.stream_index[p.stream] for p in current)
        self.space.wanted = [placed[i] for i in range(len(problem.streams))]
        self.state = State(self.space)
        self.freed: set[int] = set()
        self._end, self._seed = end, seed
        self._hit: list[int] = []
        self._frozen: set[int] = set()
        for placement in sorted(current):
            index = self.space.find(placement)
            stream = self.space.stream_index[placement.stream]
            if index is not None:
                self.state.add(index)
            else:
                self._hit.append(stream)
            if placement in problem.locks:
                self._lock(stream, index)
        self._hit = [stream for stream in self._hit if stream not in self._frozen]
        most = max(MOST_MOVES, MOVES_A_HIT * len(self._hit))
        self._most = most if most_moves is None else most_moves

    def _lock(self, stream: int, index: int | None) -> None:
        """A locked lesson that is hit falls out; its stream does not move for it."""
        if index is None:
            self._frozen.add(stream)
        else:
            locked = self.space.locked
            locked[stream] = (*locked[stream], index)

    def go(self) -> None:
        if not self._hit:
            return
        self._chains()
        moved = self._moved()
        perfect = not self._missing() and len(moved) == len(self._hit)
        if not perfect and time.monotonic() < self._end:
            around = Neighbourhoods(self.space, self._seed)
            near = around.shared(self._missing() or set(self._hit))
            self._try({*near, *self._hit, *(self._stream(k) for k in moved)})

    def _stream(self, index: int) -> int:
        return self.space.candidates[index].stream

    def _moved(self) -> set[int]:
        chosen = {index for row in self.state.chosen for index in row}
        return chosen - self._at_home()

    def _at_home(self) -> set[int]:
        return {index for row in self.space.published_of for index in row}

    def _missing(self) -> set[int]:
        return {i for i in self._hit if self.state.missing(i)}

    def _chains(self) -> None:
        """The hit lessons one after another, in many orders; the best of all."""
        end = self._end - CP_SAT_SHARE * (self._end - time.monotonic())
        worked = time.thread_time() + LEAST_CPU_S

        def over() -> bool:
            return time.monotonic() > end and time.thread_time() > worked

        chosen = {index for row in self.state.chosen for index in row}
        stays = {index for row in self.space.locked for index in row}
        stays.update(k for i in self._frozen for k in self.state.chosen[i])
        now = Occupancy(self.space, chosen)
        chains = Chains(now, frozen=stays, seed=self._seed, over=over)
        orders = Orders(chains, self._hit, self._most)
        best = orders.best(self._seed)
        self.freed.update(self._stream(k) for k in orders.looked_at)
        for index in chosen - best:
            self.state.remove(index)
        for index in best - chosen:
            self.state.add(index)

    def _try(self, streams: Iterable[int]) -> None:
        """Whether CP-SAT finds something better when these streams are free."""
        free = sorted(set(streams) - self._frozen)
        outside = self._moved() - {k for i in free for k in self.state.chosen[i]}
        old = [index for i in free for index in self.state.clear(i)]
        model = Model(self.state, free, optional=True, soft=True)
        model.hint(old)
        model.most_of(set(model.var) - self._at_home(), self._most - len(outside))
        left = self._end - time.monotonic()
        answer = engine.run(model, min(STEP_S, left), seed=self._seed)
        self.freed.update(free)
        before = self._rank(free, old)
        if answer.chosen is None or self._rank(free, answer.chosen) > before:
            self._rank(free, old)

    def _rank(self, free: Sequence[int], chosen: Iterable[int]) -> tuple[int, int]:
        """Puts `chosen` in place of what the free streams have."""
        for i in free:
            self.state.clear(i)
        for index in chosen:
            self.state.add(index)
        return self.state.unplaced, self.state.cost(free)


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
    mended: _Mending,
    after: frozenset[Placement],
    lost: Sequence[Placement],
) -> tuple[Unplaced, ...]:
    if not lost:
        return ()
    board = Board(mended.usual, before)
    starts = [_starts(board, problem.stream_by_id[one.stream]) for one in lost]
    for placement in before - after:
        board.remove(placement)
    for placement in after - before:
        board.add(placement)
    board.under(mended.space)
    return tuple(
        Unplaced(
            lesson=placement,
            locked=placement in problem.locks,
            substitutes=_substitutes(problem, board, placement),
            starts=usual,
        )
        for placement, usual in zip(lost, starts, strict=True)
    )


def _substitutes(
    problem: Problem, board: Board, lost: Placement
) -> tuple[TeacherId, ...]:
    """Teachers of the same subject, those of the same school first, whom nothing
    keeps from the old time. Empty when another party is away too."""
    stream = problem.stream_by_id[lost.stream]
    home = problem.master_site(stream).id
    when = Minutes(lost.start, lost.start + stream.minutes)
    in_the_way = board.blockers(stream, lost.weekday, when)
    if any(blocker.who != stream.teacher for blocker in in_the_way):
        return ()
    able = {s.teacher for s in problem.streams if s.subject == stream.subject}
    able.discard(stream.teacher)
    found: list[TeacherId] = []
    for name in sorted(able, key=lambda t: problem.teacher_by_id[t].site != home):
        swapped = replace(stream, teacher=name)
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
