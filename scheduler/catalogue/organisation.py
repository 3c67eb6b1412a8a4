"""Who and where: district → school (teaching points are schools) → site room → device.

A teaching point 教学点 is a school of its own, with its own bells; `centre` names the
centre school 中心校 that runs it as one unit with itself.
"""

from typing import Annotated, Literal, NewType, Self

from pydantic import Field, model_validator

from common.ids import DistrictId, SchoolId, SiteRoomId
from scheduler.catalogue.value import (
    DEFAULT_ZONE,
    IdRule,
    Name,
    ShortText,
    Value,
    Zone,
    wrong,
)

TeacherId = NewType("TeacherId", str)
ClassGroupId = NewType("ClassGroupId", str)
DeviceId = NewType("DeviceId", str)

SchoolKind = Literal["centre", "school", "teaching_point"]
RoomKind = Literal["master", "receiving", "both"]
DeviceKind = Literal[
    "agent", "camera", "microphone", "speaker", "display", "recorder", "other"
]
RURAL_CLASS_BPS = 5_000_000
"""Least bandwidth of a rural class in Chuzhou's plan 2018-2022 (班均带宽 5M)."""
MOST_BPS = 10**12
"""More than any school has; and what a database can keep."""


class District(Value):
    """A city, county or city district; `parent` is the city of a county."""

    id: Annotated[DistrictId, IdRule]
    name: Name
    parent: Annotated[DistrictId, IdRule] | None = None
    zone: Zone = DEFAULT_ZONE
    media_seats: int | None = Field(default=None, ge=1, le=1_000_000)
    """Connections its media servers carry at once (each lesson: 1 + N); None: no
    limit. A county without its own takes its city's."""


class School(Value):
    id: Annotated[SchoolId, IdRule]
    district: Annotated[DistrictId, IdRule]
    name: Name
    kind: SchoolKind = "school"
    centre: Annotated[SchoolId, IdRule] | None = None
    uplink_bps: int | None = Field(default=None, gt=0, le=MOST_BPS)
    """What the lessons of all its rooms may send together; None: no limit."""

    @model_validator(mode="after")
    def _only_points_have_a_centre(self) -> Self:
        if self.centre is not None and self.kind != "teaching_point":
            raise wrong(
                "只有教学点才填中心校，请清空这一格或改类别",
                "only a teaching point has a centre school; clear this or change kind",
                "centre",
            )
        return self


class SiteRoom(Value):
    """A real classroom. Bandwidths are what its line really gives."""

    id: Annotated[SiteRoomId, IdRule]
    school: Annotated[SchoolId, IdRule]
    name: Name
    kind: RoomKind = "receiving"
    uplink_bps: int = Field(default=RURAL_CLASS_BPS, gt=0, le=MOST_BPS)
    downlink_bps: int = Field(default=RURAL_CLASS_BPS, gt=0, le=MOST_BPS)


class Device(Value):
    """One piece of equipment of a room, for the asset list."""

    id: Annotated[DeviceId, IdRule]
    site_room: Annotated[SiteRoomId, IdRule]
    name: Name
    kind: DeviceKind = "other"
    model: ShortText = ""
    serial: ShortText = ""


class Teacher(Value):
    id: Annotated[TeacherId, IdRule]
    school: Annotated[SchoolId, IdRule]
    name: Name


class ClassGroup(Value):
    """A class of pupils; small teaching points teach several grades as one."""

    id: Annotated[ClassGroupId, IdRule]
    school: Annotated[SchoolId, IdRule]
    name: Name
    grade: ShortText = ""
    pupils: int | None = Field(default=None, ge=0, le=200)
