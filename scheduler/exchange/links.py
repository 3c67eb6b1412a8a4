"""Calendar links: an address that shows one calendar to whoever holds it. Pure.

Calendar programs cannot sign in, so the address carries a token that nobody can guess.
Only its hash is stored: who reads the database still cannot read calendars as others.
"""

import hashlib
import secrets
from datetime import datetime
from typing import Annotated, Literal

from scheduler.catalogue.organisation import ClassGroup, School, SiteRoom, Teacher
from scheduler.catalogue.value import IdRule, Moment, Value

What = Literal["teacher", "room", "class", "school"]
TARGETS: dict[What, type[Value]] = {
    "teacher": Teacher,
    "room": SiteRoom,
    "class": ClassGroup,
    "school": School,
}
_TOKEN_BYTES = 24


class CalendarLink(Value):
    id: Annotated[str, IdRule]
    what: What
    target: Annotated[str, IdRule]
    made_by: str
    made_at: Moment

    @property
    def file(self) -> str:
        """The last part of the address."""
        return f"{self.what}-{self.target}.ics"


def new_token() -> str:
    """192 random bits."""
    return secrets.token_urlsafe(_TOKEN_BYTES)


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


class Stamped(Value):
    """What a calendar shows of a lesson besides itself."""

    cancelled: bool
    changed_at: datetime
