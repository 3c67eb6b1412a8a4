"""What each day of a term runs, and what about it a person should look at. Pure.

Special days are entered for a city, a county or one school; the nearest to a school
wins.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from common.ids import DistrictId, SchoolId
from scheduler.catalogue.bells import weekday_zh
from scheduler.catalogue.calendar import CalendarDay, Term, TermDay, term_day
from scheduler.catalogue.course import Course, CourseRoom
from scheduler.catalogue.organisation import District, School, SiteRoom
from scheduler.catalogue.world import World, upwards
from scheduler.term.holidays import ZONES, OfficialDay, official_days, unknown_days


@dataclass(frozen=True, slots=True)
class DayWarning:
    """`day` None: the whole term."""

    day: date | None
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Other:
    """A school that runs something else than its district on a day."""

    school: School
    runs: TermDay | None
    name: str


@dataclass(frozen=True, slots=True)
class DayPlan:
    """`special`: the row that says so, None on a day that runs by itself."""

    day: date
    week: int
    runs: TermDay | None
    special: CalendarDay | None
    others: tuple[Other, ...] = ()


@dataclass(frozen=True, slots=True)
class TermCalendar:
    days: tuple[DayPlan, ...]
    warnings: tuple[DayWarning, ...]


def special_days(world: World, term: Term) -> list[CalendarDay]:
    """The special days of a term as `calendar.term_day` reads them: rows of its own
    district and of single schools. A row of a county below it stands for each of the
    county's schools, a row of the city above it for the whole district."""
    above = [d.id for d in upwards(world, term.district)]
    default: dict[date, tuple[int, CalendarDay]] = {}
    near: dict[tuple[date, SchoolId], tuple[int, CalendarDay]] = {}
    schools = _schools_below(world)
    for row in world.all(CalendarDay):
        if row.school is not None:
            near[row.day, row.school] = (-1, row)
        elif row.district in above:
            rank = above.index(row.district)
            if row.day not in default or rank < default[row.day][0]:
                default[row.day] = (rank, row)
        else:
            for school, rank in schools[row.district]:
                key = (row.day, school)
                if key not in near or rank < near[key][0]:
                    near[key] = (rank, row)
    here = {"district": term.district}
    found = [row.model_copy(update=here) for _, row in default.values()]
    for (_, school), (_, row) in near.items():
        found.append(row.model_copy(update={**here, "school": school}))
    return found


def _schools_below(world: World) -> dict[DistrictId, list[tuple[SchoolId, int]]]:
    """The schools of each district and of those below it, with how many levels."""
    found: dict[DistrictId, list[tuple[SchoolId, int]]] = defaultdict(list)
    for school in world.all(School):
        for rank, district in enumerate(upwards(world, school.district)):
            found[district.id].append((school.id, rank))
    return found


def term_calendar(world: World, term: Term) -> TermCalendar:
    special = special_days(world, term)
    days = tuple(_days(world, term, special))
    warnings = [
        *_unknown(world, term),
        *_not_entered(world, term, special),
        *_run_twice(days),
        *_rooms_away(world, term, days),
    ]
    warnings.sort(key=lambda w: (w.day is not None, w.day or term.first_day))
    return TermCalendar(days, tuple(warnings))


def _days(
    world: World, term: Term, special: Iterable[CalendarDay]
) -> Iterator[DayPlan]:
    by_day: dict[date, list[CalendarDay]] = defaultdict(list)
    for row in special:
        by_day[row.day].append(row)
    for offset in range((term.last_day - term.first_day).days + 1):
        day = term.first_day + timedelta(days=offset)
        rows = by_day.get(day, [])
        default = [r for r in rows if r.school is None]
        others = [r for r in rows if r.school is not None]
        yield DayPlan(
            day,
            term.week_of(day),
            term_day(term, day, default, SchoolId("")),
            default[0] if default else None,
            tuple(_others(world, term, day, others)),
        )


def _others(
    world: World, term: Term, day: date, rows: Iterable[CalendarDay]
) -> Iterator[Other]:
    for row in sorted(rows, key=lambda r: r.school or ""):
        school = world.get(School, row.school)
        if school is not None:
            yield Other(school, term_day(term, day, [row], school.id), row.name)


# ---- warnings ----------------------------------------------------------------------


def is_official(world: World, term: Term) -> bool:
    """Whether the official holidays hold in the term's district."""
    district = world.get(District, term.district)
    return district is not None and district.zone in ZONES


def _unknown(world: World, term: Term) -> Iterator[DayWarning]:
    if not is_official(world, term):
        yield DayWarning(
            None,
            "这个时区没有官方放假数据，请自己填写校历",
            "there are no official holidays for this time zone; enter them yourself",
        )
        return
    for gap in unknown_days(term.first_day, term.last_day):
        yield DayWarning(
            gap.first,
            f"{gap.first.year} 年的放假调休安排尚未公布，或本软件还没有收录："
            f"{gap.first} 至 {gap.last} 请对照通知自己核对校历",
            f"the holidays of {gap.first.year} are not published or not known here:"
            f" check {gap.first} to {gap.last} against the notice by hand",
        )


def _not_entered(
    world: World, term: Term, special: Iterable[CalendarDay]
) -> Iterator[DayWarning]:
    if not is_official(world, term):
        return
    entered = {row.day: row for row in special if row.school is None}
    for official in official_days(term.first_day, term.last_day):
        row = entered.get(official.day)
        if row is None and official.kind == "make_up":
            yield DayWarning(
                official.day,
                f"{official.day} 是{official.name}调休上班日，校历里没有，这天不上课；"
                "要上课请加一行调休，写明执行第几周星期几的课",
                f"{official.day} is a working day made up for {official.name} and not"
                " in the calendar: no lessons; to teach, add a make-up day and say"
                " which week and weekday it runs",
            )
        elif row is None and official.day.isoweekday() <= 5:
            yield DayWarning(
                official.day,
                f"{official.day} 是{official.name}放假日，校历里没有，这天照常上课；"
                "请加一行放假",
                f"{official.day} is a holiday ({official.name}) and not in the"
                " calendar: lessons take place; add a holiday",
            )
        elif row is not None and row.kind != official.kind:
            yield DayWarning(official.day, *_differs(official))


def _differs(official: OfficialDay) -> tuple[str, str]:
    zh = "放假日" if official.kind == "holiday" else "调休上班日"
    en = "holiday" if official.kind == "holiday" else "working day"
    return (
        f"{official.day} 按通知是{official.name}{zh}，校历里写的不同，请核对",
        f"{official.day} is officially a {en} ({official.name}); the calendar says"
        " otherwise, check it",
    )


def _run_twice(days: Iterable[DayPlan]) -> Iterator[DayWarning]:
    seen: dict[TermDay, date] = {}
    for plan in sorted(days, key=lambda p: (p.special is not None, p.day)):
        if plan.runs is None:
            continue
        first = seen.setdefault(plan.runs, plan.day)
        if first != plan.day:
            what = f"第{plan.runs.week}周{weekday_zh(plan.runs.weekday)}"
            yield DayWarning(
                plan.day,
                f"{plan.day} 上{what}的课，而 {first} 也上同一天的课；"
                "若不是有意，请改执行周次或星期，或把其中一天设为放假",
                f"{plan.day} runs week {plan.runs.week} weekday {plan.runs.weekday},"
                f" and so does {first}; change one of them unless it is meant",
            )


def _rooms_away(
    world: World, term: Term, days: Iterable[DayPlan]
) -> Iterator[DayWarning]:
    """Receiving schools that have another day than the school that teaches them."""
    pairs = _taught_by(world, term)
    for plan in days:
        if not plan.others:
            continue
        runs = {other.school.id: other.runs for other in plan.others}
        for school, masters in sorted(pairs.items()):
            own = runs.get(school, plan.runs)
            taught = {
                name: runs.get(master, plan.runs) for name, master in masters.items()
            }
            apart = [n for n, day in sorted(taught.items()) if day not in (None, own)]
            row = world.get(School, school)
            if apart and row:
                yield DayWarning(
                    plan.day,
                    f"“{row.name}”{plan.day} 的安排与主讲学校不同，"
                    f"收不到这天的课：{'、'.join(apart)}；请核对校历或另排这些课",
                    f"{row.id} has another day than the master school on {plan.day}"
                    f" and misses {', '.join(apart)}; check the calendar or move"
                    " those lessons",
                )


def _taught_by(world: World, term: Term) -> dict[SchoolId, dict[str, SchoolId]]:
    """Receiving school -> its courses by name -> the master school of each."""
    found: dict[SchoolId, dict[str, SchoolId]] = defaultdict(dict)
    for one in world.all(CourseRoom):
        course = world.get(Course, one.course)
        room = world.get(SiteRoom, one.site_room)
        master = course and world.get(SiteRoom, course.master_room)
        if course and room and master and course.term == term.id:
            found[room.school][course.name] = master.school
    return found
