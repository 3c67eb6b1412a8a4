"""Why a set of wishes cannot be: a few rules that contradict each other.

Every rule is an assumption literal; CP-SAT names those it needed for its proof, and
each is then left out once to see whether the rest still contradict. Small groups of
streams (one, those of a teacher, class, room or site) are tried before the district:
what contradicts itself in a part does so in the whole, and in fewer words.
"""

import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ortools.sat.python import cp_model

from scheduler.catalogue.bells import Minutes
from scheduler.solver.grid import span_of
from scheduler.solver.model import maximal_sets, stretches
from scheduler.solver.overload import overload
from scheduler.solver.problem import Problem
from scheduler.solver.rules import (
    Rule,
    Sentence,
    blocking_rules,
    lock_rule,
    sentence,
)
from scheduler.solver.space import Candidate, Space

PART_S = 0.5
TRIAL_S = 1.0
TIGHT = 0.7
"""Resources of which less than this share is wanted are not tried alone."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """`rules` contradict each other. `minimal`: without any one of them they would
    not, as far as was proven in time."""

    rules: tuple[Sentence, ...]
    minimal: bool
    seconds: float


def explain(problem: Problem, *, seconds: float = 10.0) -> Explanation | None:
    """None when no contradiction was found in time, or when there is none."""
    begun = time.monotonic()
    space = Space(problem)
    end = begun + seconds
    found = _search(space, _alone(space), end) or _counted_or_searched(space, end)
    if found is None:
        return None
    rules, minimal = found
    return Explanation(
        rules=tuple(sentence(problem, rule) for rule in sorted(rules)),
        minimal=minimal,
        seconds=time.monotonic() - begun,
    )


def _counted_or_searched(space: Space, end: float) -> tuple[list[Rule], bool] | None:
    tight = _tight_resources(space)
    counted = overload(space, tight)
    return (counted, True) if counted else _search(space, _parts(space, tight), end)


def _search(
    space: Space, parts: Iterable[list[int]], end: float
) -> tuple[list[Rule], bool] | None:
    for part in parts:
        left = end - time.monotonic()
        if left <= 0:
            return None
        whole = len(part) == len(space.streams)
        trial = _Trial(space, part)
        core = trial.core(None, left if whole else min(PART_S, left))
        if core:
            return _shrink(trial, core, end)
    return None


def _alone(space: Space) -> Iterator[list[int]]:
    """A stream with too few days of its own; the locked streams."""
    short = (i for i, s in enumerate(space.streams) if _days(space, i) < s.lessons)
    first = next(short, None)
    if first is not None:
        yield [first]
    locked = {space.stream_index[p.stream] for p in space.problem.locks}
    if locked:
        yield sorted(locked)


def _parts(space: Space, tight: Sequence[list[int]]) -> Iterator[list[int]]:
    """Groups of streams, the likeliest to contradict first, the district last."""
    yield from tight
    sites: dict[str, list[int]] = defaultdict(list)
    for i, site in enumerate(space.master_sites):
        sites[site].append(i)
    yield from sorted(sites.values(), key=lambda rows: -_wanted(space, rows))
    yield list(range(len(space.streams)))


def _days(space: Space, stream: int) -> int:
    return len({c.weekday for c in space.of_stream[stream]})


def _wanted(space: Space, rows: Iterable[int]) -> int:
    return sum(space.streams[i].lessons for i in rows)


def _tight_resources(space: Space) -> list[list[int]]:
    """Streams of each resource, by the share of its open minutes they want."""
    found: list[tuple[float, list[int]]] = []
    for rows in space.users:
        open_: dict[int, int] = defaultdict(int)
        for i in rows:
            for c in space.of_stream[i]:
                open_[c.weekday] |= c.span
        minutes = sum(mask.bit_count() for mask in open_.values())
        wanted = sum(space.streams[i].lessons * space.streams[i].minutes for i in rows)
        share = wanted / max(1, minutes)
        if share > TIGHT:
            found.append((share, rows))
    found.sort(key=lambda pair: -pair[0])
    return [rows for _, rows in found]


def _shrink(trial: "_Trial", core: list[Rule], end: float) -> tuple[list[Rule], bool]:
    """Leave out one rule at a time. Other rules first: without its lessons a course
    asks for nothing."""
    minimal = True
    keep = sorted(core, key=lambda rule: rule.kind == "lessons")
    for rule in list(keep):
        if rule not in keep:
            continue
        left = end - time.monotonic()
        if left <= 0:
            return keep, False
        rest = [r for r in keep if r != rule]
        smaller = trial.core(rest, min(TRIAL_S, left))
        if smaller is not None:
            keep = [r for r in rest if r in smaller]
        elif not trial.settled:
            minimal = False
    return keep, minimal


class _Trial:
    """The hard model of some streams with one literal per rule. `settled`: the last
    answer was a proof, not a lack of time."""

    def __init__(self, space: Space, part: Sequence[int]) -> None:
        self._space, self._part = space, part
        self._cp = cp_model.CpModel()
        self._rules: dict[Rule, cp_model.IntVar] = {}
        self._vars: dict[int, cp_model.IntVar] = {}
        self._rows: list[Candidate] = []
        self.settled = False
        for stream in part:
            self._add_stream(stream)
        self._cliques()
        self._uplinks()

    def core(self, rules: Sequence[Rule] | None, seconds: float) -> list[Rule] | None:
        """Rules (of `rules`; None: all) that contradict each other, or None."""
        some = list(self._rules) if rules is None else rules
        self._cp.clear_assumptions()
        self._cp.add_assumptions([self._rules[rule] for rule in some])
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.max_time_in_seconds = max(0.01, seconds)
        status = solver.solve(self._cp)
        self.settled = status != cp_model.UNKNOWN
        if status != cp_model.INFEASIBLE:
            return None
        named = set(solver.sufficient_assumptions_for_infeasibility())
        return [rule for rule in some if self._rules[rule].index in named]

    def _literal(self, rule: Rule) -> cp_model.IntVar:
        if rule not in self._rules:
            self._rules[rule] = self._cp.new_bool_var("")
        return self._rules[rule]

    def _add_stream(self, i: int) -> None:
        space, stream = self._space, self._space.streams[i]
        days: dict[int, list[cp_model.IntVar]] = defaultdict(list)
        at: dict[tuple[int, int], cp_model.IntVar] = {}
        for weekday, start in space.grids.starts(stream):
            variable = self._cp.new_bool_var("")
            at[weekday, start] = variable
            days[weekday].append(variable)
            for rule in set(blocking_rules(space, stream, weekday, start)):
                self._cp.add_implication(self._literal(rule), variable.negated())
            time_ = Minutes(start, start + stream.minutes)
            index = len(self._rows)
            span = span_of(time_)
            row = Candidate(index, i, weekday, start, time_.end, span, 0, ())
            self._rows.append(row)
            self._vars[index] = variable
        for variables in days.values():
            self._cp.add_at_most_one(variables)
        lessons = self._literal(Rule("lessons", stream.id))
        total = cp_model.LinearExpr.sum(list(at.values()))
        self._cp.add(total == stream.lessons).only_enforce_if(lessons)
        for lock in space.problem.locks:
            if lock.stream == stream.id:
                literal = self._literal(lock_rule(lock))
                target = at.get((lock.weekday, lock.start))
                if target is None:
                    self._cp.add_bool_or([literal.negated()])
                else:
                    self._cp.add_implication(literal, target)

    def _cliques(self) -> None:
        space = self._space
        users: dict[tuple[int, int, int], list[Candidate]] = defaultdict(list)
        for c in self._rows:
            for group in space.groups_of[c.stream]:
                for resource in space.holds[c.stream]:
                    users[resource, c.weekday, group].append(c)
        for rows in users.values():
            for clique in maximal_sets(rows):
                self._cp.add_at_most_one([self._vars[c.index] for c in clique])

    def _uplinks(self) -> None:
        space = self._space
        users: dict[tuple[str, int, int], list[Candidate]] = defaultdict(list)
        for c in self._rows:
            for site in space.uplinks[c.stream]:
                for group in space.groups_of[c.stream]:
                    users[site, c.weekday, group].append(c)
        for (site, _, _), rows in users.items():
            cap = space.problem.site_by_id[site].uplink_kbps
            if cap is None:
                continue
            for clique, _, _ in stretches(rows):
                rates = [space.uplinks[c.stream][site] for c in clique]
                if sum(rates) > cap:
                    terms = [self._vars[c.index] for c in clique]
                    load = cp_model.LinearExpr.weighted_sum(terms, rates)
                    limit = self._cp.add(load <= cap)
                    limit.only_enforce_if(self._literal(Rule("uplink", site)))
