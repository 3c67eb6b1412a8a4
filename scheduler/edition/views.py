"""What the HTTP interface of editions takes and gives. Minutes count from local
midnight, weekday 1 is Monday, moments are Unix seconds."""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, Field, model_validator

from common.ids import ID_PATTERN
from common.protocol.events import LessonKind
from scheduler.catalogue.bells import Weekday
from scheduler.catalogue.organisation import RoomKind
from scheduler.catalogue.value import MINUTES_A_DAY, Name, ShortText, wrong
from scheduler.catalogue.weeks import TermWeek
from scheduler.edition.values import EditionState, Origin
from scheduler.views import Body

Id = Annotated[str, Field(pattern=ID_PATTERN)]
Minute = Annotated[int, Field(ge=0, lt=MINUTES_A_DAY)]
ResourceName = Literal["teacher", "class", "room", "school"]
WhoKind = Literal["teacher", "class", "room", "school", ""]

# ---- editions ----------------------------------------------------------------------


class NewEdition(Body):
    """`copy_of`: an edition, or `published`; None: empty. `week`: whose bells the
    starts are read from; None: the coming week of the term."""

    name: ShortText = ""
    copy_of: Id | None = None
    week: TermWeek | None = None


class EditionChange(Body):
    name: Name


class EditionView(BaseModel):
    id: str
    term: str
    name: str
    state: EditionState
    revision: int
    week: int
    made_at: float
    made_by: str
    published_at: float | None
    published_by: str
    """Empty: never, or nobody knows."""
    from_day: date | None
    placed: int
    """Lessons a week that have a place."""
    can_undo: bool
    can_redo: bool
    job: str | None
    """Of the solver or of an explanation, while it is waiting or running."""


class HistoryView(BaseModel):
    """`done`: in effect; the others can be done again."""

    number: int
    zh: str
    en: str
    by: str
    at: float
    gone: int
    come: int
    done: bool


# ---- the board ---------------------------------------------------------------------


class Span(BaseModel):
    start: int
    end: int


class BellView(Span):
    number: int
    title: str


class SchoolDaysView(BaseModel):
    id: str
    name: str
    bells: dict[int, list[BellView]]
    """By weekday."""
    windows: dict[int, list[Span]]
    """When pupils are there; a weekday without one goes from first to last bell."""


class NamedView(BaseModel):
    id: str
    name: str
    school: str


class BoardRoom(NamedView):
    kind: RoomKind


class ReceiverView(BaseModel):
    room: str
    class_group: str | None


class BoardCourse(BaseModel):
    id: str
    name: str
    subject: str
    grade: str
    kind: LessonKind
    teacher: str
    master_room: str
    master_class: str | None
    receivers: list[ReceiverView]
    minutes: int
    lessons_a_week: int
    weeks: str


class PlacedView(BaseModel):
    """`cost`: soft cost of this lesson alone, in points."""

    course: str
    weekday: int
    start: int
    end: int
    origin: Origin
    locked: bool
    cost: int


class PlaceView(BaseModel):
    course: str
    weekday: int
    start: int


class UnplacedView(BaseModel):
    """`missing` lessons a week have no place."""

    course: str
    missing: int


class BusyView(BaseModel):
    """A local lesson or closed time. `weeks`: all, odd, even or 1-8,10."""

    resource_kind: ResourceName
    resource: str
    weekday: int
    start: int
    end: int
    title: str
    kind: Literal["local", "closed"]
    weeks: str


class ProblemView(BaseModel):
    """A broken rule, as `kind` for programs and a sentence for people. `who_kind`
    empty: the course itself, or the whole district."""

    kind: str
    who_kind: WhoKind
    who: str
    who_name: str
    weekday: int | None
    start: int | None
    end: int | None
    lessons: list[PlaceView]
    zh: str
    en: str


class CostView(BaseModel):
    """Points by soft rule; smaller is better."""

    total: int
    misfit: int
    edge: int
    subject: int
    spread: int
    gap: int
    load: int
    move: int


class LeftOutView(BaseModel):
    """What was left out of the week, and why."""

    zh: str
    en: str


class BoardQuery(Body):
    """`week`: show the edition by that term week's bells; None: by its own."""

    week: TermWeek | None = None


class BoardChanges(BaseModel):
    """What a change made of the board. `gone` places are free, `placed` are new or
    changed; the other fields replace what the board had."""

    revision: int
    gone: list[PlaceView]
    placed: list[PlacedView]
    unplaced: list[UnplacedView]
    problems: list[ProblemView]
    cost: CostView
    can_undo: bool
    can_redo: bool
    undo_zh: str
    """What an undo would take back."""
    undo_en: str


class BoardView(BaseModel):
    """Everything a week view needs. `editable`: a draft shown by its own bells; in a
    week with other bells the starts are those of the same periods there."""

    id: str
    term: str
    name: str
    state: EditionState
    revision: int
    week: int
    own_week: int
    editable: bool
    courses: list[BoardCourse]
    placements: list[PlacedView]
    unplaced: list[UnplacedView]
    busy: list[BusyView]
    schools: list[SchoolDaysView]
    rooms: list[BoardRoom]
    teachers: list[NamedView]
    class_groups: list[NamedView]
    problems: list[ProblemView]
    warnings: list[LeftOutView]
    cost: CostView
    can_undo: bool
    can_redo: bool
    undo_zh: str
    undo_en: str


# ---- why not here ------------------------------------------------------------------


class WhyNotQuery(Body):
    """`weekday` and `start`: the lesson in hand; without them one more lesson."""

    course: Id
    weekday: Weekday | None = None
    start: Minute | None = None

    @model_validator(mode="after")
    def _names_a_whole_place(self) -> "WhyNotQuery":
        if (self.weekday is None) != (self.start is None):
            raise wrong(
                "weekday 和 start 要一起填写，或都不填",
                "give weekday and start together, or neither",
            )
        return self


class BlockerView(BaseModel):
    """`who`: the teacher, class, room or school that is taken; `by`: the course or
    local lesson that takes it, for `minutes` of the lesson."""

    kind: str
    who_kind: WhoKind
    who: str
    who_name: str
    by: str
    by_name: str
    minutes: int
    locked: bool
    zh: str
    en: str


class CellView(BaseModel):
    """One start of the week. `cost`: of this lesson here. `mine`: the lesson in hand,
    or another one of the course, is here."""

    weekday: int
    start: int
    end: int
    cost: int
    blockers: list[BlockerView]
    mine: bool


class WhyNotView(BaseModel):
    revision: int
    cells: list[CellView]


# ---- changes -----------------------------------------------------------------------

ChangeKind = Literal["place", "move", "remove", "lock", "unlock"]


class Wish(Body):
    """One change by a person. `place` puts a lesson at weekday and start; `move` takes
    it from there to `to_weekday` and `to_start`. `force`: also where something is in
    the way; what it breaks is then shown, and publishing refuses it."""

    kind: ChangeKind
    course: Id
    weekday: Weekday
    start: Minute
    to_weekday: Weekday | None = None
    to_start: Minute | None = None
    force: bool = False

    @model_validator(mode="after")
    def _a_move_says_where_to(self) -> "Wish":
        said = (self.to_weekday is not None, self.to_start is not None)
        if said != (self.kind == "move",) * 2:
            raise wrong(
                "移动（move）要写 to_weekday 和 to_start，其他改动不写",
                "a move names to_weekday and to_start, other changes do not",
            )
        return self


class Wishes(Body):
    """Done together as one change. `revision`: of the board that was looked at."""

    revision: int
    changes: list[Wish] = Field(min_length=1, max_length=500)


class AtRevision(Body):
    revision: int
