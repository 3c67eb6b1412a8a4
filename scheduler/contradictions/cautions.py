"""What is allowed but probably not meant."""

from collections.abc import Iterator, Mapping
from datetime import timedelta

from common.ids import SchoolId
from scheduler.catalogue.availability import Travel
from scheduler.catalogue.bell_book import BellBook, Span
from scheduler.catalogue.bells import Minutes, Period, clock_text, weekday_zh
from scheduler.catalogue.calendar import Term
from scheduler.catalogue.course import Course, CourseRoom
from scheduler.catalogue.organisation import ClassGroup, School, SiteRoom
from scheduler.catalogue.sweep import first_clashes
from scheduler.catalogue.value import Value
from scheduler.catalogue.world import Caution, World
from scheduler.contradictions.fit import Fit, hours_text
from scheduler.contradictions.twice import Use, by_holder, on_one_date, uses_of

_DAY = timedelta(days=1)
_SILENT = timedelta(days=14)
"""An exam week without bells is meant, a fortnight is not."""


def cautions(world: World) -> list[Caution]:
    """Of a world without contradictions."""
    book = BellBook(world)
    return [
        *_travel_differs(world),
        *_too_far(world, book),
        *_outside_hours(world, book),
        *_no_bells(world, book),
        *_away_classes(world),
    ]


def _travel_differs(world: World) -> Iterator[Caution]:
    for way in world.all(Travel):
        back = world.get(Travel, way.to_school, way.from_school)
        if back and way.from_school < way.to_school and way.minutes != back.minutes:
            longer = max(way.minutes, back.minutes)
            yield Caution(
                (way, back),
                f"{way.from_school} 与 {way.to_school} 之间往返路程不同"
                f"（{way.minutes} 和 {back.minutes} 分钟），按 {longer} 分钟算",
                f"travel between {way.from_school} and {way.to_school} differs by"
                f" direction ({way.minutes} and {back.minutes} minutes); {longer}"
                " counts",
            )


def _too_far(world: World, book: BellBook) -> Iterator[Caution]:
    ways: dict[tuple[SchoolId, SchoolId], int] = {}
    for t in world.all(Travel):
        for pair in ((t.from_school, t.to_school), (t.to_school, t.from_school)):
            ways[pair] = max(ways.get(pair, 0), t.minutes)
    far = max(ways.values(), default=0)
    for (resource, weekday), uses in by_holder(world, book).items():
        if resource.kind != "teacher" or len({use.school for use in uses}) < 2:
            continue
        for a, b in first_clashes(
            uses,
            lambda use: (use.reach[0], use.reach[1] + far),
            lambda a, b: _hurries(ways, a, b) is not None,
        ):
            between, first = _hurries(ways, a, b) or (0, 0)
            way = ways[a.school, b.school]
            yield Caution(
                (b.lesson, a.lesson),
                f"教师 {resource.id} {weekday_zh(weekday)} {clock_text(first)} 在"
                f" {a.school} 下课，{between} 分钟后在 {b.school} 上课，"
                f"路上要 {way} 分钟，请核对",
                f"teacher {resource.id} has {between} minutes on weekday {weekday}"
                f" from {clock_text(first)} between {a.lesson.id} and {b.lesson.id};"
                f" the way takes {way}; check it",
            )


def _hurries(
    ways: Mapping[tuple[SchoolId, SchoolId], int], a: Use, b: Use
) -> tuple[int, int] | None:
    """Minutes left between the two when that is less than the way takes, and when
    the first one ends."""
    way = ways.get((a.school, b.school), 0)
    for times in on_one_date(a, b) if way else ():
        first, second = sorted(times, key=lambda time: time.start)
        if 0 <= second.start - first.end < way:
            return second.start - first.end, first.end
    return None


def _outside_hours(world: World, book: BellBook) -> Iterator[Caution]:
    for use in uses_of(world, book):
        if use.is_by_period:
            continue
        ((time, span),) = use.times
        weekday = use.lesson.weekday
        hours = list(book.windows(use.school, weekday))
        rung = book.ringing(use.school, weekday, span)
        hours += [_hull(ringing.periods) for ringing in rung]
        inside = any(h.start <= time.start and time.end <= h.end for h in hours)
        if hours and not inside:
            text = hours_text({weekday: hours})
            yield Caution(
                (use.lesson,),
                f"本地课“{use.lesson.title}”（{use.lesson.id}）"
                f" {clock_text(time.start)}-{clock_text(time.end)}"
                f" 不在学校 {use.school} 的作息（{text}）之内，请核对",
                f"local lesson {use.lesson.id} lies outside the hours of"
                f" {use.school} ({text}); check it",
            )


def _hull(periods: tuple[Period, ...]) -> Minutes:
    return Minutes(periods[0].start_minute, max(p.end_minute for p in periods))


def _no_bells(world: World, book: BellBook) -> Iterator[Caution]:
    """Schools of courses whose hours nobody entered: no lesson can be planned there."""
    fit = Fit(world, book)
    seen: set[tuple[str, str]] = set()
    for course, room in _rooms(world):
        term = world.get(Term, course.term)
        school = world.get(School, room.school)
        place = (course.term, room.school)
        if term is None or school is None or place in seen:
            continue
        seen.add(place)
        if not fit.hours(school.id, term):
            yield Caution(
                (school, term),
                f"“{school.name}”（{school.id}）在学期“{term.name}”里没有作息表，"
                "它的课排不了；请补作息表或在校时间",
                f"{school.id} has no bells in term {term.id}: no lesson can be planned"
                " there; add a bell schedule or school hours",
            )
        elif gap := _silence(book, school, term):
            yield Caution(
                (school, term),
                f"“{school.name}”（{school.id}）从 {gap.first} 到 {gap.last}"
                " 没有作息表，按节次排的课这段时间上不了；请补作息表",
                f"{school.id} has no bells from {gap.first} to {gap.last}: lessons by"
                " period cannot take place; add a bell schedule",
            )


def _silence(book: BellBook, school: School, term: Term) -> Span | None:
    """The first weeks of the term in which a weekday that rings otherwise does not."""
    whole = Span(term.first_day, term.last_day)
    for weekday in range(1, 8):
        rung = book.ringing(school.id, weekday, whole)
        edges = [
            whole.first - _DAY,
            *(day for one in rung for day in (one.span.first, one.span.last)),
            whole.last + _DAY,
        ]
        for before, after in zip(edges[::2], edges[1::2], strict=True):
            if rung and after - before > _SILENT:
                return Span(before + _DAY, after - _DAY)
    return None


def _rooms(world: World) -> Iterator[tuple[Course, SiteRoom]]:
    for course in world.all(Course):
        if (room := world.get(SiteRoom, course.master_room)) is not None:
            yield course, room
    for one in world.all(CourseRoom):
        receiving = world.get(Course, one.course)
        room = world.get(SiteRoom, one.site_room)
        if receiving and room:
            yield receiving, room


def _away_classes(world: World) -> Iterator[Caution]:
    for course in world.all(Course):
        yield from _away(world, course, course.master_room, course.master_class)
    for one in world.all(CourseRoom):
        yield from _away(world, one, one.site_room, one.class_group)


def _away(world: World, row: Value, room: str, group: str | None) -> Iterator[Caution]:
    place = world.get(SiteRoom, room)
    pupils = world.get(ClassGroup, group) if group else None
    if place and pupils and place.school != pupils.school:
        yield Caution(
            (row, pupils),
            f"班级“{pupils.name}”（{pupils.id}）属于学校 {pupils.school}，"
            f"教室 {place.id} 属于 {place.school}，请核对",
            f"class {pupils.id} belongs to {pupils.school}, room {place.id} to"
            f" {place.school}; check it",
        )
