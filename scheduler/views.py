"""What the HTTP interface takes and gives, as models. Times are Unix seconds."""

from datetime import date
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from common.identity import AccessRole
from common.ids import ID_PATTERN
from common.protocol.control import AgentState, CheckResult
from common.protocol.signalling import Role
from scheduler.catalogue.course import LessonKind
from scheduler.catalogue.organisation import RoomKind
from scheduler.catalogue.value import Day, Name, ShortText, wrong
from scheduler.leading.steady import Trouble
from scheduler.sessions.actions import Action
from scheduler.sessions.lifecycle import Cause, State

Id = Annotated[str, Field(pattern=ID_PATTERN)]


class Body(BaseModel):
    """What comes in; a field nobody knows is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Sentence(BaseModel):
    zh: str
    en: str


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


class LessonDetails(Body):
    """What may differ from the course. None: as the course has it."""

    title: Name | None = None
    teacher: str | None = None
    master_room: str | None = None
    receiving_rooms: tuple[str, ...] | None = Field(default=None, max_length=500)
    chapter: ShortText | None = None
    class_hour: int | None = Field(default=None, ge=1, le=200)


_WAYS = (("starts_at", "ends_at"), ("day", "period"), ("day", "start", "end"))


class LessonTime(Body):
    """Exactly one of: `starts_at` and `ends_at`; `day` and `period`; `day`, `start`
    and `end` (such as 10:00 and 10:40, clocks of the master school)."""

    starts_at: float | None = Field(default=None, ge=0, le=4_102_444_800)
    ends_at: float | None = Field(default=None, ge=0, le=4_102_444_800)
    day: Day | None = None
    period: int | None = Field(default=None, ge=1, le=20)
    start: str | None = None
    end: str | None = None

    @property
    def is_given(self) -> bool:
        return bool(self._said())

    def _said(self) -> set[str]:
        names = {name for way in _WAYS for name in way}
        return {name for name in names if getattr(self, name) is not None}

    @model_validator(mode="after")
    def _says_it_one_way(self) -> Self:
        said = self._said()
        if said and said not in [set(way) for way in _WAYS]:
            raise wrong(
                "时间只用一种写法：starts_at+ends_at、day+period 或 day+start+end",
                "give starts_at+ends_at, or day+period, or day+start+end",
            )
        return self


class NewLesson(LessonTime, LessonDetails):
    course: str

    @model_validator(mode="after")
    def _has_a_time(self) -> Self:
        if not self.is_given:
            raise wrong("请填写上课时间", "a lesson needs a time")
        return self


class LessonChange(LessonTime, LessonDetails):
    version: int = Field(ge=0, lt=2**31)
    """The lesson's version that was looked at; a newer one refuses the change."""


class DayRange(Body):
    first_day: Day
    last_day: Day


class SkippedView(BaseModel):
    slot: str
    day: date
    zh: str
    en: str


class Expanded(BaseModel):
    """`added` lessons; `skipped` ones with their reason."""

    added: int
    skipped: list[SkippedView]


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
