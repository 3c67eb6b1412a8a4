"""What the library says about its entries: the shapes of the API."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from common.protocol.events import LessonFacts, LessonKind, TrackFigures
from recorder.library.search import index_terms, normal

_PUNCTUAL_S = 5.0
State = Literal["recording", "finishing", "ready"]


class Facets(BaseModel):
    """What the timetable filled in and a librarian may correct."""

    title: str = Field(min_length=1, max_length=200)
    kind: LessonKind
    stage: str = Field(max_length=32)
    subject: str = Field(max_length=32)
    grade: str = Field(max_length=32)
    textbook: str = Field(default="", max_length=80)
    volume: str = Field(default="", max_length=32)
    chapter: str = Field(default="", max_length=200)
    class_hour: int | None = Field(default=None, ge=0, le=999)
    week: int | None = Field(default=None, ge=0, le=60)
    period: str = Field(default="", max_length=32)
    teacher: str = Field(max_length=80)
    district: str = Field(max_length=80)
    school: str = Field(max_length=80)
    summary: str = Field(default="", max_length=4000)

    def search_text(self) -> str:
        """Every word of the facets, in the form that is searched."""
        texts = (
            *(self.title, self.chapter, self.subject, self.grade, self.stage),
            *(self.teacher, self.school, self.district, self.textbook, self.volume),
            *(self.period, self.summary),
        )
        return normal("\n".join(texts))

    def terms(self) -> set[str]:
        return index_terms(self.search_text())


class Resource(Facets):
    """One lesson in the library."""

    id: str
    recording: str
    session: str
    lesson: str
    state: State
    master_room: str
    site_rooms: dict[str, str]
    starts_at: float
    """When it really began, Unix seconds."""
    late_s: float = 0
    """After its bell: the recording is whole, the lesson in it is not."""
    duration_s: float
    completeness: float
    """Recorded / expected of all tracks, 0..1."""
    bytes: int
    tracks: list[TrackFigures]
    edited_at: float | None = None


class Correction(BaseModel):
    """Only the fields given are changed."""

    model_config = ConfigDict(extra="forbid")

    title: str | None = Field(default=None, min_length=1, max_length=200)
    kind: LessonKind | None = None
    stage: str | None = Field(default=None, max_length=32)
    subject: str | None = Field(default=None, max_length=32)
    grade: str | None = Field(default=None, max_length=32)
    textbook: str | None = Field(default=None, max_length=80)
    volume: str | None = Field(default=None, max_length=32)
    chapter: str | None = Field(default=None, max_length=200)
    class_hour: int | None = Field(default=None, ge=0, le=999)
    week: int | None = Field(default=None, ge=0, le=60)
    period: str | None = Field(default=None, max_length=32)
    teacher: str | None = Field(default=None, max_length=80)
    district: str | None = Field(default=None, max_length=80)
    school: str | None = Field(default=None, max_length=80)
    summary: str | None = Field(default=None, max_length=4000)

    def given(self) -> dict[str, object]:
        """Only numbers may be emptied with null; for a text, null is not given."""
        return {
            name: value
            for name, value in self.model_dump(exclude_unset=True).items()
            if value is not None or name in ("class_hour", "week")
        }


class Change(BaseModel):
    """One line of the record of who changed what."""

    at: float
    who: str
    field: str
    old: str
    new: str


class Page(BaseModel):
    items: list[Resource]
    total: int
    page: int
    pages: int


class FacetValues(BaseModel):
    """What there is to filter by, each in its own order."""

    subject: list[str]
    grade: list[str]
    stage: list[str]
    teacher: list[str]
    school: list[str]


def entry_of(facts: LessonFacts, resource: str, recording: str, at: float) -> Resource:
    """A new entry: nothing to type. `at`: when the recording began."""
    fields = facts.model_dump(exclude={"starts_at", "ends_at"})
    for name, field in Facets.model_fields.items():
        # The timetable's texts may be longer than a catalogue card has room for.
        limits = [m.max_length for m in field.metadata if hasattr(m, "max_length")]
        if limits and isinstance(fields.get(name), str):
            fields[name] = fields[name][: limits[0]]
    return Resource(
        **fields,
        id=resource,
        recording=recording,
        state="recording",
        starts_at=at,
        late_s=late_s if (late_s := at - facts.starts_at) > _PUNCTUAL_S else 0,
        duration_s=0,
        completeness=1,
        bytes=0,
        tracks=[],
    )
