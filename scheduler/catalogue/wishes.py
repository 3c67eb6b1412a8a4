"""What a district wishes of a good timetable: soft rules, in points."""

from typing import Annotated, NewType, Self

from pydantic import Field, model_validator

from common.ids import DistrictId
from scheduler.catalogue.bells import Minutes
from scheduler.catalogue.value import MINUTES_A_DAY, IdRule, Name, Value, wrong
from scheduler.solver.problem import Weights

SubjectTimeId = NewType("SubjectTimeId", str)
Points = Annotated[int, Field(ge=0, le=1000)]
_USUAL = Weights()


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
    """What each soft rule counts in one district; the meaning of each is that of
    `scheduler.solver.problem.Weights`. 0 switches a rule off."""

    district: Annotated[DistrictId, IdRule]
    misfit: Points = _USUAL.misfit
    edge: Points = _USUAL.edge
    spread: Points = _USUAL.spread
    gap: Points = _USUAL.gap
    load: Points = _USUAL.load
    move: Points = _USUAL.move

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
