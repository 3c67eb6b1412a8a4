"""How full a week will be, before anybody tries to solve it. Pure.

Head-room decides whether a timetable is found quickly, slowly or not at all; it can
be counted. What is offered is the most lessons that fit one after another into the
starts that are open to at least one of the lessons concerned.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from scheduler.catalogue.bells import Minutes
from scheduler.solver.problem import Problem, Resource
from scheduler.solver.space import Space

LoadKind = Literal["course", "teacher", "room", "class", "site", "media"]
TIGHT, FULL = 0.75, 0.95
"""From these ratios on a search takes minutes, and may find nothing (docs/decisions/
0006: measured at 78 % and 99 %)."""


@dataclass(frozen=True, slots=True)
class Load:
    """`wanted` lessons of the fullest week against those `offered`."""

    kind: LoadKind
    id: str
    name: str
    wanted: int
    offered: int

    @property
    def ratio(self) -> float | None:
        """None: something is wanted and nothing offered."""
        return self.wanted / self.offered if self.offered else None


def loads(problem: Problem) -> list[Load]:
    """Of all who take part, the tightest first."""
    space = Space(problem)
    counted = _Counted(space)
    rows = [
        *_courses(space),
        *counted.resources(),
        *counted.sites(),
        *counted.media(),
    ]
    return sorted(rows, key=lambda row: (row.ratio is not None, -(row.ratio or 0)))


def _courses(space: Space) -> Iterator[Load]:
    for i, stream in enumerate(space.streams):
        days = {c.weekday for c in space.of_stream[i]}
        yield Load("course", stream.id, stream.title, stream.lessons, len(days))


class _Counted:
    def __init__(self, space: Space) -> None:
        self._space = space
        self._problem = space.problem
        self._of: dict[Resource, tuple[int, int]] = {}

    def resources(self) -> Iterator[Load]:
        space = self._space
        for number, resource in enumerate(space.resources):
            wanted, offered = self._fullest(space.users[number])
            self._of[resource] = (wanted, offered)
            kind: LoadKind = resource.kind
            yield Load(kind, resource.id, self._name(resource), wanted, offered)

    def sites(self) -> Iterator[Load]:
        """All rooms together; never more at once than the uplink carries."""
        rooms: dict[str, list[Resource]] = defaultdict(list)
        for resource in self._of:
            if resource.kind == "room":
                rooms[self._problem.room_by_id[resource.id].site].append(resource)
        for site, held in sorted(rooms.items()):
            wanted = sum(self._of[resource][0] for resource in held)
            offered = sum(self._of[resource][1] for resource in held)
            limit = self._uplink(site)
            if limit is not None:
                offered = min(offered, limit)
            name = self._problem.site_by_id[site].name
            yield Load("site", site, name, wanted, offered)

    def _uplink(self, site: str) -> int | None:
        cap = self._problem.site_by_id[site].uplink_kbps
        rows = [i for i, needs in enumerate(self._space.uplinks) if site in needs]
        if cap is None or not rows:
            return None
        at_once = cap // min(self._space.uplinks[i][site] for i in rows)
        return at_once * self._disjoint(rows)

    def media(self) -> Iterator[Load]:
        seats = self._problem.media_seats
        if seats is None or not self._space.streams:
            return
        rows = range(len(self._space.streams))
        wanted = max(
            sum(
                self._space.streams[i].lessons * self._space.streams[i].seats for i in g
            )
            for g in self._weeks(rows)
        )
        yield Load("media", "media", "媒体席位", wanted, seats * self._disjoint(rows))

    def _fullest(self, rows: Sequence[int]) -> tuple[int, int]:
        """Wanted and offered of the kind of week that is tightest."""
        found = [
            (sum(self._space.streams[i].lessons for i in here), self._disjoint(here))
            for here in self._weeks(rows)
        ]
        return max(found, key=lambda pair: (pair[0] / (pair[1] or 0.5), pair))

    def _weeks(self, rows: Iterable[int]) -> Iterator[list[int]]:
        """Those that run together, for each kind of week that any runs in."""
        rows = list(rows)
        for group in range(len(self._space.groups)):
            here = [i for i in rows if group in self._space.groups_of[i]]
            if here:
                yield here

    def _disjoint(self, rows: Iterable[int]) -> int:
        times: dict[int, set[Minutes]] = defaultdict(set)
        for i in rows:
            for c in self._space.of_stream[i]:
                times[c.weekday].add(Minutes(c.start, c.end))
        return sum(_one_after_another(of_day) for of_day in times.values())

    def _name(self, resource: Resource) -> str:
        problem = self._problem
        if resource.kind == "teacher":
            return problem.teacher_by_id[resource.id].name
        if resource.kind == "class":
            group = problem.class_by_id[resource.id]
            return f"{problem.site_by_id[group.site].name} {group.name}"
        room = problem.room_by_id[resource.id]
        return f"{problem.site_by_id[room.site].name} {room.name}"


def _one_after_another(times: Iterable[Minutes]) -> int:
    """The greedy rule, earliest end first, finds the most."""
    count, free_from = 0, 0
    for time in sorted(times, key=lambda t: t.end):
        if time.start >= free_from:
            count, free_from = count + 1, time.end
    return count


_ZH = {
    "course": "课程",
    "teacher": "教师",
    "room": "教室",
    "class": "班级",
    "site": "学校",
    "media": "",
}


def sentence(load: Load) -> tuple[str, str]:
    """In words, Chinese and English, with what to do when it is too much."""
    unit = "节"
    zh = f"{_ZH[load.kind]}“{load.name}”一周要 {load.wanted} 节，最多放得下"
    kind = "school" if load.kind == "site" else load.kind
    en = f"{kind} “{load.name}” wants {load.wanted} lessons a week, at most"
    if load.kind == "media":
        unit = "个"
        zh = f"全区的媒体席位一周要 {load.wanted} 个，最多有"
        en = f"the district wants {load.wanted} seats a week, at most"
    percent = "" if load.ratio is None else f" ({load.ratio:.0%})"
    verdict = _verdict(load)
    return (
        f"{zh} {load.offered} {unit}{percent}：{verdict[0]}",
        f"{en} {load.offered} fit{percent}: {verdict[1]}",
    )


def _verdict(load: Load) -> tuple[str, str]:
    if load.ratio is None or load.ratio > 1:
        return (
            "排不下；请减少课时、减少本地课或不可排时间，或换人换教室",
            "too many; ask for fewer lessons, free some taken times, or choose another",
        )
    if load.ratio >= FULL:
        return (
            "几乎没有余地，可能排很久或排不全",
            "hardly any room left: solving may take long or leave lessons out",
        )
    if load.ratio >= TIGHT:
        return ("偏紧", "tight")
    return ("宽裕", "enough room")
