"""The HTTP interface of terms: their calendar, official holidays, how full they are."""

import asyncio
from collections import Counter
from collections.abc import Iterable

from common.clock import Clock
from common.http import Call, Nothing, Router
from scheduler.catalogue.bells import weekday_zh
from scheduler.catalogue.calendar import CalendarDay, Term, local_day
from scheduler.catalogue.course import Course
from scheduler.catalogue.desk import WorldDesk, find
from scheduler.catalogue.organisation import ClassGroup, District
from scheduler.catalogue.wishes import SubjectTime
from scheduler.catalogue.world import Caution, Contradiction, World
from scheduler.contradictions import cautions, contradictions
from scheduler.term.days import (
    DayPlan,
    TermCalendar,
    is_official,
    special_days,
    term_calendar,
)
from scheduler.term.holidays import OfficialDay, official_days
from scheduler.term.load import loads, sentence
from scheduler.term.views import (
    CalendarView,
    DaySentence,
    DayView,
    HolidaysView,
    LoadQuery,
    LoadRow,
    LoadView,
    ProposedDay,
    SchoolDayView,
    SuggestionView,
    WordsView,
)
from scheduler.term.weekly import weekly_problem
from scheduler.views import Sentence

_SOURCE = "chinesecalendar"


class TermsApi:
    def __init__(self, desk: WorldDesk, clock: Clock) -> None:
        self._desk = desk
        self._clock = clock

    def add_to(self, router: Router) -> None:
        router.get("/words", roles=(), returns=WordsView)(self.words)
        router.get("/terms/{id}/calendar", roles=(), returns=CalendarView)(
            self.calendar
        )
        router.post(
            "/terms/{id}/holidays", roles=("timetabler",), returns=HolidaysView
        )(self.propose_holidays)
        router.get("/terms/{id}/load", roles=(), query=LoadQuery, returns=LoadView)(
            self.load
        )

    async def words(self, _call: Call[Nothing, Nothing]) -> WordsView:
        """Subjects, grades, stages in use."""
        return words_of(await self._desk.world())

    async def calendar(self, call: Call[Nothing, Nothing]) -> CalendarView:
        """Every day of the term with what it runs, and what to check by hand."""
        world = await self._desk.world()
        term = find(world, Term, call.path["id"])
        return _calendar_view(term, term_calendar(world, term))

    async def propose_holidays(self, call: Call[Nothing, Nothing]) -> HolidaysView:
        """Official holidays and make-up days of the term, as rows to look through,
        complete and save with `PUT /calendar-days`. Saves nothing."""
        world = await self._desk.world()
        term = find(world, Term, call.path["id"])
        return propose(world, term)

    async def load(self, call: Call[Nothing, LoadQuery]) -> LoadView:
        """Lessons wanted against the time there is, before anything is solved."""
        world = await self._desk.world()
        term = find(world, Term, call.path["id"])
        week = call.query.week or self._this_week(world, term)
        # Half a second for a city: not in the loop that live lessons use.
        return await asyncio.to_thread(load_view, world, term, week)

    def _this_week(self, world: World, term: Term) -> int:
        zone = find(world, District, term.district).zone
        week = term.week_of(local_day(self._clock.now(), zone))
        return week if 1 <= week <= term.weeks else 1


def words_of(world: World) -> WordsView:
    courses = world.all(Course)
    groups = [group.grade for group in world.all(ClassGroup)]
    wishes = [wish.subject for wish in world.all(SubjectTime)]
    return WordsView(
        subjects=_by_use([*(c.subject for c in courses), *wishes]),
        grades=_by_use([*(c.grade for c in courses), *groups]),
        stages=_by_use(c.stage for c in courses),
        textbooks=_by_use(c.textbook for c in courses),
        volumes=_by_use(c.volume for c in courses),
    )


def _by_use(words: Iterable[str]) -> list[str]:
    count = Counter(word for word in words if word)
    return sorted(count, key=lambda word: (-count[word], word))


def _calendar_view(term: Term, calendar: TermCalendar) -> CalendarView:
    return CalendarView(
        term=term.id,
        name=term.name,
        week_1=term.week_1,
        weeks=term.weeks,
        days=[_day_view(plan) for plan in calendar.days],
        warnings=[DaySentence(day=w.day, zh=w.zh, en=w.en) for w in calendar.warnings],
    )


def _day_view(plan: DayPlan) -> DayView:
    special = plan.special
    return DayView(
        day=plan.day,
        week=plan.week,
        weekday=plan.day.isoweekday(),
        kind=special.kind if special else "ordinary",
        runs_week=plan.runs.week if plan.runs else None,
        runs_weekday=plan.runs.weekday if plan.runs else None,
        name=special.name if special else "",
        schools=[
            SchoolDayView(
                school=other.school.id,
                school_name=other.school.name,
                runs_week=other.runs.week if other.runs else None,
                runs_weekday=other.runs.weekday if other.runs else None,
                name=other.name,
            )
            for other in plan.others
        ],
    )


def propose(world: World, term: Term) -> HolidaysView:
    calendar = term_calendar(world, term)
    entered = {r.day: r for r in special_days(world, term) if r.school is None}
    found = (
        official_days(term.first_day, term.last_day) if is_official(world, term) else []
    )
    return HolidaysView(
        source=_SOURCE,
        days=[_proposed(term, day, entered.get(day.day)) for day in found],
        warnings=[DaySentence(day=w.day, zh=w.zh, en=w.en) for w in calendar.warnings],
    )


def _proposed(
    term: Term, official: OfficialDay, entered: CalendarDay | None
) -> ProposedDay:
    return ProposedDay(
        district=term.district,
        day=official.day,
        kind=official.kind,
        name=official.name,
        entered=entered is not None and entered.kind == official.kind,
        suggestion=_suggestion(term, official),
    )


def _suggestion(term: Term, official: OfficialDay) -> SuggestionView | None:
    day = official.stands_for
    if day is None or not term.first_day <= day <= term.last_day:
        return None
    week, weekday = term.week_of(day), day.isoweekday()
    if week < 1:
        return None
    return SuggestionView(
        day=day,
        runs_week=week,
        runs_weekday=weekday,
        zh=f"建议：补 {day}（第{week}周{weekday_zh(weekday)}）的课；"
        "通知不规定，由学校决定",
        en=f"suggestion: run the lessons of {day} (week {week}, weekday {weekday});"
        " the notice leaves it to the schools",
    )


def load_view(world: World, term: Term, week: int) -> LoadView:
    weekly = weekly_problem(world, term, week)
    rows = []
    for load in loads(weekly.problem):
        zh, en = sentence(load)
        rows.append(
            LoadRow(
                kind=load.kind,
                id=load.id,
                name=load.name,
                wanted=load.wanted,
                offered=load.offered,
                ratio=load.ratio,
                zh=zh,
                en=en,
            )
        )
    odd: list[Contradiction | Caution] = [
        *contradictions(world),
        *weekly.warnings,
        *cautions(world),
    ]
    warnings = [Sentence(zh=one.zh, en=one.en) for one in odd]
    return LoadView(term=term.id, week=week, rows=rows, warnings=warnings)
