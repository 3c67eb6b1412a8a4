"""What the HTTP interface of repairs takes and gives. Moments are Unix seconds,
minutes count from local midnight."""

from datetime import date
from typing import Annotated

from pydantic import BaseModel, Field

from common.ids import ID_PATTERN
from scheduler.catalogue.availability import StartMinute
from scheduler.catalogue.value import Day, ShortText
from scheduler.repair.agree import ChoiceKind
from scheduler.repair.ending import Why
from scheduler.repair.event import Absence
from scheduler.repair.kept import ProposalState
from scheduler.views import Body

Id = Annotated[str, Field(pattern=ID_PATTERN)]


class WhenView(BaseModel):
    """`period`: what the bells of that day call it, empty between them."""

    day: date
    period: str
    start: int
    end: int
    starts_at: float
    ends_at: float


class LessonMoveView(BaseModel):
    """`zh`, `en`: the move in one sentence."""

    lesson: str
    title: str
    teacher: str
    rooms: list[str]
    before: WhenView
    after: WhenView
    zh: str
    en: str


class SubstituteView(BaseModel):
    teacher: str
    name: str
    school: str


class RecordingHint(BaseModel):
    """What to look for in the library."""

    subject: str
    grade: str
    textbook: str
    volume: str
    chapter: str


class WayView(BaseModel):
    """Minutes that a teacher takes between two schools; either way takes the longer
    of two."""

    one: str
    other: str
    minutes: int


class StuckView(BaseModel):
    """A lesson without a place near its own, and what could be done instead. Two
    choices go together unless they give one teacher or one of `needs` (`room:id`,
    `class:id`) two lessons at once, one `course` two on a day, or a teacher less time
    than the way between the schools of the master rooms (`school`)."""

    lesson: str
    course: str
    title: str
    teacher: str
    teacher_id: str
    school: str
    needs: list[str]
    rooms: list[str]
    before: WhenView
    substitutes: list[SubstituteView]
    dates: list[WhenView]
    recording: RecordingHint


class EndedView(BaseModel):
    from_day: date
    by: str
    at: float


class ProposalView(BaseModel):
    """`ways`: between the schools of the stuck lessons. `looked_at`: courses that were
    free to move; every other lesson stays. `stale`: a lesson was changed meanwhile, so
    that it can only be dropped and made anew. `ended`: from when on nobody was away
    any more, by whose word, the last time. `ahead`: lessons of an agreed one that might
    come back if it ended now."""

    id: str
    term: str
    state: ProposalState
    stale: bool
    absence: Absence
    who: str
    made_by: str
    made_at: float
    moves: list[LessonMoveView]
    stuck: list[StuckView]
    ways: list[WayView]
    looked_at: int
    ended: EndedView | None
    ahead: int


class ChoiceBody(Body):
    """`teacher` for a substitute, `day` and `start` for another date, `resource` for
    a recording to watch."""

    lesson: Id
    kind: ChoiceKind
    teacher: Id | None = None
    day: Day | None = None
    start: StartMinute | None = None
    resource: ShortText = ""


class AgreeBody(Body):
    choices: list[ChoiceBody] = Field(default_factory=list, max_length=2000)


class AgreedView(BaseModel):
    """Lessons by id."""

    proposal: str
    moved: list[str]
    substituted: list[str]
    cancelled: list[str]
    left: list[str]


class EndBody(Body):
    """`from_day`: the first day on which nobody is away any more; None: today. The
    first day of the absence, or one before it, withdraws it altogether."""

    from_day: Day | None = None


class EndQuery(Body):
    """`check`: say what would come back, and change nothing."""

    check: bool = False


class ReturnView(BaseModel):
    """A lesson that comes back. `before` None: it was cancelled, and takes place after
    all."""

    lesson: str
    title: str
    before: WhenView | None
    after: WhenView
    zh: str
    en: str


class StayView(BaseModel):
    """A lesson that stays as it was mended, and why. `own`: its own time."""

    lesson: str
    title: str
    own: WhenView
    cancelled: bool
    why: Why
    zh: str
    en: str


class EndingView(BaseModel):
    """`told`: notices that were stored; 0 when this was only a check."""

    proposal: str
    from_day: date
    back: list[ReturnView]
    stays: list[StayView]
    told: int
