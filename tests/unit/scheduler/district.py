"""The small district that the scheduler's tests share."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import scheduler
from common.ids import CourseId, DistrictId, LessonId, SchoolId, SessionId, SiteRoomId
from common.protocol.events import LessonFacts
from scheduler.catalogue.bells import BellSchedule, BellScheduleId, Period
from scheduler.catalogue.calendar import Term, TermId
from scheduler.catalogue.course import Course, CourseRoom, Lesson
from scheduler.catalogue.organisation import (
    District,
    School,
    SiteRoom,
    Teacher,
    TeacherId,
)
from scheduler.catalogue.value import Value

SCHEDULER_MIGRATIONS = Path(scheduler.__file__).parent / "migrations"
BELL = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
MASTER, HULI, FEIXI = SiteRoomId("master"), SiteRoomId("huli"), SiteRoomId("feixi")
MUSIC = CourseId("music-3")
_CENTRE = SchoolId("centre")

DISTRICT: tuple[Value, ...] = (
    District(id=DistrictId("dingyuan"), name="定远县"),
    School(
        id=SchoolId("point"),
        district=DistrictId("dingyuan"),
        name="年家岗湖里教学点",
        kind="teaching_point",
        centre=_CENTRE,
    ),
    School(id=_CENTRE, district=DistrictId("dingyuan"), name="中心学校", kind="centre"),
    SiteRoom(id=MASTER, school=_CENTRE, name="主讲教室", kind="master"),
    SiteRoom(id=HULI, school=SchoolId("point"), name="湖里教室"),
    SiteRoom(id=FEIXI, school=SchoolId("point"), name="费西教室"),
    Teacher(id=TeacherId("wang"), school=_CENTRE, name="王老师"),
    Teacher(id=TeacherId("li"), school=_CENTRE, name="李老师"),
    BellSchedule(id=BellScheduleId("bells"), school=_CENTRE, name="作息"),
    Period(
        bell_schedule=BellScheduleId("bells"),
        number=3,
        start_minute=600,
        end_minute=640,
    ),
    Term(
        id=TermId("2026-autumn"),
        district=DistrictId("dingyuan"),
        name="2026 秋",
        week_1=date(2026, 8, 31),
        first_day=date(2026, 9, 1),
        last_day=date(2027, 1, 22),
    ),
    Course(
        id=MUSIC,
        term=TermId("2026-autumn"),
        stage="小学",
        subject="音乐",
        grade="三年级",
        teacher=TeacherId("wang"),
        master_room=MASTER,
    ),
    CourseRoom(course=MUSIC, site_room=HULI),
    CourseRoom(course=MUSIC, site_room=FEIXI),
)

FACTS = LessonFacts(
    lesson="les-1",
    session="ses-1",
    title="三年级音乐",
    kind="delivery",
    stage="小学",
    subject="音乐",
    grade="三年级",
    teacher="王老师",
    district="定远县",
    school="中心学校",
    master_room=MASTER,
    site_rooms={MASTER: "主讲教室", HULI: "湖里教室"},
    starts_at=0,
    ends_at=2400,
)


def lesson(name: str, after: timedelta = timedelta(0), **fields: object) -> Lesson:
    """A 40-minute lesson, `after` the bell of all tests."""
    plain: dict[str, object] = {
        "id": LessonId(f"les-{name}"),
        "session": SessionId(f"ses-{name}"),
        "course": MUSIC,
        "title": "三年级音乐",
        "teacher": TeacherId("wang"),
        "master_room": MASTER,
        "receiving_rooms": (HULI, FEIXI),
        "starts_at": BELL + after,
        "ends_at": BELL + after + timedelta(minutes=40),
        "zone": "Asia/Shanghai",
        "day": date(2026, 11, 23),
    }
    return Lesson.model_validate({**plain, **fields})
