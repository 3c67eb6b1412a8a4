"""What the model decides: the meets of each event, their starts, who takes a role.

One boolean per event, possible duration and start; splitting an event is choosing
several of them. Two meets of one event never run at once: no answer worth having is
lost by that, and whether an event is running at a time is then a plain sum.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from ortools.sat.python import cp_model

from benchmarks.xhstt.instance import (
    AssignResource,
    AssignTime,
    AvoidClashes,
    AvoidUnavailableTimes,
    Constraint,
    Event,
    Instance,
    Meet,
    PreferResources,
    PreferTimes,
    SplitEvents,
)

MAX_BOOLEANS = 250_000
"""Above it, building and presolving alone take a minute or more."""
NOTHING: frozenset[type[Constraint]] = frozenset()
Expr = cp_model.LinearExpr


def total(parts: Iterable[Expr]) -> Expr:
    return cp_model.LinearExpr.sum(list(parts))


class TooLargeError(Exception):
    """`booleans`: how many the model would need."""

    def __init__(self, booleans: int) -> None:
        super().__init__(booleans)
        self.booleans = booleans

    def __str__(self) -> str:
        return f"{self.booleans} booleans, {MAX_BOOLEANS} is the limit"


@dataclass(frozen=True, slots=True, order=True)
class Start:
    event: str
    duration: int
    time: int

    @property
    def times(self) -> range:
        return range(self.time, self.time + self.duration)


class Domains:
    """What the required constraints leave to choose from; kept by construction."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._last = len(instance.times)
        self.durations = {e.id: set(range(1, e.duration + 1)) for e in instance.events}
        self._bad: set[tuple[str, int | None, int]] = set()
        self._away: dict[str, set[int]] = defaultdict(set)
        self._only: dict[tuple[str, str], frozenset[str]] = {}
        self.timed: set[str] = set()
        self.staffed: set[tuple[str, str]] = set()
        self.alone: set[str] = set()
        for constraint in instance.constraints:
            if constraint.required and constraint.weight:
                self._narrow(constraint)

    def _narrow(self, c: Constraint) -> None:
        match c:
            case SplitEvents() | PreferTimes() | AssignTime():
                self._narrow_times(c)
            case AvoidUnavailableTimes():
                for who in c.resources:
                    self._away[who] |= c.times
            case PreferResources():
                for event in c.events:
                    known = self._only.get((event, c.role), c.resources)
                    self._only[event, c.role] = known & c.resources
            case AssignResource():
                self.staffed.update((event, c.role) for event in c.events)
            case AvoidClashes():
                self.alone.update(c.resources)

    def _narrow_times(self, c: SplitEvents | PreferTimes | AssignTime) -> None:
        match c:
            case SplitEvents():
                allowed = set(range(c.min_duration, c.max_duration + 1))
                for event in c.events:
                    self.durations[event] &= allowed
            case PreferTimes():
                for time in set(range(self._last)) - c.times:
                    self._bad.update((event, c.duration, time) for event in c.events)
            case AssignTime():
                self.timed.update(c.events)

    def starts(self, event: Event) -> Iterator[Start]:
        if event.time is not None:
            yield Start(event.id, event.duration, event.time)
            return
        away = set().union(*(self._away[who] for who in event.fixed()))
        for duration in sorted(self.durations[event.id]):
            for time in range(self._last - duration + 1):
                start = Start(event.id, duration, time)
                if self._fits(start, away):
                    yield start

    def _fits(self, start: Start, away: set[int]) -> bool:
        bad = (start.event, start.duration, start.time) in self._bad
        bad = bad or (start.event, None, start.time) in self._bad
        return not bad and away.isdisjoint(start.times)

    def candidates(self, event: str, role: str, kind: str) -> frozenset[str]:
        """Who may take `role` at one time or another."""
        of_kind = {r for r, k in self._instance.resources.items() if k == kind}
        return frozenset(of_kind) & self._only.get((event, role), of_kind)

    def away(self, who: str) -> set[int]:
        return self._away[who]

    def choices(self, start: Start, role: str, kind: str) -> list[str]:
        """Who may take `role` in a meet at `start`."""
        everyone = [r for r, k in self._instance.resources.items() if k == kind]
        only = self._only.get((start.event, role))
        return [
            who
            for who in everyone
            if (only is None or who in only) and self._away[who].isdisjoint(start.times)
        ]


class Variables:
    """`breakable`: kinds whose required constraints may be broken at a price: meets
    wait without a time, roles stay open, resources clash.
    `only`: the starts to choose from, all if None.

    `starts[event]` and `taken[event, role]` list an event's booleans, `waiting` the
    counts of meets without a time (relaxed alone). Raises TooLargeError.
    """

    def __init__(
        self,
        cp: cp_model.CpModel,
        instance: Instance,
        *,
        breakable: frozenset[type[Constraint]] = NOTHING,
        only: Collection[Start] | None = None,
    ) -> None:
        self.cp = cp
        self.instance = instance
        self.breakable = breakable
        self.domains = Domains(instance)
        self.start: dict[Start, cp_model.IntVar] = {}
        self.starts: dict[str, list[Start]] = {}
        self.waiting: dict[str, dict[int, cp_model.IntVar]] = defaultdict(dict)
        self.choice: dict[tuple[Start, str, str], cp_model.IntVar] = {}
        self.taken: dict[tuple[str, str], list[tuple[Start, str]]] = defaultdict(list)
        self._at: dict[tuple[str, int], list[cp_model.IntVar]] = defaultdict(list)
        self._busy: dict[tuple[str, int], Expr] = {}
        self._possible = {
            event.id: [
                start
                for start in self.domains.starts(event)
                if only is None or start in only
            ]
            for event in instance.events
        }
        self._within_limit()
        for event in instance.events:
            self._meets(event)
        for event in instance.events:
            self._roles(event)

    def _within_limit(self) -> None:
        count = 0
        for event in self.instance.events:
            for start in self._possible[event.id]:
                count += 1
                for need in event.open():
                    choices = self.domains.choices(start, need.role or "", need.kind)
                    count += len(choices)
        if count > MAX_BOOLEANS:
            raise TooLargeError(count)

    def _meets(self, event: Event) -> None:
        starts = self._possible[event.id]
        self.starts[event.id] = starts
        for start in starts:
            self.start[start] = self.cp.new_bool_var("")
            for who in event.fixed():
                for time in start.times:
                    self._at[who, time].append(self.start[start])
        if AssignTime in self.breakable or event.id not in self.domains.timed:
            for duration in sorted({s.duration for s in starts} or {event.duration}):
                most = event.duration // duration
                self.waiting[event.id][duration] = self.cp.new_int_var(0, most, "")
        whole: list[Expr] = [s.duration * self.start[s] for s in starts]
        whole += [d * count for d, count in self.waiting[event.id].items()]
        self.cp.add(total(whole) == event.duration)
        for time in range(len(self.instance.times)):
            if len(terms := self.covering(event.id, time)) > 1:
                self.cp.add_at_most_one(terms)

    def _roles(self, event: Event) -> None:
        for need in event.open():
            role = need.role or ""
            must = (event.id, role) in self.domains.staffed
            must = must and AssignResource not in self.breakable
            for start in self.starts[event.id]:
                variables = []
                for who in self.domains.choices(start, role, need.kind):
                    variable = self.cp.new_bool_var("")
                    self.choice[start, role, who] = variable
                    self.taken[event.id, role].append((start, who))
                    variables.append(variable)
                    for time in start.times:
                        self._at[who, time].append(variable)
                takers = total(variables)
                if must:
                    self.cp.add(takers == self.start[start])
                else:
                    self.cp.add(takers <= self.start[start])

    def covering(self, event: str, time: int) -> list[cp_model.IntVar]:
        """The event's meets that run at `time`; at most one of them is."""
        return [
            self.start[s]
            for s in self.starts[event]
            if s.time <= time < s.time + s.duration
        ]

    def at(self, who: str, time: int) -> Sequence[cp_model.IntVar]:
        return self._at.get((who, time), ())

    def count(self, event: str, duration: int | None = None) -> Expr:
        """How many meets (of that duration) the event is split into."""
        placed = [
            self.start[s] for s in self.starts[event] if duration in (None, s.duration)
        ]
        waiting = [n for d, n in self.waiting[event].items() if duration in (None, d)]
        return total([*placed, *waiting])

    def busy(self, who: str, time: int) -> Expr:
        """1 if the resource attends anything at `time`, else 0."""
        key = (who, time)
        if key not in self._busy:
            self._busy[key] = self._any(self.at(who, time), self._never_twice(who))
        return self._busy[key]

    def _never_twice(self, who: str) -> bool:
        return who in self.domains.alone and AvoidClashes not in self.breakable

    def _any(self, terms: Sequence[cp_model.IntVar], at_most_one: bool) -> Expr:
        if at_most_one or len(terms) < 2:
            return total(terms)
        return self.any_of(terms)

    def any_of(self, terms: Iterable[cp_model.IntVar]) -> cp_model.IntVar:
        terms = list(terms)
        either = self.cp.new_bool_var("")
        self.cp.add_max_equality(either, terms)
        return either

    def decisions(self) -> Iterator[int]:
        """The positions of the variables from which every other follows."""
        for variable in (*self.start.values(), *self.choice.values()):
            yield variable.index
        for counts in self.waiting.values():
            for variable in counts.values():
                yield variable.index

    def meets(self, values: Sequence[int]) -> tuple[Meet, ...]:
        """The timetable of a solution. `values`: by position of the variable."""
        found = []
        for event in self.instance.events:
            roles = [need.role or "" for need in event.open()]
            for start in self.starts[event.id]:
                if values[self.start[start].index]:
                    assigned = {
                        role: who
                        for role in roles
                        for other, who in self.taken[event.id, role]
                        if other == start
                        and values[self.choice[start, role, who].index]
                    }
                    found.append(Meet(event.id, start.duration, start.time, assigned))
            for duration, count in self.waiting[event.id].items():
                found += [Meet(event.id, duration, None)] * values[count.index]
        return tuple(found)
