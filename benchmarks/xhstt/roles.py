"""Who may do what: the open roles of an instance, and the people for them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm

from benchmarks.xhstt.bundles import Bundles
from benchmarks.xhstt.instance import Instance, LimitWorkload
from benchmarks.xhstt.variables import Domains

UNLIMITED = 10**9


@dataclass(frozen=True, slots=True)
class Role:
    """`name` None: a given person, the only candidate. `load`: workload of one time,
    in units of the crew; 0 for somebody given, whose load nothing changes."""

    bundle: str
    event: str
    name: str | None
    candidates: tuple[int, ...]
    load: int


class Crew:
    """`people`: everybody wanted for an open role; elsewhere their positions here.
    `away[who]`: a bit for each time. `limit[who]`: workload it may still take on."""

    def __init__(self, instance: Instance, bundles: Bundles) -> None:
        domains = Domains(instance)
        wanted = {
            (event.id, need.role or ""): domains.candidates(
                event.id, need.role or "", need.kind
            )
            for event in instance.events
            for need in event.open()
            if (event.id, need.role or "") in domains.staffed
        }
        self.people = sorted(frozenset().union(*wanted.values()))
        self._place = {who: at for at, who in enumerate(self.people)}
        self.away = [
            sum(1 << time for time in domains.away(who)) for who in self.people
        ]
        self._unit = lcm(
            *(
                Fraction(need.workload, event.duration).denominator
                for event in instance.events
                for need in event.resources
            )
        )
        bundle = {one: name for name, all_ in bundles.members.items() for one in all_}
        self.roles = [
            role
            for event in instance.events
            for role in self._roles(instance, event.id, bundle[event.id], wanted)
        ]
        self.limit = self._limits(instance)

    def _roles(
        self,
        instance: Instance,
        name: str,
        bundle: str,
        wanted: dict[tuple[str, str], frozenset[str]],
    ) -> list[Role]:
        event = instance.event[name]
        found = []
        for need in event.resources:
            if need.resource is not None and need.resource in self._place:
                given = (self._place[need.resource],)
                found.append(Role(bundle, name, None, given, 0))
            elif need.resource is None and (name, need.role or "") in wanted:
                who = wanted[name, need.role or ""]
                places = tuple(sorted(self._place[one] for one in who))
                load = need.workload * self._unit // event.duration
                found.append(Role(bundle, name, need.role or "", places, load))
        return found

    def _limits(self, instance: Instance) -> list[int]:
        limit = dict.fromkeys(self.people, UNLIMITED)
        for c in instance.constraints:
            if isinstance(c, LimitWorkload) and c.required:
                for who in limit.keys() & set(c.resources):
                    limit[who] = min(limit[who], c.maximum)
        given: dict[str, int] = defaultdict(int)
        for event in instance.events:
            for need in event.resources:
                if need.resource is not None:
                    given[need.resource] += need.workload
        return [self._unit * (limit[who] - given[who]) for who in self.people]

    def jobs(self, bundles: Sequence[str]) -> list[tuple[int, Role]]:
        """Every role at every meet: the meet's position, whose bundle is given."""
        roles = defaultdict(list)
        for role in self.roles:
            roles[role.bundle].append(role)
        return [
            (meet, role) for meet, name in enumerate(bundles) for role in roles[name]
        ]

    def free(self, time: int) -> int:
        """A bit for each of `people` who is not away."""
        return sum(
            1 << who for who, away in enumerate(self.away) if not away >> time & 1
        )
