"""What people are shown, and ask, of lessons, sessions and rooms. Times are Unix
seconds."""

from datetime import date
from typing import Annotated

from pydantic import BaseModel, Field

from common.identity import AccessRole
from common.ids import ID_PATTERN
from common.protocol.control import AgentState, CheckResult
from common.protocol.events import LessonKind
from common.protocol.signalling import Role
from scheduler.catalogue.organisation import RoomKind
from scheduler.catalogue.value import Day, Name, ShortText
from scheduler.leading.steady import Trouble
from scheduler.sessions.actions import Action
from scheduler.sessions.lifecycle import Cause, State
from scheduler.views import Body, Sentence

Id = Annotated[str, Field(pattern=ID_PATTERN)]


# ---- people ------------------------------------------------------------------------


class SignIn(Body):
    key: str = Field(min_length=1, max_length=8192)


class Me(BaseModel):
    """`teacher`, `school`: whose timetable is theirs."""

    name: str
    roles: list[AccessRole]
    teacher: str | None
    school: str | None


class KeyOrder(Body):
    """Whom a sign-in link is for. `teacher`, `school`: whose timetable is theirs."""

    name: Name
    roles: list[AccessRole] = Field(min_length=1)
    teacher: Id | None = None
    school: Id | None = None


class AccessKey(BaseModel):
    """`path`: the address on this server that signs in. Told once, good until
    `expires_at`."""

    key: str
    path: str
    expires_at: float


# ---- lessons and sessions ----------------------------------------------------------


class RoomView(BaseModel):
    """One classroom of a lesson. `present`: waiting or in the lesson; `online`: its
    agent's control channel is up."""

    id: str
    name: str
    role: Role
    present: bool
    online: bool


class LessonView(BaseModel):
    lesson: str
    session: str
    course: str
    title: str
    kind: LessonKind
    stage: str
    subject: str
    grade: str
    textbook: str
    volume: str
    chapter: str
    class_hour: int | None
    week: int | None
    period: str
    teacher: str
    district: str
    school: str
    day: date
    zone: str
    starts_at: float
    ends_at: float
    version: int
    state: State
    reason: str
    """The cause of the state, for programs; the next two are for people."""
    reason_zh: str
    reason_en: str
    recording_state: str
    resource: str | None
    overrun_s: int
    """拖堂: how far the closing bell was moved; `ends_at` has it already."""
    resumes: str | None
    """The lesson that this one goes on with, after it was ended too early."""
    rooms: list[RoomView]
    """The master room first."""


class Today(BaseModel):
    """`warnings`: what is wrong with time itself; empty when all is well."""

    day: date
    zone: str
    now: float
    lessons: list[LessonView]
    warnings: list[Sentence]


class HistoryLine(BaseModel):
    at: float
    from_state: State
    to_state: State
    cause: Cause
    detail: str
    skipped: list[Action]
    """What was not done because it came too late; the sentences say so too."""
    zh: str
    en: str


class SessionView(LessonView):
    history: list[HistoryLine]


class Extension(Body):
    minutes: int = Field(default=5, ge=1, le=60)


class ClockView(BaseModel):
    """`disagreement_s`: the wall clock minus the time that the timetable runs by;
    `database_offset_s`: the database server's clock minus the wall clock here."""

    trouble: Trouble
    disagreement_s: float
    database_offset_s: float


class SchedulerView(BaseModel):
    """Who carries out the timetable, as the process that answers knows it."""

    me: str
    leading: bool
    leader: str
    fence: int
    since: float | None
    clock: ClockView
    warnings: list[Sentence]
    """For people; empty when all is well."""


class JoinBody(Body):
    """`site_room`: which classroom the person sits in, for role `room`. `listen_only`:
    sends nothing, such as a screen beside the classroom's own agent."""

    role: Role
    name: ShortText = ""
    site_room: str | None = None
    listen_only: bool = False


class JoinAnswer(BaseModel):
    token: str
    sfu_url: str
    role: Role
    title: str
    ends_at: float


class TodayQuery(Body):
    date: Day | None = None


class LessonQuery(Body):
    first_day: Day
    last_day: Day


# ---- rooms -------------------------------------------------------------------------


class AgendaView(BaseModel):
    """What a room keeps for the time when the server is away. `told_at`: when it was
    given this version; `is_current`: it is what the room should keep."""

    version: str
    told_at: float | None
    is_current: bool


class SiteRoomView(BaseModel):
    """`clock_skew_s`: how far the room's clock is ahead of the server's."""

    id: str
    name: str
    kind: RoomKind
    school: str
    school_name: str
    district: str
    online: bool
    state: AgentState | None = None
    session: str | None = None
    software: str = ""
    checks: list[CheckResult] = Field(default_factory=list)
    agenda: AgendaView | None = None
    clock_skew_s: float | None = None


class DeviceToken(BaseModel):
    token: str
