"""What a district wishes of a good timetable: soft rules, in points."""

from dataclasses import dataclass
from typing import Annotated, NewType, Self

from pydantic import Field, model_validator

from common.ids import DistrictId
from scheduler.catalogue.bells import Minutes
from scheduler.catalogue.value import MINUTES_A_DAY, IdRule, Name, Value, wrong

SubjectTimeId = NewType("SubjectTimeId", str)
Points = Annotated[int, Field(ge=0, le=1000)]


@dataclass(frozen=True, slots=True)
class Weights:
    """Soft rules, in points. `misfit`: each local period cut into beyond one, and each
    local lesson given up; `edge`: first or last period of the master site; `spread`:
    two lessons of a stream on neighbouring days; `gap`: an idle period between two
    duties of a teacher; `load`: each ten seats above an even load; `move`: a
    published lesson that moves."""

    misfit: int = 1
    edge: int = 1
    spread: int = 2
    gap: int = 1
    load: int = 1
    move: int = 10


USUAL = Weights()


class SubjectTime(Value):
    """Lessons of `subject` that start within [start, end) cost `cost` points more."""

    id: Annotated[SubjectTimeId, IdRule]
    district: Annotated[DistrictId, IdRule]
    subject: Name
    start_minute: int = Field(ge=0, lt=MINUTES_A_DAY)
    end_minute: int = Field(gt=0, le=MINUTES_A_DAY)
    cost: Annotated[int, Field(ge=1, le=1000)] = 1

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        if self.end_minute <= self.start_minute:
            raise wrong(
                "结束时间要晚于开始时间，且不能跨过午夜",
                "the end must come after the start, on the same day",
                "end_minute",
            )
        return self

    @property
    def time(self) -> Minutes:
        return Minutes(self.start_minute, self.end_minute)


class Weighting(Value):
    """What each soft rule counts in one district; each as in `Weights`. 0 switches
    a rule off."""

    district: Annotated[DistrictId, IdRule]
    misfit: Points = USUAL.misfit
    edge: Points = USUAL.edge
    spread: Points = USUAL.spread
    gap: Points = USUAL.gap
    load: Points = USUAL.load
    move: Points = USUAL.move

    @property
    def weights(self) -> Weights:
        return Weights(
            misfit=self.misfit,
            edge=self.edge,
            spread=self.spread,
            gap=self.gap,
            load=self.load,
            move=self.move,
        )
