"""The CP-SAT model: one boolean per stream and possible start.

Built for all streams or for a few *free* ones while the others stay where a `State`
has them. Two lessons that would hold one resource at the same minute stand in one
at-most-one clique; cliques are the maximal sets of spans that share a minute, so
unequal bells need no special case.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations, pairwise

from ortools.sat.python import cp_model

from scheduler.solver.problem import LOAD_STEP
from scheduler.solver.space import Candidate, Space
from scheduler.solver.state import MEDIA, State

UNPLACED_COST = 100_000
"""More than any soft cost that placing one lesson can bring."""
_Term = tuple[cp_model.IntVar, int]


class Model:
    """`optional`: lessons may stay unplaced, at `UNPLACED_COST` each. `soft`: with
    the soft rules. `media`: with the district's media capacity. Free streams must
    have been cleared from `state`; their locks stay."""

    def __init__(
        self,
        state: State,
        free: Iterable[int],
        *,
        optional: bool,
        soft: bool,
        media: bool = True,
    ) -> None:
        self.space: Space = state.space
        self.state = state
        self.free = list(free)
        self.cp = cp_model.CpModel()
        self.var: dict[int, cp_model.IntVar] = {}
        self.impossible = False
        self._optional, self._media = optional, media
        self._goal: list[_Term] = []
        self._rests: list[cp_model.IntVar] = []
        self._offset = 0
        self._candidates = [c for i in self.free for c in self._open(i)]
        for c in self._candidates:
            self.var[c.index] = self.cp.new_bool_var("")
        self._counts()
        self._cliques()
        self._capacity()
        self._travel()
        if soft:
            self._soft()
        if self._goal:
            variables, factors = zip(*self._goal, strict=True)
            self.cp.minimize(
                cp_model.LinearExpr.weighted_sum(variables, factors) + self._offset
            )

    def hint(self, chosen: Iterable[int]) -> None:
        old = set(chosen)
        for index, variable in self.var.items():
            self.cp.add_hint(variable, index in old)

    def hint_all(self, value: cp_model.CpSolver) -> None:
        """Every variable where the solver has it, those of the soft rules too."""
        self.cp.clear_hints()  # type: ignore[no-untyped-call]
        for k in range(len(self.cp.proto.variables)):
            variable = self.cp.get_int_var_from_proto_index(k)
            self.cp.add_hint(variable, value.value(variable))

    def most_of(self, indices: Iterable[int], most: int) -> None:
        """At most `most` of these candidates."""
        some = [self.var[index] for index in indices]
        self.cp.add(cp_model.LinearExpr.sum(some) <= most)

    def most_out(self, most: int) -> None:
        """At most `most` lessons unplaced; only for an `optional` model."""
        self.cp.add(cp_model.LinearExpr.sum(self._rests) <= most)

    def chosen(
        self, value: cp_model.CpSolver | cp_model.CpSolverSolutionCallback
    ) -> list[int]:
        read = value.value
        return [index for index, variable in self.var.items() if read(variable)]

    def _open(self, stream: int) -> Iterator[Candidate]:
        """Candidates that the lessons outside leave open, locked ones always."""
        locked = self.space.locked[stream]
        taken: dict[int, int] = {}
        for c in self.space.of_stream[stream]:
            if c.weekday not in taken:
                taken[c.weekday] = self.state.taken(stream, c.weekday)
            if c.index in locked or not c.span & taken[c.weekday]:
                yield c

    def _counts(self) -> None:
        mine: dict[int, list[Candidate]] = defaultdict(list)
        for c in self._candidates:
            mine[c.stream].append(c)
        for stream in self.free:
            wanted = self.space.wanted[stream]
            rows = mine[stream]
            days: dict[int, list[cp_model.IntVar]] = defaultdict(list)
            for c in rows:
                days[c.weekday].append(self.var[c.index])
            for literals in days.values():
                if len(literals) > 1:
                    self.cp.add_at_most_one(literals)
            total = cp_model.LinearExpr.sum([self.var[c.index] for c in rows])
            if self._optional:
                rest = self.cp.new_int_var(0, wanted, "")
                self.cp.add(total + rest == wanted)
                self._rests.append(rest)
                self._goal.append((rest, UNPLACED_COST))
            elif len(days) < wanted:
                self.impossible = True
            else:
                self.cp.add(total == wanted)
            for index in self.space.locked[stream]:
                self.cp.add(self.var[index] == 1)

    def _cliques(self) -> None:
        users: dict[tuple[int, int, int], list[Candidate]] = defaultdict(list)
        for c in self._candidates:
            for group in self.space.groups_of[c.stream]:
                for resource in self.space.holds[c.stream]:
                    users[resource, c.weekday, group].append(c)
        seen: set[tuple[int, ...]] = set()
        for rows in users.values():
            for clique in maximal_sets(rows):
                names = tuple(c.index for c in clique)
                if len(names) > 1 and names not in seen:
                    seen.add(names)
                    self.cp.add_at_most_one([self.var[i] for i in names])

    def _capacity(self) -> None:
        users: dict[tuple[str, int, int], list[tuple[Candidate, int]]]
        users = defaultdict(list)
        caps: dict[str, int] = {}
        for stream in self.free:
            for name, _, cap in self.state.limits(stream):
                caps[name] = cap
        rates = {
            i: {n: r for n, r, _ in self.state.limits(i) if self._media or n != MEDIA}
            for i in self.free
        }
        for c in self._candidates:
            for name, rate in rates[c.stream].items():
                for group in self.space.groups_of[c.stream]:
                    users[name, c.weekday, group].append((c, rate))
        for (name, weekday, group), rows in users.items():
            load = self.state.load(name, weekday, group)
            rate_of = {c.index: rate for c, rate in rows}
            for clique, start, end in stretches([c for c, _ in rows]):
                left = caps[name] - int(load[start:end].max())
                factors = [rate_of[c.index] for c in clique]
                if _most(clique, factors) > left:
                    terms = [self.var[c.index] for c in clique]
                    self.cp.add(
                        cp_model.LinearExpr.weighted_sum(terms, factors) <= left
                    )

    def _travel(self) -> None:
        space = self.space
        rows: dict[tuple[str, int], list[Candidate]] = defaultdict(list)
        for c in self._candidates:
            if space.roving[c.stream]:
                rows[space.streams[c.stream].teacher, c.weekday].append(c)
        for day in rows.values():
            for a, b in combinations(day, 2):
                sites = (space.master_sites[a.stream], space.master_sites[b.stream])
                if sites[0] == sites[1] or a.span & b.span:
                    continue
                gap = max(a.start, b.start) - min(a.end, b.end)
                weeks = space.streams[a.stream].weeks & space.streams[b.stream].weeks
                if weeks and gap < space.problem.travel_min(*sites):
                    self.cp.add_at_most_one([self.var[a.index], self.var[b.index]])

    def _soft(self) -> None:
        weights = self.space.problem.weights
        for c in self._candidates:
            keep = weights.move * (c.index in self.space.published_of[c.stream])
            if c.cost != keep:
                self._goal.append((self.var[c.index], c.cost - keep))
        for stream in self.free:
            published = len(self.space.published_of[stream])
            lost = self.space.published_lost[stream]
            self._offset += weights.move * (published + lost)
        if weights.spread:
            self._spread(weights.spread)
        if weights.gap:
            self._gaps(weights.gap)
        if weights.load:
            self._load(weights.load)

    def _spread(self, weight: int) -> None:
        days: dict[int, dict[int, list[cp_model.IntVar]]]
        days = defaultdict(lambda: defaultdict(list))
        for c in self._candidates:
            days[c.stream][c.weekday].append(self.var[c.index])
        for stream, by_day in days.items():
            if self.space.streams[stream].lessons < 2:
                continue
            for day in sorted(by_day):
                if day + 1 in by_day:
                    both = self.cp.new_bool_var("")
                    used = cp_model.LinearExpr.sum(by_day[day] + by_day[day + 1])
                    self.cp.add(used <= 1 + both)
                    self._goal.append((both, weight))

    def _gaps(self, weight: int) -> None:
        mine: dict[tuple[str, int], list[Candidate]] = defaultdict(list)
        teachers: dict[str, None] = {}
        for stream in self.free:
            teachers[self.space.streams[stream].teacher] = None
        for c in self._candidates:
            mine[self.space.streams[c.stream].teacher, c.weekday].append(c)
        for teacher in teachers:
            for day in self.space.problem.weekdays:
                self._gaps_of(teacher, day, mine[teacher, day], weight)

    def _gaps_of(
        self, teacher: str, day: int, rows: Sequence[Candidate], weight: int
    ) -> None:
        """A period is a gap when something lies before it, something after it, and
        nothing in it."""
        spans, busy = self.state.duties(teacher, day)
        if not rows:
            self._offset += weight * self.state.gaps(teacher, day)
            return
        here = [[self.var[c.index] for c in rows if c.span & s] for s in spans]
        before = self._any_so_far(here, busy)
        after = self._any_so_far(here[::-1], busy[::-1])[::-1]
        for p in range(1, len(spans) - 1):
            if busy[p]:
                continue
            left, right = before[p - 1], after[p + 1]
            if left is False or right is False:
                continue
            gap = self.cp.new_bool_var("")
            used = cp_model.LinearExpr.sum(here[p])
            self.cp.add(gap + used >= left + right - 1)
            self._goal.append((gap, weight))

    def _any_so_far(
        self, here: Sequence[list[cp_model.IntVar]], busy: Sequence[bool]
    ) -> list[cp_model.IntVar | bool]:
        """For each position, whether anything lies there or before."""
        found: list[cp_model.IntVar | bool] = []
        last: cp_model.IntVar | bool = False
        for literals, taken in zip(here, busy, strict=True):
            if taken or last is True:
                last = True
            elif literals:
                now = self.cp.new_bool_var("")
                if not isinstance(last, bool):
                    self.cp.add_implication(last, now)
                for literal in literals:
                    self.cp.add_implication(literal, now)
                last = now
            found.append(last)
        return found

    def _load(self, weight: int) -> None:
        even = self.space.problem.even_seats
        users: dict[int, list[_Term]] = defaultdict(list)
        for c in self._candidates:
            for k in c.samples:
                seats = self.space.streams[c.stream].seats
                users[k].append((self.var[c.index], seats))
        for k, fixed in enumerate(self.state.sample_seats):
            most = fixed + sum(seats for _, seats in users[k])
            if most <= even:
                continue
            steps = self.cp.new_int_var(0, -(-(most - even) // LOAD_STEP), "")
            terms = [v for v, _ in users[k]]
            factors = [n for _, n in users[k]]
            load = cp_model.LinearExpr.weighted_sum(terms, factors)
            self.cp.add(LOAD_STEP * steps >= load + (fixed - even))
            self._goal.append((steps, weight))


def stretches(
    rows: Sequence[Candidate],
) -> Iterator[tuple[list[Candidate], int, int]]:
    """(candidates, first minute, last minute + 1) between neighbouring starts and
    ends, wherever any candidate runs."""
    edges = sorted({c.start for c in rows} | {c.end for c in rows})
    for start, end in pairwise(edges):
        here = [c for c in rows if c.start <= start and c.end >= end]
        if here:
            yield here, start, end


def maximal_sets(rows: Sequence[Candidate]) -> Iterator[list[Candidate]]:
    """The maximal sets of candidates that share a minute."""
    active: list[Candidate] = []
    grown = False
    for c in sorted(rows, key=lambda c: (c.start, c.end)):
        still = [a for a in active if a.end > c.start]
        if grown and len(still) < len(active):
            yield active
        active = [*still, c]
        grown = True
    if active:
        yield active


def _most(rows: Sequence[Candidate], rates: Sequence[int]) -> int:
    """The most that can run at once: one candidate of each stream."""
    best: dict[int, int] = {}
    for c, rate in zip(rows, rates, strict=True):
        best[c.stream] = max(best.get(c.stream, 0), rate)
    return sum(best.values())
