"""Times first, then who takes the open roles: for instances too large for one model.

The times are found without the open roles, but with room for them: the meets of a time
that need somebody out of a set of people should not be more than those people (Hall's
condition, for the sets the instance names and their unions by two). Then everybody is
chosen for the meets as they stand, and as long as a role stays open, the lessons of
the classes concerned are moved and everybody is chosen anew.
"""

import random
import time
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from itertools import combinations

from ortools.sat.python import cp_model

from benchmarks.xhstt.instance import (
    AssignResource,
    AvoidSplitAssignments,
    Cost,
    Instance,
    LimitWorkload,
    LinkEvents,
    Meet,
    PreferResources,
    Solution,
    SplitEvents,
)
from benchmarks.xhstt.judge import judge
from benchmarks.xhstt.model import Model
from benchmarks.xhstt.solver import FOUND, OURS, Found, solver, values
from benchmarks.xhstt.variables import Domains, Start, total

TIMES_SHARE, PEOPLE_SHARE, STEP_S = 0.3, 0.2, 15.0
_OPEN_ROLES = frozenset({AssignResource})
_OF_ROLES = (AssignResource, AvoidSplitAssignments, LimitWorkload, PreferResources)


def solve_in_stages(
    given: Instance, seconds: float, *, workers: int = 2, seed: int = 0
) -> Found | None:
    """None: no times found. Never proven."""
    began = time.monotonic()
    instance = mirrored(given)
    meets = _times(instance, seconds * TIMES_SHARE, workers, seed)
    if meets is None:
        return None
    first_s = 0.0
    best: Cost | None = None
    rng = random.Random(seed)
    free: frozenset[str] = frozenset()
    while best != Cost() and (left := began + seconds - time.monotonic()) > 0:
        soft = best is not None and best.hard == 0
        limit = min(left, seconds * PEOPLE_SHARE if best is None else STEP_S)
        found = _people(instance, meets, free, limit, workers, rng, soft=soft)
        if found is not None:
            cost = judge(given, Solution(OURS, given.id, found))
            first_s = first_s or time.monotonic() - began
            if best is None or cost <= best:
                best, meets = cost, found
        free = _around(instance, meets, rng)
    if best is None:
        return None
    solution = Solution(OURS, given.id, meets)
    took = time.monotonic() - began
    return Found(solution, best, first_s, took, proven=False)


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


def _times(
    instance: Instance, seconds: float, workers: int, seed: int
) -> tuple[Meet, ...] | None:
    model = Model(without_roles(instance), soft=False)
    lacking = reserve(model, instance)
    search = solver(seconds / 2, workers, seed)
    search.parameters.stop_after_first_solution = True
    if search.solve(model.cp) not in FOUND:
        return None
    known = values(search)
    for index, value in enumerate(known):
        model.cp.proto.solution_hint.vars.append(index)
        model.cp.proto.solution_hint.values.append(value)
    model.cp.minimize(lacking)
    search = solver(seconds / 2, workers, seed)
    if search.solve(model.cp) in FOUND:
        known = values(search)
    return model.vars.meets(known)


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


def reserve(model: Model, instance: Instance) -> cp_model.LinearExpr:
    """How many people `model`, of `without_roles(instance)`, lacks for open roles;
    to be minimised."""
    domains = Domains(instance)
    needs: dict[frozenset[str], Counter[str]] = defaultdict(Counter)
    for event in instance.events:
        for need in event.open():
            who = domains.candidates(event.id, need.role or "", need.kind)
            needs[who & domains.alone][event.id] += 1
    lacking = []
    for people in _sets(needs.keys()):
        wanted: Counter[str] = Counter()
        for some, events in needs.items():
            if some <= people:
                wanted += events
        for now in range(len(instance.times)):
            here = [who for who in people if now not in domains.away(who)]
            runs = [
                many * run
                for event, many in wanted.items()
                for run in model.vars.covering(event, now)
            ]
            if sum(wanted.values()) > len(here):
                busy = [x for who in here for x in model.vars.at(who, now)]
                short = model.cp.new_int_var(0, sum(wanted.values()) + len(busy), "")
                model.cp.add(total([*runs, *busy]) <= len(here) + short)
                lacking.append(short)
    return total(lacking)


def _sets(known: Collection[frozenset[str]]) -> Iterator[frozenset[str]]:
    pairs = {one | other for one, other in combinations(known, 2) if one & other}
    yield from set(known) | pairs


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
