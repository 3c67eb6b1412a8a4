"""What the solver is asked: a district's week, frozen and typed.

A *stream* is a course that meets `lessons` times a week, always with the same
teacher, master room and receiving rooms. A *placement* puts one of its lessons at a
minute of a weekday. Everything is compared in minutes from local midnight; period
numbers are only names, because every site rings its own bells.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from types import MappingProxyType
from typing import Literal, NamedTuple, NewType, TypeVar

from common.errors import UsageError
from common.ids import SchoolId, SiteRoomId
from common.protocol.events import LessonKind
from scheduler.catalogue.bells import Minutes
from scheduler.catalogue.organisation import ClassGroupId, RoomKind, TeacherId
from scheduler.catalogue.weeks import runs_in
from scheduler.catalogue.wishes import USUAL, Weights

StreamId = NewType("StreamId", str)
LAST_WEEK = 60
EVERY_WEEK = (1 << LAST_WEEK) - 1
"""Week n of the term is bit n-1."""

ResourceKind = Literal["teacher", "class", "room", "site"]
BusyKind = Literal["local", "closed"]


@lru_cache(maxsize=1024)
def weeks_mask(pattern: str) -> int:
    """The weeks of a normal-form pattern (`all`, `odd`, `even`, `1-8,10`) as bits."""
    return sum(1 << (w - 1) for w in range(1, LAST_WEEK + 1) if runs_in(pattern, w))


class Resource(NamedTuple):
    """Somebody or something that can be in one lesson at a time; a site: all its
    rooms together."""

    kind: ResourceKind
    id: str


@dataclass(frozen=True, slots=True)
class PeriodTime:
    number: int
    start: int
    end: int


Bells = Mapping[int, tuple[PeriodTime, ...]]
"""Periods of each ISO weekday, in order of time."""


@dataclass(frozen=True, slots=True)
class Site:
    """A school or teaching point. `windows`: when pupils are there, by weekday; a
    lesson lies within one of them. A weekday without a window is bounded by the first
    and last bell. `uplink_kbps` None: no limit."""

    id: SchoolId
    name: str
    bells: Bells
    windows: Mapping[int, tuple[Minutes, ...]] = field(
        default_factory=lambda: MappingProxyType({})
    )
    uplink_kbps: int | None = None

    def open_on(self, weekday: int) -> tuple[Minutes, ...]:
        given = self.windows.get(weekday)
        if given is not None:
            return given
        periods = self.bells.get(weekday, ())
        if not periods:
            return ()
        return (Minutes(min(p.start for p in periods), max(p.end for p in periods)),)


@dataclass(frozen=True, slots=True)
class Room:
    id: SiteRoomId
    site: SchoolId
    name: str
    kind: RoomKind = "receiving"


@dataclass(frozen=True, slots=True)
class Teacher:
    id: TeacherId
    site: SchoolId
    name: str


@dataclass(frozen=True, slots=True)
class ClassGroup:
    id: ClassGroupId
    site: SchoolId
    name: str


@dataclass(frozen=True, slots=True)
class Receiver:
    room: SiteRoomId
    class_group: ClassGroupId | None = None


@dataclass(frozen=True, slots=True)
class Stream:
    """`common_starts`: (weekday, minute) the parties agreed on, instead of the master
    site's bells. `displaces_local`: the receiving classes give up their local lesson
    for it (同上一堂课); each one given up has a cost. The two rates are the uplink of
    the master site and of each receiving site while a lesson runs."""

    id: StreamId
    title: str
    subject: str
    teacher: TeacherId
    master_room: SiteRoomId
    receivers: tuple[Receiver, ...]
    lessons: int
    minutes: int = 40
    master_class: ClassGroupId | None = None
    kind: LessonKind = "delivery"
    weeks: int = EVERY_WEEK
    common_starts: tuple[tuple[int, int], ...] = ()
    displaces_local: bool = False
    master_kbps: int = 4000
    receiver_kbps: int = 500

    @property
    def seats(self) -> int:
        """Connections the media servers carry: 1 + N."""
        return 1 + len(self.receivers)


@dataclass(frozen=True, slots=True)
class Busy:
    """A time that is taken: a local lesson, or a time a person closed.

    `site`: where a teacher is meanwhile, for travel; None: anywhere."""

    resource: Resource
    weekday: int
    time: Minutes
    kind: BusyKind
    title: str
    weeks: int = EVERY_WEEK
    site: SchoolId | None = None


@dataclass(frozen=True, slots=True, order=True)
class Placement:
    stream: StreamId
    weekday: int
    start: int


@dataclass(frozen=True, slots=True)
class SubjectTime:
    """Lessons of `subject` that start within [start, end) cost `cost` more."""

    subject: str
    time: Minutes
    cost: int


LOAD_STEP = 10
LOAD_SLACK_PERCENT = 115
"""A load up to 15 % above the mean counts as even."""


_Row = TypeVar("_Row", Site, Room, Teacher, ClassGroup, Stream)


@dataclass(frozen=True)
class Problem:
    """Raises UsageError when a name points nowhere. `locks` were placed by people and
    never move. `travel`: minutes between two sites, either order; missing: 0."""

    sites: tuple[Site, ...]
    rooms: tuple[Room, ...]
    teachers: tuple[Teacher, ...]
    class_groups: tuple[ClassGroup, ...]
    streams: tuple[Stream, ...]
    busy: tuple[Busy, ...] = ()
    locks: frozenset[Placement] = frozenset()
    published: frozenset[Placement] = frozenset()
    travel: Mapping[tuple[SchoolId, SchoolId], int] = field(
        default_factory=lambda: MappingProxyType({})
    )
    media_seats: int | None = None
    subject_times: tuple[SubjectTime, ...] = ()
    weights: Weights = USUAL

    def __post_init__(self) -> None:
        for stream in self.streams:
            self._check_stream(stream)
        for placement in self.locks | self.published:
            _known(self.stream_by_id, placement.stream)
        for busy in self.busy:
            if busy.resource.kind == "site":
                _known(self.site_by_id, busy.resource.id)

    def _check_stream(self, stream: Stream) -> None:
        _known(self.teacher_by_id, stream.teacher)
        for room in (stream.master_room, *(r.room for r in stream.receivers)):
            _known(self.room_by_id, room)
        groups = [stream.master_class, *(r.class_group for r in stream.receivers)]
        for group in filter(None, groups):
            _known(self.class_by_id, group)
        if stream.lessons < 1 or stream.minutes < 1 or not stream.weeks:
            raise UsageError("empty_stream", en=f"{stream.id} asks for nothing")

    @cached_property
    def site_by_id(self) -> dict[str, Site]:
        return _by_id(self.sites)

    @cached_property
    def room_by_id(self) -> dict[str, Room]:
        return _by_id(self.rooms)

    @cached_property
    def teacher_by_id(self) -> dict[str, Teacher]:
        return _by_id(self.teachers)

    @cached_property
    def class_by_id(self) -> dict[str, ClassGroup]:
        return _by_id(self.class_groups)

    @cached_property
    def busy_by(self) -> Mapping[tuple[Resource, int], Sequence[Busy]]:
        """Of each resource and weekday."""
        found: dict[tuple[Resource, int], list[Busy]] = defaultdict(list)
        for busy in self.busy:
            found[busy.resource, busy.weekday].append(busy)
        return dict(found)

    @cached_property
    def stream_by_id(self) -> dict[str, Stream]:
        return _by_id(self.streams)

    def master_site(self, stream: Stream) -> Site:
        return self.site_by_id[self.room_by_id[stream.master_room].site]

    def receiving_site(self, receiver: Receiver) -> Site:
        return self.site_by_id[self.room_by_id[receiver.room].site]

    def travel_min(self, a: SchoolId, b: SchoolId) -> int:
        if a == b:
            return 0
        return max(self.travel.get((a, b), 0), self.travel.get((b, a), 0))

    def end(self, placement: Placement) -> int:
        return placement.start + self.stream_by_id[placement.stream].minutes

    @cached_property
    def weekdays(self) -> tuple[int, ...]:
        """The weekdays on which any bell rings."""
        return tuple(sorted({d for site in self.sites for d in site.bells}))

    @cached_property
    def load_samples(self) -> tuple[tuple[int, int], ...]:
        """(weekday, minute) at which the even load is measured: the middle of each
        period of the bells that most sites ring."""
        count: dict[tuple[tuple[int, int, int], ...], int] = {}
        for site in self.sites:
            shape = tuple(
                (day, p.start, p.end)
                for day in sorted(site.bells)
                for p in site.bells[day]
            )
            count[shape] = count.get(shape, 0) + 1
        if not count:
            return ()
        usual = max(sorted(count), key=lambda shape: count[shape])
        return tuple((day, (start + end) // 2) for day, start, end in usual)

    @cached_property
    def even_seats(self) -> int:
        """Seats at one sample that still count as an even load; a few always do."""
        total = sum(s.lessons * s.seats for s in self.streams)
        samples = max(1, len(self.load_samples))
        mean = -(-total * LOAD_SLACK_PERCENT // (100 * samples))
        return max(mean, LOAD_STEP)


def _by_id(rows: Iterable[_Row]) -> dict[str, _Row]:
    return {str(row.id): row for row in rows}


def _known(names: Mapping[str, object], name: str) -> None:
    if name not in names:
        raise UsageError("unknown_name", en=f"{name} is named but not described")
