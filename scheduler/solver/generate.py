"""Synthetic districts with a hidden feasible timetable. No real school is in them.

The hidden timetable is drawn first: every master site fills `load_percent` of its
room for live lessons (periods a week times parallel lessons its line carries), and
receiving classes are drawn among those free in true minutes. Local lessons then take a
share of whatever time the hidden timetable leaves, so a solution surely exists.
"""

import random
from dataclasses import dataclass

from common.ids import SchoolId, SiteRoomId
from scheduler.catalogue.bells import Minutes
from scheduler.catalogue.organisation import ClassGroupId, TeacherId
from scheduler.solver.problem import (
    Bells,
    Busy,
    ClassGroup,
    PeriodTime,
    Placement,
    Problem,
    Receiver,
    Resource,
    Room,
    Site,
    Stream,
    StreamId,
    Teacher,
)

_Time = tuple[int, int]
"""Weekday, first minute."""
LESSON_MIN = 40
MASTER_KBPS = 4000
WEEKDAYS = range(1, 6)
SUBJECTS = ("音乐", "美术", "英语", "科学", "信息科技")
WINDOWS = {day: (Minutes(475, 720), Minutes(835, 1015)) for day in WEEKDAYS}
"""Pupils are there a little before the first and after the last bell."""
_BELLS = (
    (480, 530, 590, 640, 840, 890, 940),
    (485, 535, 595, 645, 845, 895, 945),
    (490, 540, 600, 650, 850, 900, 950),
    (480, 530, 595, 645, 835, 885, 935),
)
"""First minutes of seven periods of 40, 20 minutes apart at most between schools."""


@dataclass(frozen=True, slots=True)
class Size:
    """`lessons` a week over all streams, two to a stream. `home_percent`: share of
    receiving classes drawn from the points nearest the master site."""

    points: int
    lessons: int
    load_percent: int = 78
    home_percent: int = 0
    variants: int = 4
    busy_percent: int = 25
    parallel: int = 2

    @property
    def master_sites(self) -> int:
        room = len(WEEKDAYS) * len(_BELLS[0]) * self.parallel * self.load_percent
        return max(1, round(self.lessons * 100 / room))


@dataclass(frozen=True, slots=True)
class Synthetic:
    problem: Problem
    hidden: frozenset[Placement]
    seed: int


def generate(size: Size, seed: int) -> Synthetic:
    return _Maker(size, seed).make()


class _Maker:
    def __init__(self, size: Size, seed: int) -> None:
        self._size = size
        self._random = random.Random(f"tongke-synthetic-{seed}")
        self._seed = seed
        self._used: dict[tuple[str, int], int] = {}
        self._streams: list[Stream] = []
        self._hidden: set[Placement] = set()
        self._teachers: list[Teacher] = []
        self._sites: list[Site] = []
        self._rooms: list[Room] = []
        self._classes: list[ClassGroup] = []
        self._bells = [_bells(v) for v in _BELLS[: size.variants]]

    def make(self) -> Synthetic:
        size = self._size
        for i in range(size.points):
            self._add_point(i)
        wanted = size.lessons // 2
        for i in range(size.master_sites):
            share = wanted // size.master_sites + (i < wanted % size.master_sites)
            self._add_master_site(i, share)
        problem = Problem(
            sites=tuple(self._sites),
            rooms=tuple(self._rooms),
            teachers=tuple(self._teachers),
            class_groups=tuple(self._classes),
            streams=tuple(self._streams),
            busy=tuple(self._local_lessons()),
            media_seats=self._media_seats(),
        )
        return Synthetic(problem, frozenset(self._hidden), self._seed)

    def _add_point(self, i: int) -> None:
        site = SchoolId(f"point-{i}")
        bells = self._random.choice(self._bells)
        self._sites.append(Site(site, f"合成教学点{i}", bells, WINDOWS, 5000))
        self._rooms.append(Room(SiteRoomId(f"p{i}-room"), site, "同步课堂教室"))
        self._classes.append(ClassGroup(ClassGroupId(f"p{i}-class"), site, "合成班"))

    def _add_master_site(self, i: int, streams: int) -> None:
        site = SchoolId(f"school-{i}")
        bells = self._random.choice(self._bells)
        limit = MASTER_KBPS * self._size.parallel
        self._sites.append(Site(site, f"合成中心校{i}", bells, WINDOWS, limit))
        rooms = [
            Room(SiteRoomId(f"s{i}-room-{k}"), site, f"主讲教室{k}", "master")
            for k in range(self._size.parallel + 1)
        ]
        self._rooms.extend(rooms)
        staff = [
            Teacher(TeacherId(f"s{i}-teacher-{k}"), site, f"合成教师{i}-{k}")
            for k in range(max(1, -(-streams // 3)))
        ]
        self._teachers.extend(staff)
        pairs = self._time_pairs(bells, streams)
        for k, pair in enumerate(pairs):
            self._add_stream(i, k, pair, rooms, staff)

    def _time_pairs(self, bells: Bells, count: int) -> list[tuple[_Time, _Time]]:
        """Two times on different days for each stream; none used more than
        `parallel` times."""
        times = [(day, p.start) for day in WEEKDAYS for p in bells[day]]
        while True:
            pool = times * self._size.parallel
            self._random.shuffle(pool)
            pairs: list[tuple[_Time, _Time]] = []
            while len(pairs) < count:
                a = pool.pop()
                mates = [t for t in pool if t[0] != a[0]]
                if not mates:
                    break
                b = self._random.choice(mates)
                pool.remove(b)
                pairs.append((a, b))
            if len(pairs) == count:
                return pairs

    def _add_stream(
        self,
        site: int,
        k: int,
        pair: tuple[_Time, _Time],
        rooms: list[Room],
        staff: list[Teacher],
    ) -> None:
        room = next(r for r in rooms if self._free(r.id, pair))
        free = [t for t in staff if self._free(t.id, pair)]
        if not free:
            extra = Teacher(
                TeacherId(f"s{site}-teacher-{k}-x"), room.site, f"合成教师{site}-{k}"
            )
            self._teachers.append(extra)
            staff.append(extra)
            free = [extra]
        teacher = min(free, key=lambda t: (self._duties(t.id), self._random.random()))
        stream = Stream(
            id=StreamId(f"s{site}-stream-{k}"),
            title=f"合成课程{site}-{k}",
            subject=SUBJECTS[k % len(SUBJECTS)],
            teacher=teacher.id,
            master_room=room.id,
            receivers=self._receivers(site, pair),
            lessons=2,
            minutes=LESSON_MIN,
            master_kbps=MASTER_KBPS,
        )
        names = [room.id, teacher.id, *(r.room for r in stream.receivers)]
        for day, start in pair:
            self._hidden.add(Placement(stream.id, day, start))
            for name in names:
                key = (name, day)
                self._used[key] = self._used.get(key, 0) | _span(start)
        self._streams.append(stream)

    def _duties(self, teacher: str) -> int:
        used = (self._used.get((teacher, day), 0) for day in WEEKDAYS)
        return sum(mask.bit_count() for mask in used)

    def _receivers(self, site: int, pair: tuple[_Time, _Time]) -> tuple[Receiver, ...]:
        wanted = self._random.choices((1, 2, 3, 4), (25, 30, 25, 20))[0]
        chosen: list[int] = []
        for _ in range(400):
            if len(chosen) == wanted:
                break
            point = self._draw_point(site)
            if point not in chosen and self._free(f"p{point}-room", pair):
                chosen.append(point)
        return tuple(
            Receiver(SiteRoomId(f"p{p}-room"), ClassGroupId(f"p{p}-class"))
            for p in sorted(chosen)
        )

    def _draw_point(self, site: int) -> int:
        points, sites = self._size.points, self._size.master_sites
        if self._random.randrange(100) < self._size.home_percent:
            first, last = site * points // sites, (site + 1) * points // sites
            return self._random.randrange(first, max(first + 1, last))
        return self._random.randrange(points)

    def _free(self, name: str, pair: tuple[_Time, _Time]) -> bool:
        return not any(
            self._used.get((name, day), 0) & _span(start) for day, start in pair
        )

    def _local_lessons(self) -> list[Busy]:
        """A share of every class's and teacher's week, beside the hidden timetable."""
        rows: list[Busy] = []
        for point in range(self._size.points):
            group = Resource("class", f"p{point}-class")
            rows.extend(self._local(group, f"p{point}-room", self._sites[point]))
        site_by_id = {site.id: site for site in self._sites}
        for teacher in self._teachers:
            who = Resource("teacher", teacher.id)
            rows.extend(self._local(who, teacher.id, site_by_id[teacher.site]))
        return rows

    def _local(self, who: Resource, used_by: str, site: Site) -> list[Busy]:
        times = [(day, p) for day in WEEKDAYS for p in site.bells[day]]
        free = [
            (day, p)
            for day, p in times
            if not self._used.get((used_by, day), 0) & _span(p.start)
        ]
        share = min(len(free), len(times) * self._size.busy_percent // 100)
        return [
            Busy(who, day, Minutes(p.start, p.end), "local", "合成本地课", site=None)
            for day, p in sorted(
                self._random.sample(free, share), key=lambda t: (t[0], t[1].start)
            )
        ]

    def _media_seats(self) -> int:
        """A sixth more than the hidden timetable needs at its busiest minute."""
        by_id = {s.id: s for s in self._streams}
        busiest = max(
            sum(
                by_id[q.stream].seats
                for q in self._hidden
                if q.weekday == day and q.start <= start < q.start + LESSON_MIN
            )
            for day, start in {(p.weekday, p.start) for p in self._hidden}
        )
        return busiest * 7 // 6


def _bells(starts: tuple[int, ...]) -> Bells:
    periods = tuple(
        PeriodTime(n, start, start + LESSON_MIN) for n, start in enumerate(starts, 1)
    )
    return {day: periods for day in WEEKDAYS}


def _span(start: int) -> int:
    return ((1 << LESSON_MIN) - 1) << start
