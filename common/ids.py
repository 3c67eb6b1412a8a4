"""Names of things. An id is a short text that is safe in a URL, a path and a log.

They are `NewType`s, so that a room cannot be passed where a participant is meant.
"""

import re
import secrets
from typing import NewType

DistrictId = NewType("DistrictId", str)
SchoolId = NewType("SchoolId", str)
SiteRoomId = NewType("SiteRoomId", str)
"""A real classroom with a door: master classroom or teaching-point room."""
CourseId = NewType("CourseId", str)
LessonId = NewType("LessonId", str)
SessionId = NewType("SessionId", str)
"""The running of one lesson; also the id of its media room."""
RoomId = NewType("RoomId", str)
"""The media side of one session. Equal in value to the `SessionId`."""
ParticipantId = NewType("ParticipantId", str)
PublicationId = NewType("PublicationId", str)
RecordingId = NewType("RecordingId", str)
TrackId = NewType("TrackId", str)
ResourceId = NewType("ResourceId", str)

ID_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"
_ID = re.compile(ID_PATTERN)
_LETTERS = b"0123456789abcdefghjkmnpqrstvwxyz" * 8
"""The letter of each byte: 32 divide 256, so that all are equally likely."""


def new_id(prefix: str) -> str:
    """A fresh id such as `les-7h3k9x2m4q0w`: 60 random bits, readable aloud."""
    return f"{prefix}-{secrets.token_bytes(12).translate(_LETTERS).decode()}"


def is_id(text: str) -> bool:
    return _ID.fullmatch(text) is not None
