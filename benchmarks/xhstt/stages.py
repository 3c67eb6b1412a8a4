"""Times first, then who takes the open roles: for instances too large for one model.

CP-SAT finds times without the open roles, in meets as short as may be: a meet of two
times wants somebody who has both, and exchanges never cut it. Times are then exchanged
and people handed on until nobody is lacking (`hands`); again from other times if a
role is left open. Wishes are seen to after that (`staff`). Each core does all this by
itself and the better answer is kept. What time is left goes to CP-SAT: the lessons of
a class are moved and everybody is chosen anew, now with every constraint.
"""

import random
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context

from benchmarks.xhstt.annealing import Annealing
from benchmarks.xhstt.bundles import bundled
from benchmarks.xhstt.grid import Grid
from benchmarks.xhstt.hands import Hands
from benchmarks.xhstt.instance import (
    AssignResource,
    AssignTime,
    AvoidClashes,
    AvoidSplitAssignments,
    AvoidUnavailableTimes,
    Cost,
    DistributeSplitEvents,
    Instance,
    LimitWorkload,
    LinkEvents,
    Meet,
    PreferResources,
    PreferTimes,
    Solution,
    SplitEvents,
)
from benchmarks.xhstt.judge import judge
from benchmarks.xhstt.model import Model
from benchmarks.xhstt.roles import Crew
from benchmarks.xhstt.solver import FOUND, OURS, Found, solver, values
from benchmarks.xhstt.staff import Staff
from benchmarks.xhstt.variables import Domains, Start, TooLargeError
from benchmarks.xhstt.wishes import Wishes

ATTEMPTS_SHARE = 0.75
"""Of all the time: no attempt begins later."""
TIMES_SHARE, ATTEMPT_SHARE, SMOOTH_SHARE = 0.15, 0.5, 0.9
"""Of the time left when each begins."""
APART_SHARE = 0.7
"""Of what an attempt has left: for people who may change within a meet."""
APART_STEPS, WHOLE_STEPS = 150_000, 120_000
"""Of one attempt, at most: where it is stuck, longer annealing helps less than other
times to begin with."""
STEP_S = 15.0
APART, WHOLE, SMOOTHING = (0.4, 0.28), (0.35, 0.2), (0.4, 0.03)
"""Temperatures, hot and cold: in hours without anybody."""
WISH_COST = 0.05
"""Of a point, in hours without anybody."""
_OPEN_ROLES = frozenset({AssignResource})
_OF_ROLES = (AssignResource, AvoidSplitAssignments, LimitWorkload, PreferResources)
_KEPT_BY_EXCHANGES = (
    *_OF_ROLES,
    AssignTime,
    AvoidClashes,
    AvoidUnavailableTimes,
    DistributeSplitEvents,
    LinkEvents,
    PreferTimes,
    SplitEvents,
)


class _Clock:
    def __init__(self, seconds: float) -> None:
        self._began, self.seconds = time.monotonic(), seconds

    def past(self) -> float:
        return time.monotonic() - self._began

    def left(self, share: float = 1.0) -> float:
        return share * max(0.0, self.seconds - self.past())


def solve_in_stages(
    given: Instance, seconds: float, *, workers: int = 2, seed: int = 0
) -> Found | None:
    """None: no times found. Never proven. Raises variables.TooLargeError."""
    clock = _Clock(seconds)
    instance = mirrored(given)
    staffed = _side_by_side(instance, seconds, workers, seed)
    if not staffed:
        return None
    solutions = [Solution(OURS, given.id, one.meets) for one in staffed]
    best = min(solutions, key=lambda solution: judge(given, solution))
    best = _improved(given, instance, best, clock, workers, random.Random(seed))
    first_s = min(one.first_s for one in staffed)
    return Found(best, judge(given, best), first_s, clock.past(), proven=False)


@dataclass(frozen=True, slots=True)
class _Staffed:
    meets: tuple[Meet, ...]
    first_s: float


def _side_by_side(
    instance: Instance, seconds: float, workers: int, seed: int
) -> list[_Staffed]:
    """What each of `workers` processes finds, from times of its own."""
    if workers == 1:
        found = [_staffed(instance, seconds, seed)]
    else:
        with ProcessPoolExecutor(workers, get_context("fork")) as pool:
            seeds = range(seed * workers, (seed + 1) * workers)
            runs = [pool.submit(_staffed, instance, seconds, one) for one in seeds]
            found = [run.result() for run in runs]
    return [one for one in found if one is not None]


def _staffed(instance: Instance, seconds: float, seed: int) -> _Staffed | None:
    clock, rng = _Clock(seconds), random.Random(seed)
    attempt = _attempts(_Parts(instance), clock, rng)
    if attempt is None:
        return None
    first_s = clock.past()
    return _Staffed(attempt.smoothed(clock.left(SMOOTH_SHARE)), first_s)


def _improved(
    given: Instance,
    instance: Instance,
    best: Solution,
    clock: _Clock,
    workers: int,
    rng: random.Random,
) -> Solution:
    cost = judge(given, best)
    while cost != Cost() and clock.left() > 0:
        free = _around(instance, best.meets, rng)
        limit, soft = min(clock.left(), STEP_S), not cost.hard
        try:
            meets = _people(instance, best.meets, free, limit, workers, rng, soft=soft)
        except TooLargeError:
            return best
        if meets is not None:
            found = replace(best, meets=meets)
            if judge(given, found) <= cost:
                best, cost = found, judge(given, found)
    return best


def mirrored(instance: Instance) -> Instance:
    """Events linked to one with limits of duration get these too, unless they have
    limits of their own. They run at the same times and lose little by it."""
    limits = {
        event: c
        for c in instance.constraints
        if isinstance(c, SplitEvents) and c.required
        for event in c.events
    }
    added: dict[str, SplitEvents] = {}
    for c in instance.constraints:
        if isinstance(c, LinkEvents) and c.required:
            for group in c.groups:
                known = [limits[e] for e in group.events if e in limits]
                for event in group.events:
                    if known and event not in limits:
                        added[event] = replace(
                            known[0], events=(event,), min_amount=1, max_amount=10**6
                        )
    return replace(instance, constraints=(*instance.constraints, *added.values()))


def without_roles(instance: Instance) -> Instance:
    """The instance with its given resources alone."""
    return replace(
        instance,
        events=tuple(
            replace(event, resources=tuple(r for r in event.resources if r.resource))
            for event in instance.events
        ),
        constraints=tuple(
            c for c in instance.constraints if not isinstance(c, _OF_ROLES)
        ),
    )


def _times(
    instance: Instance, crew: Crew, seconds: float, seed: int, *, short: bool
) -> tuple[Meet, ...] | None:
    """With `short`, as few hours of roles in meets of several times as are found."""
    model = Model(instance, soft=False)
    search = solver(seconds, 1, seed)
    if short:
        roles = Counter(role.bundle for role in crew.roles)
        longer = [
            (start.duration - 1) * roles[start.event] * chosen
            for start, chosen in model.vars.start.items()
        ]
        model.cp.minimize(sum(longer))
    else:
        search.parameters.stop_after_first_solution = True
    if search.solve(model.cp) not in FOUND:
        return None
    return model.vars.meets(values(search))


class _Parts:
    """An instance, and what of it every attempt needs."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.bundles = bundled(instance)
        self.crew = Crew(instance, self.bundles)
        self.timed = without_roles(self.bundles.instance)
        self.exchanging = _exchanges_are_safe(instance)


class _Attempt:
    """Times, and people for them, made better until `clock` is over."""

    def __init__(
        self,
        parts: _Parts,
        meets: Sequence[Meet],
        clock: _Clock,
        rng: random.Random,
    ) -> None:
        self._parts, self._rng = parts, rng
        self._waiting = [meet for meet in meets if meet.time is None]
        placed = [meet for meet in meets if meet.time is not None]
        crew, self._grid = parts.crew, Grid(parts.timed, placed, parts.crew.people)
        if parts.exchanging:
            # What is lacking even so is what most times are changed for, and quicker
            # to see.
            easing = Annealing(clock.left(APART_SHARE), *APART, rng, steps=APART_STEPS)
            Hands(self._grid, crew, apart=True).ease(easing)
        self._hands = Hands(self._grid, crew, apart=False)
        if parts.exchanging:
            self._hands.ease(Annealing(clock.left(), *WHOLE, rng, steps=WHOLE_STEPS))
        self.open_hours = self._hands.open_hours

    def smoothed(self, seconds: float) -> tuple[Meet, ...]:
        """Of every event, after its wishes have been seen to."""
        parts, grid, rng = self._parts, self._grid, self._rng
        bundles, people = parts.bundles.instance, parts.crew.people
        wishes = Wishes(parts.instance, bundles, grid, people)
        staff = Staff(grid, parts.crew, wishes, rng, self._hands.has())
        smoothing = Annealing(seconds, *SMOOTHING, rng)
        staff.smooth(smoothing, WISH_COST, exchanging=parts.exchanging)
        known = {(meet.event, meet.time): meet for meet in staff.meets()}
        whole = (*grid.meets(), *self._waiting)
        return tuple(
            known.get((meet.event, meet.time), meet)
            for meet in parts.bundles.unpacked(whole)
        )


def _attempts(parts: _Parts, clock: _Clock, rng: random.Random) -> _Attempt | None:
    """The best of a few, each from other times: one may be stuck where the next is
    not. The first that leaves no role open is taken."""
    best: _Attempt | None = None
    while best is None or clock.left() > (1 - ATTEMPTS_SHARE) * clock.seconds:
        instance, crew, of = parts.timed, parts.crew, rng.randrange(1000)
        timed = _times(instance, crew, clock.left(TIMES_SHARE), of, short=True)
        if timed is None and best is None:
            # Without times there is nothing: any are worth all that attempts have.
            share = clock.left(ATTEMPTS_SHARE)
            timed = _times(instance, crew, share, of, short=False)
        if timed is None:
            return best
        attempt = _Attempt(parts, timed, _Clock(clock.left(ATTEMPT_SHARE)), rng)
        if best is None or attempt.open_hours < best.open_hours:
            best = attempt
        if not best.open_hours:
            break
    return best


def _exchanges_are_safe(instance: Instance) -> bool:
    """Whether nothing is required of times but what exchanges keep."""
    return all(
        isinstance(c, _KEPT_BY_EXCHANGES)
        for c in instance.constraints
        if c.required and c.weight
    )


def _people(
    instance: Instance,
    meets: Sequence[Meet],
    free: frozenset[str],
    seconds: float,
    workers: int,
    rng: random.Random,
    *,
    soft: bool,
) -> tuple[Meet, ...] | None:
    """Everybody chosen anew; the lessons of `free` events may move."""
    only = {Start(m.event, m.duration, m.time) for m in meets if m.time is not None}
    domains = Domains(instance)
    for event in free:
        only.update(domains.starts(instance.event[event]))
    model = Model(instance, soft=soft, breakable=_OPEN_ROLES, only=only)
    _hint(model, meets)
    search = solver(seconds, workers, rng.randrange(1000))
    # Nearly a matching, and its linear relaxation nearly whole.
    search.parameters.linearization_level = 2
    if search.solve(model.cp) not in FOUND:
        return None
    return model.vars.meets(values(search))


def _hint(model: Model, meets: Sequence[Meet]) -> None:
    """Every decision, also those against: half a hint is as good as none."""
    now = {Start(m.event, m.duration, m.time): m for m in meets if m.time is not None}
    for start, variable in model.vars.start.items():
        model.cp.add_hint(variable, start in now)
    for (start, role, who), variable in model.vars.choice.items():
        taken = start in now and now[start].assigned.get(role) == who
        model.cp.add_hint(variable, taken)


def _around(
    instance: Instance, meets: Sequence[Meet], rng: random.Random
) -> frozenset[str]:
    """The events of a class that has a lesson with an open role (of any class if
    there is none), and the events linked to them."""
    short = [
        meet.event
        for meet in meets
        for need in instance.event[meet.event].open()
        if (need.role or "") not in meet.assigned
    ]
    name = rng.choice(short or [meet.event for meet in meets])
    fixed = list(instance.event[name].fixed())
    chosen = {name}
    if fixed:
        person = rng.choice(fixed)
        chosen |= {e.id for e in instance.events if person in e.fixed()}
    for c in instance.constraints:
        if isinstance(c, LinkEvents) and c.required:
            for group in c.groups:
                if chosen & set(group.events):
                    chosen |= set(group.events)
    return frozenset(chosen)
