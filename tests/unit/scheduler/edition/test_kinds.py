"""Every kind of lesson goes the whole way, one with hundreds of rooms too."""

from dataclasses import replace

from common.ids import SchoolId, SiteRoomId
from scheduler.catalogue.bells import Minutes
from scheduler.catalogue.organisation import ClassGroupId
from scheduler.edition.changes import step_of
from scheduler.edition.picture import Picture
from scheduler.edition.slots import TermSlots
from scheduler.edition.values import Draft, apply
from scheduler.edition.views import Wish
from scheduler.edition.weeks import wanted_weeks
from scheduler.solver.problem import (
    Busy,
    ClassGroup,
    Receiver,
    Resource,
    Room,
)
from scheduler.solver.solve import solve
from tests.support.synthetic_world import TERM
from tests.unit.scheduler.edition.editions import MADE, edition, frame_of, row
from tests.unit.scheduler.solver.districts import bells, district, site, stream

ROOMS = 300
RINGS = bells(480, 530, 590)


def city_wide() -> Picture:
    """One lesson for 300 classes at agreed times, each with a local lesson at one of
    them; a famous-school and a master-teacher lesson beside it."""
    sites = [site(f"c{i}", RINGS) for i in range(ROOMS)]
    rooms = [
        Room(SiteRoomId(f"c{i}-room"), SchoolId(f"c{i}"), "教室") for i in range(ROOMS)
    ]
    groups = [
        ClassGroup(ClassGroupId(f"c{i}-class"), SchoolId(f"c{i}"), "班")
        for i in range(ROOMS)
    ]
    receivers = tuple(
        Receiver(SiteRoomId(f"c{i}-room"), ClassGroupId(f"c{i}-class"))
        for i in range(ROOMS)
    )
    whole = replace(
        stream("all"),
        receivers=receivers,
        kind="city_wide",
        displaces_local=True,
        common_starts=((2, 540), (4, 600)),
    )
    famous = replace(stream("open", "a", teacher="t1", room="n0"), kind="famous_school")
    master = replace(
        stream("best", "a", teacher="t1", room="n0"), kind="master_teacher"
    )
    made = district((famous, master), master=RINGS, points={"a": RINGS})
    local = tuple(
        Busy(Resource("class", f"c{i}-class"), 2, Minutes(530, 570), "local", "语文")
        for i in range(ROOMS)
    )
    problem = replace(
        made,
        streams=(whole, famous, master),
        sites=(*made.sites, *sites),
        rooms=(*made.rooms, *rooms),
        class_groups=(*made.class_groups, *groups),
        busy=local,
    )
    return Picture(frame_of(problem), Draft(edition(), {}))


def test_a_lesson_for_the_whole_city_is_placed_at_an_agreed_time() -> None:
    picture = city_wide()
    course = next(c for c in picture.frame.courses if c.id == "all")
    assert (course.kind, len(course.receivers)) == ("city_wide", ROOMS)
    starts = picture.board.cells(picture.frame.problem.stream_by_id["all"])
    assert [(c.weekday, c.time.start) for c in starts] == [(2, 540), (4, 600)]
    # Local lessons give way to it, and each that does has its price.
    assert [c.blockers for c in starts] == [(), ()]
    assert starts[0].cost - starts[1].cost >= ROOMS
    answer = solve(picture.frame.problem, seconds=5, workers=1)
    assert ("all", 4, 600) in {
        (p.stream, p.weekday, p.start) for p in answer.placements
    }


def test_its_slot_says_minutes_and_its_lessons_have_all_rooms() -> None:
    picture = city_wide()
    wish = Wish(kind="place", course="all", weekday=4, start=600)
    rows = apply(picture.draft.rows, step_of(picture, [wish]))
    (made,) = TermSlots(picture.frame.world, TERM, 5).slots_for(rows.values())
    assert (made.period, made.start_minute, made.end_minute) == (None, 600, 640)
    picture.frame.world.put([made])
    weeks = wanted_weeks(picture.frame.world, TERM, TERM.date_of(18, 1), {}, MADE)
    lessons = [one for stretch in weeks.stretches for one in stretch.wanted]
    assert {one.day.isoweekday() for one in lessons} == {4}
    assert all(len(one.receiving_rooms) == ROOMS for one in lessons)
    assert [one.week for one in lessons] == [18, 19, 20, 21, 22]


def test_the_other_kinds_are_placed_like_any_lesson() -> None:
    picture = city_wide()
    wishes = [
        Wish(kind="place", course="open", weekday=1, start=480),
        Wish(kind="place", course="best", weekday=1, start=530),
    ]
    rows = apply({}, step_of(picture, wishes))
    assert set(rows.values()) == {row("open", 1, 480), row("best", 1, 530)}
    kinds = {c.id: c.kind for c in picture.frame.courses}
    assert (kinds["open"], kinds["best"]) == ("famous_school", "master_teacher")
