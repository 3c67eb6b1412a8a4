"""Who is where at which minute, made in the time of a glance.

Knows the same rules as `rivals`, but keeps nothing about pairs: a few thousand lessons
are taken up in a few hundredths of a second, which is what mending one day has.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from scheduler.solver.space import Candidate, Space
from scheduler.solver.state import MEDIA

_DAYS = 8


class Occupancy:
    """`chosen` must break no rule. Nobody asks whether what is added fits."""

    def __init__(self, space: Space, chosen: Iterable[int]) -> None:
        self.space = space
        self.chosen: set[int] = set()
        self._rows = space.candidates
        self._keys = self._keys_of_streams()
        self._taken = [0] * (len(space.resources) * len(space.groups) * _DAYS)
        self._here: dict[int, list[int]] = defaultdict(list)
        self._own: list[list[int]] = [[] for _ in space.streams]
        self._limits = [list(self._limits_of(i)) for i in range(len(space.streams))]
        self._streams_of: dict[str, list[int]] = defaultdict(list)
        for i, stream in enumerate(space.streams):
            self._streams_of[stream.teacher].append(i)
        edges = {minute for c in self._rows for minute in (c.start, c.end)}
        # Loads change at these minutes only: one number from each to the next.
        self._edge = {minute: k for k, minute in enumerate(sorted(edges))}
        self._load: dict[tuple[str, int, int], list[int]] = {}
        self._at_site: dict[tuple[str, int], list[int]] = defaultdict(list)
        for index in chosen:
            self.add(index)

    def _keys_of_streams(self) -> list[list[int]]:
        """Of what each stream holds, in every week group it runs in, the first of the
        eight numbers that its days have. A room and the class that sits in it are one:
        the same streams use them."""
        space = self.space
        by_users: dict[tuple[int, ...], int] = {}
        for resource, users in enumerate(space.users):
            if len(users) > 1:
                by_users.setdefault(tuple(users), resource)
        told_apart = set(by_users.values())
        return [
            [
                (resource * len(space.groups) + group) * _DAYS
                for resource in held
                if resource in told_apart
                for group in space.groups_of[i]
            ]
            for i, held in enumerate(space.holds)
        ]

    def _limits_of(self, stream: int) -> Iterator[tuple[str, int, int]]:
        """(name, what the stream adds, limit) of every capacity it weighs on."""
        problem = self.space.problem
        for site, rate in self.space.uplinks[stream].items():
            cap = problem.site_by_id[site].uplink_kbps
            if cap is not None:
                yield site, rate, cap
        if problem.media_seats is not None:
            yield MEDIA, self.space.streams[stream].seats, problem.media_seats

    def add(self, index: int) -> None:
        c = self._rows[index]
        self.chosen.add(index)
        self._own[c.stream].append(index)
        for key in self._keys[c.stream]:
            self._taken[key + c.weekday] ^= c.span
            self._here[key + c.weekday].append(index)
        self._weigh(c, +1)

    def remove(self, index: int) -> None:
        c = self._rows[index]
        self.chosen.remove(index)
        self._own[c.stream].remove(index)
        for key in self._keys[c.stream]:
            self._taken[key + c.weekday] ^= c.span
            self._here[key + c.weekday].remove(index)
        self._weigh(c, -1)

    def _weigh(self, c: Candidate, sign: int) -> None:
        first, last = self._edge[c.start], self._edge[c.end]
        for name, rate, _ in self._limits[c.stream]:
            more = sign * rate
            for group in self.space.groups_of[c.stream]:
                key = (name, c.weekday, group)
                row = self._load.get(key)
                if row is None:
                    row = self._load[key] = [0] * len(self._edge)
                row[first:last] = [load + more for load in row[first:last]]
            if name != MEDIA:
                here = self._at_site[name, c.weekday]
                (here.append if sign > 0 else here.remove)(c.index)

    def free(self, stream: int) -> Iterator[Candidate]:
        """The places that a lesson of the stream can have as things are."""
        taken: dict[int, int] = {}
        own = {self._rows[k].weekday for k in self._own[stream]}
        for c in self.space.of_stream[stream]:
            day = c.weekday
            if day in own:
                continue
            if day not in taken:
                taken[day] = 0
                for key in self._keys[stream]:
                    taken[day] |= self._taken[key + day]
            if c.span & taken[day] or self.full(c) is not None:
                continue
            if not self.space.roving[stream] or not self._too_far(c):
                yield c

    def fits(self, c: Candidate) -> bool:
        return not self.in_the_way(c) and self.full(c) is None

    def in_the_way(self, c: Candidate) -> list[int]:
        """The lessons that exclude one at `c`, capacities apart."""
        rows = self._rows
        found = [k for k in self._own[c.stream] if rows[k].weekday == c.weekday]
        for key in self._keys[c.stream]:
            if self._taken[key + c.weekday] & c.span:
                for k in self._here[key + c.weekday]:
                    if rows[k].span & c.span and k not in found:
                        found.append(k)
        if self.space.roving[c.stream]:
            found.extend(k for k in self._too_far(c) if k not in found)
        return found

    def _too_far(self, c: Candidate) -> list[int]:
        """Lessons of its teacher that leave no time for the way."""
        space, teacher = self.space, self.space.streams[c.stream].teacher
        home, weeks = space.master_sites[c.stream], space.streams[c.stream].weeks
        found: list[int] = []
        for other in self._streams_of[teacher]:
            way = space.problem.travel_min(home, space.master_sites[other])
            if other == c.stream or not way or not space.streams[other].weeks & weeks:
                continue
            for k in self._own[other]:
                b = self._rows[k]
                gap = max(b.start, c.start) - min(b.end, c.end)
                if b.weekday == c.weekday and gap < way:
                    found.append(k)
        return found

    def full(self, c: Candidate) -> str | None:
        """A capacity that has no room for one more at `c`."""
        first, last = self._edge[c.start], self._edge[c.end]
        for name, rate, cap in self._limits[c.stream]:
            for group in self.space.groups_of[c.stream]:
                row = self._load.get((name, c.weekday, group))
                load = max(row[first:last]) if row is not None else 0
                if load + rate > cap:
                    return name
        return None

    def holders(self, name: str, c: Candidate) -> list[int]:
        """Who takes part of a site's uplink at that time; the media servers' are too
        many for one of them to matter."""
        here = self._at_site.get((name, c.weekday), ())
        return [k for k in here if self._rows[k].span & c.span]
