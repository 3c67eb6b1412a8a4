"""Small districts for the solver's tests, by hand and by hypothesis."""

from dataclasses import replace

from hypothesis import strategies as st

from common.ids import SchoolId, SiteRoomId
from scheduler.catalogue.bells import Minutes
from scheduler.catalogue.organisation import ClassGroupId, TeacherId
from scheduler.solver.problem import (
    EVERY_WEEK,
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
    weeks_mask,
)

DAY = Minutes(0, 24 * 60)


def bells(*starts: int, days: int = 5, minutes: int = 40) -> Bells:
    periods = tuple(
        PeriodTime(n, start, start + minutes) for n, start in enumerate(starts, 1)
    )
    return {day: periods for day in range(1, days + 1)}


def site(name: str, rings: Bells, uplink_kbps: int | None = None) -> Site:
    window = {day: (Minutes(470, 1020),) for day in rings}
    return Site(SchoolId(name), f"学校{name}", rings, window, uplink_kbps)


def stream(
    name: str,
    *points: str,
    teacher: str = "t0",
    room: str = "m0",
    lessons: int = 1,
    weeks: int = EVERY_WEEK,
    displaces_local: bool = False,
) -> Stream:
    receivers = tuple(
        Receiver(SiteRoomId(f"{p}-room"), ClassGroupId(f"{p}-class")) for p in points
    )
    return Stream(
        id=StreamId(name),
        title=f"课程{name}",
        subject="音乐",
        teacher=TeacherId(teacher),
        master_room=SiteRoomId(room),
        receivers=receivers,
        lessons=lessons,
        weeks=weeks,
        displaces_local=displaces_local,
    )


def busy(kind: str, name: str, weekday: int, time: Minutes = DAY) -> Busy:
    return Busy(
        Resource(kind, name),  # type: ignore[arg-type]
        weekday,
        time,
        "closed",
        "不可用",
    )


def district(
    streams: tuple[Stream, ...],
    *,
    master: Bells,
    points: dict[str, Bells],
    taken: tuple[Busy, ...] = (),
    second: Bells | None = None,
    uplink_kbps: int | None = None,
    travel_min: int = 0,
) -> Problem:
    """Master site `m` (rooms m0, m1), a second one `n` (room n0), teachers t0, t1."""
    other = second or master
    sites = [site("m", master, uplink_kbps), site("n", other)]
    sites += [site(name, rings) for name, rings in points.items()]
    rooms = [
        Room(SiteRoomId("m0"), SchoolId("m"), "主讲教室0", "master"),
        Room(SiteRoomId("m1"), SchoolId("m"), "主讲教室1", "master"),
        Room(SiteRoomId("n0"), SchoolId("n"), "主讲教室", "master"),
    ]
    rooms += [Room(SiteRoomId(f"{p}-room"), SchoolId(p), "教室") for p in points]
    groups = [ClassGroup(ClassGroupId(f"{p}-class"), SchoolId(p), "班") for p in points]
    return Problem(
        sites=tuple(sites),
        rooms=tuple(rooms),
        teachers=tuple(
            Teacher(TeacherId(t), SchoolId("m"), f"教师{t}") for t in ("t0", "t1")
        ),
        class_groups=tuple(groups),
        streams=streams,
        busy=taken,
        travel={(SchoolId("m"), SchoolId("n")): travel_min},
    )


def _busy_times() -> st.SearchStrategy[Busy]:
    """A local lesson or a closed time of one resource."""
    resources = [("teacher", "t0"), ("class", "a-class"), ("site", "b"), ("room", "m0")]
    return st.builds(
        lambda who, day, start, length, kind, where: Busy(
            Resource(*who),
            day,
            Minutes(start, start + length),
            kind,
            "占用",
            site=SchoolId(where) if where and who[0] == "teacher" else None,
        ),
        st.sampled_from(resources),
        st.integers(1, 2),
        st.integers(470, 640),
        st.integers(5, 90),
        st.sampled_from(("local", "closed")),
        st.sampled_from((None, "m", "n")),
    )


@st.composite
def districts(draw: st.DrawFn) -> Problem:
    """Up to 6 streams, 3 points with bells of their own, odd and even weeks, uplink
    and media limits, closed times, travel: many of them cannot be placed whole."""
    shift = st.integers(-20, 40)
    starts = (480, 530, 590)
    names = ("a", "b", "c")
    points = {p: bells(*(s + draw(shift) for s in starts), days=2) for p in names}
    streams = tuple(
        stream(
            f"s{i}",
            *draw(st.lists(st.sampled_from(names), unique=True, max_size=3)),
            teacher=draw(st.sampled_from(("t0", "t1"))),
            room=draw(st.sampled_from(("m0", "m1", "n0"))),
            lessons=draw(st.integers(1, 2)),
            weeks=weeks_mask(draw(st.sampled_from(("all", "odd", "even", "1-8")))),
            displaces_local=draw(st.booleans()),
        )
        for i in range(draw(st.integers(1, 6)))
    )
    taken = draw(st.lists(_busy_times(), max_size=4))
    made = district(
        streams,
        master=bells(*starts, days=2),
        second=bells(485, 540, 600, days=2),
        points=points,
        taken=tuple(taken),
        uplink_kbps=draw(st.sampled_from((None, 4000, 8000))),
        travel_min=draw(st.sampled_from((0, 15, 60))),
    )
    starts_of = [
        Placement(s.id, day, p.start)
        for s in streams
        for day, periods in made.master_site(s).bells.items()
        for p in periods
    ]
    return replace(
        made,
        media_seats=draw(st.sampled_from((None, 4, 8))),
        locks=draw(st.frozensets(st.sampled_from(starts_of), max_size=2)),
    )
