"""What the HTTP interface says about a term: calendar, holidays, load; and the words
in use."""

from datetime import date
from typing import Literal

from pydantic import BaseModel, Field

from scheduler.catalogue.weeks import LAST_WEEK
from scheduler.term.load import LoadKind
from scheduler.views import Body, Sentence


class WordsView(BaseModel):
    """What is in use, the most used first: offered while somebody types."""

    subjects: list[str]
    grades: list[str]
    stages: list[str]
    textbooks: list[str]
    volumes: list[str]


class DaySentence(Sentence):
    """`day` None: the whole term."""

    day: date | None


DayKind = Literal["ordinary", "holiday", "make_up"]


class SchoolDayView(BaseModel):
    """A school with another day than its district. No `runs_week`: no lessons."""

    school: str
    school_name: str
    runs_week: int | None
    runs_weekday: int | None
    name: str


class DayView(BaseModel):
    """`week` and `weekday` are its own, `runs_` whose lessons take place."""

    day: date
    week: int
    weekday: int
    kind: DayKind
    runs_week: int | None
    runs_weekday: int | None
    name: str
    schools: list[SchoolDayView]


class CalendarView(BaseModel):
    term: str
    name: str
    week_1: date
    weeks: int
    days: list[DayView]
    warnings: list[DaySentence]


class SuggestionView(Sentence):
    """Whose lessons a make-up day might run. A person decides."""

    day: date
    runs_week: int
    runs_weekday: int


class ProposedDay(BaseModel):
    """A row for `PUT /calendar-days`; a make-up day still lacks what it runs.
    `entered`: the calendar has a row of the same kind."""

    district: str
    day: date
    kind: Literal["holiday", "make_up"]
    name: str
    entered: bool
    suggestion: SuggestionView | None


class HolidaysView(BaseModel):
    """Nothing is saved."""

    source: str
    days: list[ProposedDay]
    warnings: list[DaySentence]


class LoadQuery(Body):
    """`week`: whose bells count; None: this week, or the first outside the term."""

    week: int | None = Field(default=None, ge=1, le=LAST_WEEK)


class LoadRow(Sentence):
    """`ratio` None: something is wanted and no time is left for it."""

    kind: LoadKind
    id: str
    name: str
    wanted: int
    offered: int
    ratio: float | None


class LoadView(BaseModel):
    """`rows`: the tightest first. `warnings`: what contradicts itself or is odd."""

    term: str
    week: int
    rows: list[LoadRow]
    warnings: list[Sentence]
