"""The scheduler's tables. Moments are UTC; ids are the ones people and files use.

Foreign keys are checked at the end of a transaction, so that an import may bring
rows in any order.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
)
from sqlalchemy.types import TypeDecorator

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class UtcMoment(TypeDecorator[datetime]):
    """Aware in Python, UTC in the database (SQLite has no zones)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(
        self, value: datetime | None, dialect: Dialect
    ) -> datetime | None:
        if value is None:
            return None
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(
        self, value: datetime | None, dialect: Dialect
    ) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value


class Weekdays(TypeDecorator[frozenset[int]]):
    """A set of ISO weekdays as text such as `12345`."""

    impl = String(7)
    cache_ok = True

    def process_bind_param(
        self, value: frozenset[int] | None, dialect: Dialect
    ) -> str | None:
        return None if value is None else "".join(map(str, sorted(value)))

    def process_result_value(
        self, value: str | None, dialect: Dialect
    ) -> frozenset[int] | None:
        return None if value is None else frozenset(map(int, value))


class OptionalKey(TypeDecorator[str]):
    """None as an empty text, for a column that is part of a primary key."""

    impl = String(64)
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str:
        return value or ""

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        return value or None


def id_column(name: str = "id") -> Column[str]:
    return Column(name, String(64), primary_key=True)


def reference(name: str, target: str, **options: Any) -> Column[str]:  # noqa: ANN401
    options.setdefault("nullable", False)
    key = ForeignKey(f"{target}.id", deferrable=True, initially="DEFERRED")
    return Column(name, String(64), key, **options)


def short_text(name: str, length: int = 80) -> Column[str]:
    return Column(name, String(length), nullable=False)


district = Table(
    "district",
    metadata,
    id_column(),
    short_text("name"),
    reference("parent", "district", nullable=True),
    short_text("zone"),
    Column("media_seats", Integer),
)
school = Table(
    "school",
    metadata,
    id_column(),
    reference("district", "district", index=True),
    short_text("name"),
    short_text("kind", 16),
    reference("centre", "school", nullable=True),
    Column("uplink_bps", BigInteger),
)
site_room = Table(
    "site_room",
    metadata,
    id_column(),
    reference("school", "school", index=True),
    short_text("name"),
    short_text("kind", 16),
    Column("uplink_bps", BigInteger, nullable=False),
    Column("downlink_bps", BigInteger, nullable=False),
)
device = Table(
    "device",
    metadata,
    id_column(),
    reference("site_room", "site_room", index=True),
    short_text("name"),
    short_text("kind", 16),
    short_text("model"),
    short_text("serial"),
)
teacher = Table(
    "teacher",
    metadata,
    id_column(),
    reference("school", "school", index=True),
    short_text("name"),
)
class_group = Table(
    "class_group",
    metadata,
    id_column(),
    reference("school", "school", index=True),
    short_text("name"),
    short_text("grade"),
    Column("pupils", Integer),
)
bell_schedule = Table(
    "bell_schedule",
    metadata,
    id_column(),
    reference("school", "school", index=True),
    short_text("name"),
    Column("first_day", Date),
    Column("last_day", Date),
    Column("weekdays", Weekdays, nullable=False),
)
period = Table(
    "period",
    metadata,
    reference("bell_schedule", "bell_schedule", primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    short_text("name"),
    Column("start_minute", Integer, nullable=False),
    Column("end_minute", Integer, nullable=False),
)
term = Table(
    "term",
    metadata,
    id_column(),
    reference("district", "district", index=True),
    short_text("name"),
    Column("week_1", Date, nullable=False),
    Column("first_day", Date, nullable=False),
    Column("last_day", Date, nullable=False),
)
calendar_day = Table(
    "calendar_day",
    metadata,
    reference("district", "district", primary_key=True),
    Column("day", Date, primary_key=True),
    Column("school", OptionalKey, primary_key=True),
    short_text("kind", 16),
    Column("runs_week", Integer),
    Column("runs_weekday", Integer),
    short_text("name"),
)
course = Table(
    "course",
    metadata,
    id_column(),
    reference("term", "term", index=True),
    short_text("kind", 16),
    short_text("title"),
    short_text("stage"),
    short_text("subject"),
    short_text("grade"),
    short_text("textbook"),
    short_text("volume"),
    reference("teacher", "teacher"),
    reference("master_room", "site_room"),
    reference("master_class", "class_group", nullable=True),
    Column("lessons_a_week", Integer, nullable=False),
    Column("lesson_minutes", Integer, nullable=False),
    short_text("weeks"),
    Column("displaces_local", Boolean, nullable=False),
    short_text("common_starts", 400),
)
course_room = Table(
    "course_room",
    metadata,
    reference("course", "course", primary_key=True),
    reference("site_room", "site_room", primary_key=True),
    reference("class_group", "class_group", nullable=True),
)
slot = Table(
    "slot",
    metadata,
    id_column(),
    reference("course", "course", index=True),
    Column("weekday", Integer, nullable=False),
    short_text("weeks"),
    Column("period", Integer),
    Column("start_minute", Integer),
    Column("end_minute", Integer),
)
local_lesson = Table(
    "local_lesson",
    metadata,
    id_column(),
    short_text("title"),
    Column("weekday", Integer, nullable=False),
    short_text("weeks"),
    Column("period", Integer),
    Column("start_minute", Integer),
    Column("end_minute", Integer),
    reference("teacher", "teacher", nullable=True),
    reference("class_group", "class_group", nullable=True),
    reference("site_room", "site_room", nullable=True),
    reference("term", "term", nullable=True),
)
closed_time = Table(
    "closed_time",
    metadata,
    id_column(),
    short_text("title"),
    reference("school", "school", nullable=True),
    reference("site_room", "site_room", nullable=True),
    reference("teacher", "teacher", nullable=True),
    reference("class_group", "class_group", nullable=True),
    Column("weekdays", Weekdays, nullable=False),
    Column("start_minute", Integer),
    Column("end_minute", Integer),
    short_text("weeks"),
    Column("first_day", Date),
    Column("last_day", Date),
    reference("term", "term", nullable=True),
)
travel = Table(
    "travel",
    metadata,
    reference("from_school", "school", primary_key=True),
    reference("to_school", "school", primary_key=True),
    Column("minutes", Integer, nullable=False),
)
school_day = Table(
    "school_day",
    metadata,
    id_column(),
    reference("school", "school", index=True),
    Column("weekdays", Weekdays, nullable=False),
    Column("start_minute", Integer, nullable=False),
    Column("end_minute", Integer, nullable=False),
)
subject_time = Table(
    "subject_time",
    metadata,
    id_column(),
    reference("district", "district", index=True),
    short_text("subject"),
    Column("start_minute", Integer, nullable=False),
    Column("end_minute", Integer, nullable=False),
    Column("cost", Integer, nullable=False),
)
weighting = Table(
    "weighting",
    metadata,
    reference("district", "district", primary_key=True),
    *(
        Column(rule, Integer, nullable=False)
        for rule in ("misfit", "edge", "spread", "gap", "load", "move")
    ),
)
lesson = Table(
    "lesson",
    metadata,
    id_column(),
    Column("session", String(64), nullable=False, unique=True),
    reference("course", "course", index=True),
    reference("slot", "slot", nullable=True),
    short_text("title"),
    reference("teacher", "teacher", index=True),
    reference("master_room", "site_room"),
    Column("starts_at", UtcMoment, nullable=False, index=True),
    Column("ends_at", UtcMoment, nullable=False),
    short_text("zone"),
    Column("day", Date, nullable=False, index=True),
    Column("week", Integer),
    short_text("period"),
    short_text("chapter"),
    Column("class_hour", Integer),
    Column("version", Integer, nullable=False),
    # When somebody last moved it or gave it other people; None: never.
    Column("changed_at", UtcMoment),
    # The lesson that this one goes on with, after it was ended too early.
    Column("resumes", String(64)),
    # The date of the slot that it stands for, when a person moved it to another.
    Column("slot_day", Date),
    # Changed by a person for this date only: a new edition leaves it alone.
    Column("by_hand", Boolean, nullable=False, server_default=false()),
    # A weekly slot takes place once a day: expanding twice adds nothing.
    UniqueConstraint("slot", "day"),
)
lesson_room = Table(
    "lesson_room",
    metadata,
    reference("lesson", "lesson", primary_key=True),
    reference("site_room", "site_room", primary_key=True, index=True),
    Column("place", Integer, nullable=False),
)
session = Table(
    "session",
    metadata,
    id_column(),
    reference("lesson", "lesson", unique=True),
    short_text("state", 16),
    Column("version", Integer, nullable=False),
    Column("entered_at", UtcMoment, nullable=False),
    Column("reason", Text, nullable=False),
    Column("room_closed", Boolean, nullable=False),
    short_text("recording_state", 16),
    Column("resource", String(64)),
    # How far the closing bell was moved, in all.
    Column("overrun_s", Integer, nullable=False, server_default="0"),
    Index("ix_session_state", "state"),
)
session_room = Table(
    "session_room",
    metadata,
    reference("session", "session", primary_key=True),
    reference("site_room", "site_room", primary_key=True),
    Column("present", Boolean, nullable=False),
    Column("came_at", UtcMoment),
)
transition = Table(
    "transition",
    metadata,
    reference("session", "session", primary_key=True),
    # The session's version after it.
    Column("version", Integer, primary_key=True, autoincrement=False),
    short_text("from_state", 16),
    short_text("to_state", 16),
    short_text("cause", 16),
    Column("detail", Text, nullable=False),
    Column("at", UtcMoment, nullable=False),
    # None until the bus has it: a kill between commit and publish loses nothing.
    Column("announced_at", UtcMoment),
    # Actions that came too late to be of use: `wake join`.
    Column("skipped", String(80), nullable=False, server_default=""),
    Index("ix_transition_announced_at", "announced_at"),
)
lease = Table(
    "lease",
    metadata,
    # What only one process may do at a time.
    Column("name", String(32), primary_key=True),
    # Who does it; empty: given back.
    short_text("holder", 64),
    # Grows with every holder; writes of an older one are refused.
    Column("fence", Integer, nullable=False),
    # Grows while the holder lives.
    Column("beat", Integer, nullable=False),
    Column("since", UtcMoment, nullable=False),
)
counter = Table(
    "counter",
    metadata,
    Column("name", String(32), primary_key=True),
    # `catalogue`: grows whenever a row that people enter is put or removed.
    Column("number", BigInteger, nullable=False),
)
