"""What the HTTP interface takes and gives when editions are judged, compared and
published."""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, Field, model_validator

from common.ids import ID_PATTERN
from scheduler.catalogue.value import Day, wrong
from scheduler.edition.views import (
    Id,
    LeftOutView,
    PlaceView,
    ProblemView,
    ResourceName,
    UnplacedView,
)
from scheduler.views import Body


class OtherBellsView(BaseModel):
    """Term weeks that ring other bells than the edition's own week, and what is wrong
    with the same periods there. Their lessons that meet are left out when published."""

    weeks: list[int]
    problems: list[ProblemView]


class CheckView(BaseModel):
    """Everything that publishing looks at."""

    revision: int
    problems: list[ProblemView]
    unplaced: list[UnplacedView]
    warnings: list[LeftOutView]
    other_bells: list[OtherBellsView]
    publishable: bool
    """Nothing is broken; lessons without a place need `accept_unplaced`."""


class CompareQuery(Body):
    """`with`: an edition, or `published`."""

    with_: Annotated[str, Field(alias="with", pattern=ID_PATTERN)]


class DifferenceView(BaseModel):
    """One lesson of the week. `before` None: it is new; `after` None: it is gone."""

    course: str
    name: str
    before: PlaceView | None
    after: PlaceView | None
    zh: str
    en: str


class ConcernView(BaseModel):
    """Whose week becomes different, and by which lessons (places in `moved`, `added`,
    `removed` of the comparison)."""

    kind: ResourceName
    id: str
    name: str
    moved: int
    added: int
    removed: int


class CompareView(BaseModel):
    """What differs in this edition from the edition `compared_with`."""

    edition: str
    compared_with: str
    moved: list[DifferenceView]
    added: list[DifferenceView]
    removed: list[DifferenceView]
    same: int
    concerns: list[ConcernView]


class PublishOrder(Body):
    """`from_day`: first day whose lessons follow the edition; None: tomorrow."""

    revision: int
    from_day: Day | None = None
    accept_unplaced: bool = False


class LeftAloneView(BaseModel):
    """A dated lesson that was not touched (`lesson`) or could not be made (null)."""

    lesson: str | None
    course: str
    title: str
    day: date
    reason: Literal["begun", "by_hand", "cancelled", "clash", "no_time"]
    zh: str
    en: str


class PublishView(BaseModel):
    """What publishing did. `added`, `moved`, `removed`, `kept`: dated lessons."""

    edition: str
    revision: int
    from_day: date
    last_day: date
    slots: int
    added: int
    moved: int
    removed: int
    kept: int
    left_alone: list[LeftAloneView]
    """At most 500 of them; `left_alone_count`: all."""
    left_alone_count: int
    differences: CompareView
    notices: int


class NoticeQuery(Body):
    """Exactly one of the three."""

    teacher: Id | None = None
    site_room: Id | None = None
    school: Id | None = None

    @model_validator(mode="after")
    def _names_one(self) -> "NoticeQuery":
        if len([x for x in (self.teacher, self.site_room, self.school) if x]) != 1:
            raise wrong(
                "请只填 teacher、site_room、school 中的一个",
                "give exactly one of teacher, site_room, school",
            )
        return self


class DatedPlaceView(PlaceView):
    """`period`: what the bells of that day call it, empty between them."""

    day: date
    period: str


class DatedDifferenceView(BaseModel):
    """One lesson of certain dates. `after` None: it is cancelled; `before` None: it
    was, and takes place after all. `times` of several weeks: `before` and `after` are
    of the first, `last_day` is the last of the dates it had."""

    course: str
    name: str
    before: DatedPlaceView | None
    after: DatedPlaceView | None
    last_day: date | None = None
    times: int = 1
    zh: str
    en: str


class NoticeView(BaseModel):
    """Told to one teacher, classroom or school when an edition was published or a
    repair agreed to: `edition` or `repair` says which; neither: an edition that was
    deleted since. Lessons of a repair have dates; notices of before they did come
    without."""

    id: str
    kind: Literal["teacher", "site_room", "school"]
    concerns: str
    edition: str | None
    repair: str | None
    at: float
    from_day: date
    zh: str
    en: str
    lessons: list[
        Annotated[
            DatedDifferenceView | DifferenceView, Field(union_mode="left_to_right")
        ]
    ]
