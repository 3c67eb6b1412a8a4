"""What a timetable costs, counted from the definitions in `Weights`.

Written apart from the model, like `check`: the model's own objective must agree.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from scheduler.catalogue.bells import Minutes
from scheduler.solver.problem import (
    LOAD_STEP,
    Placement,
    Problem,
    Resource,
    Stream,
)


def _stream(problem: Problem, placement: Placement) -> Stream:
    return problem.stream_by_id[placement.stream]


def _time(problem: Problem, placement: Placement) -> Minutes:
    return Minutes(placement.start, problem.end(placement))


@dataclass(frozen=True, slots=True)
class Cost:
    """Soft cost, weighted, by rule; `unplaced` counts lessons and is not in `total`."""

    misfit: int
    edge: int
    subject: int
    spread: int
    gap: int
    load: int
    move: int
    unplaced: int

    @property
    def total(self) -> int:
        return (
            self.misfit
            + self.edge
            + self.subject
            + self.spread
            + self.gap
            + self.load
            + self.move
        )


def cost(problem: Problem, placements: Iterable[Placement]) -> Cost:
    """The soft cost of `placements`, rule by rule."""
    rows = sorted(placements)
    w = problem.weights
    wanted = sum(s.lessons for s in problem.streams)
    return Cost(
        misfit=w.misfit * _sum(problem, rows, _misfit),
        edge=w.edge * _sum(problem, rows, _edge),
        subject=_sum(problem, rows, _subject),
        spread=w.spread * neighbour_days(rows),
        gap=w.gap * _gaps(problem, rows),
        load=w.load * _uneven(problem, rows),
        move=w.move * len(problem.published - frozenset(rows)),
        unplaced=wanted - len(rows),
    )


def _sum(
    problem: Problem,
    rows: Sequence[Placement],
    of: Callable[[Problem, Placement], int],
) -> int:
    return sum(of(problem, p) for p in rows)


def _misfit(problem: Problem, p: Placement) -> int:
    stream, time = _stream(problem, p), _time(problem, p)
    extra = 0
    for receiver in stream.receivers:
        bells = problem.receiving_site(receiver).bells.get(p.weekday, ())
        cut = sum(1 for b in bells if time.overlap(Minutes(b.start, b.end)))
        extra += max(0, cut - 1)
    if not stream.displaces_local:
        return extra
    receiving = _receiving(stream)
    given_up = {
        (b.resource, b.time.start)
        for b in problem.busy
        if b.kind == "local"
        and b.resource in receiving
        and b.weekday == p.weekday
        and b.weeks & stream.weeks
        and b.time.overlap(time)
    }
    return extra + len(given_up)


def _receiving(stream: Stream) -> set[Resource]:
    rooms = {Resource("room", r.room) for r in stream.receivers}
    groups = [r.class_group for r in stream.receivers if r.class_group]
    return rooms | {Resource("class", group) for group in groups}


def _edge(problem: Problem, p: Placement) -> int:
    bells = problem.master_site(_stream(problem, p)).bells.get(p.weekday, ())
    starts = [b.start for b in bells]
    return int(bool(starts) and p.start in (min(starts), max(starts)))


def _subject(problem: Problem, p: Placement) -> int:
    subject = _stream(problem, p).subject
    return sum(
        t.cost
        for t in problem.subject_times
        if t.subject == subject and t.time.start <= p.start < t.time.end
    )


def neighbour_days(rows: Iterable[Placement]) -> int:
    """Pairs of lessons of one stream on two days that follow each other."""
    days: dict[str, set[int]] = defaultdict(set)
    for p in rows:
        days[p.stream].add(p.weekday)
    return sum(
        1 for mine in days.values() for a, b in pairwise(sorted(mine)) if b - a == 1
    )


def _gaps(problem: Problem, rows: Sequence[Placement]) -> int:
    """Idle periods of the teacher's own bells between two duties, in any week."""
    used: dict[tuple[str, int], list[Minutes]] = defaultdict(list)
    taught = {s.teacher for s in problem.streams}
    for p in rows:
        used[_stream(problem, p).teacher, p.weekday].append(_time(problem, p))
    for b in problem.busy:
        if b.resource.kind == "teacher" and b.kind == "local":
            used[b.resource.id, b.weekday].append(b.time)
    idle = 0
    for (teacher, day), times in used.items():
        if teacher not in taught:
            continue
        home = problem.site_by_id[problem.teacher_by_id[teacher].site]
        busy = [
            any(t.overlap(Minutes(b.start, b.end)) for t in times)
            for b in home.bells.get(day, ())
        ]
        if True in busy:
            last = len(busy) - 1 - busy[::-1].index(True)
            idle += busy[busy.index(True) : last].count(False)
    return idle


def _uneven(problem: Problem, rows: Sequence[Placement]) -> int:
    over = 0
    for day, minute in problem.load_samples:
        seats = sum(
            _stream(problem, p).seats
            for p in rows
            if p.weekday == day and p.start <= minute < problem.end(p)
        )
        over += -(-max(0, seats - problem.even_seats) // LOAD_STEP)
    return over
