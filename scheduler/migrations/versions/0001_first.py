"""Organisation, bells, calendar, courses, lessons, sessions."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _organisation()
    _bells_and_calendar()
    _courses()
    _lessons()
    _sessions()


def _id() -> sa.Column[str]:
    return sa.Column("id", sa.String(64), primary_key=True)


def _ref(
    name: str, target: str, *, key: bool = False, null: bool = False
) -> sa.Column[str]:
    reference = sa.ForeignKey(f"{target}.id", deferrable=True, initially="DEFERRED")
    return sa.Column(
        name, sa.String(64), reference, primary_key=key, nullable=null and not key
    )


def _texts(*names: str, length: int = 80) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.String(length), nullable=False) for name in names]


def _numbers(*names: str, null: bool = False) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.Integer, nullable=null) for name in names]


def _index(table: str, column: str) -> None:
    op.create_index(f"ix_{table}_{column}", table, [column])


def _organisation() -> None:
    op.create_table(
        "district",
        _id(),
        *_texts("name"),
        _ref("parent", "district", null=True),
        *_texts("zone"),
    )
    op.create_table(
        "school",
        _id(),
        _ref("district", "district"),
        *_texts("name"),
        *_texts("kind", length=16),
        _ref("centre", "school", null=True),
    )
    op.create_table(
        "site_room",
        _id(),
        _ref("school", "school"),
        *_texts("name"),
        *_texts("kind", length=16),
        sa.Column("uplink_bps", sa.BigInteger, nullable=False),
        sa.Column("downlink_bps", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "device",
        _id(),
        _ref("site_room", "site_room"),
        *_texts("name"),
        *_texts("kind", length=16),
        *_texts("model", "serial"),
    )
    op.create_table("teacher", _id(), _ref("school", "school"), *_texts("name"))
    op.create_table(
        "class_group",
        _id(),
        _ref("school", "school"),
        *_texts("name", "grade"),
        *_numbers("pupils", null=True),
    )
    _index("school", "district")
    _index("site_room", "school")
    _index("device", "site_room")
    _index("teacher", "school")
    _index("class_group", "school")


def _bells_and_calendar() -> None:
    op.create_table(
        "bell_schedule",
        _id(),
        _ref("school", "school"),
        *_texts("name"),
        sa.Column("first_day", sa.Date),
        sa.Column("last_day", sa.Date),
        *_texts("weekdays", length=7),
    )
    op.create_table(
        "period",
        _ref("bell_schedule", "bell_schedule", key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        *_texts("name"),
        *_numbers("start_minute", "end_minute"),
    )
    op.create_table(
        "term",
        _id(),
        _ref("district", "district"),
        *_texts("name"),
        sa.Column("week_1", sa.Date, nullable=False),
        sa.Column("first_day", sa.Date, nullable=False),
        sa.Column("last_day", sa.Date, nullable=False),
    )
    op.create_table(
        "calendar_day",
        _ref("district", "district", key=True),
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("school", sa.String(64), primary_key=True),
        *_texts("kind", length=16),
        *_numbers("runs_week", "runs_weekday", null=True),
        *_texts("name"),
    )
    _index("bell_schedule", "school")
    _index("term", "district")


def _courses() -> None:
    op.create_table(
        "course",
        _id(),
        _ref("term", "term"),
        *_texts("kind", length=16),
        *_texts("title", "stage", "subject", "grade", "textbook", "volume"),
        _ref("teacher", "teacher"),
        _ref("master_room", "site_room"),
        _ref("master_class", "class_group", null=True),
        *_numbers("lessons_a_week", "lesson_minutes"),
    )
    op.create_table(
        "course_room",
        _ref("course", "course", key=True),
        _ref("site_room", "site_room", key=True),
        _ref("class_group", "class_group", null=True),
    )
    op.create_table(
        "slot",
        _id(),
        _ref("course", "course"),
        *_numbers("weekday"),
        *_texts("weeks"),
        *_numbers("period", "start_minute", "end_minute", null=True),
    )
    _index("course", "term")
    _index("slot", "course")


def _lessons() -> None:
    op.create_table(
        "lesson",
        _id(),
        *_texts("session", length=64),
        _ref("course", "course"),
        _ref("slot", "slot", null=True),
        *_texts("title"),
        _ref("teacher", "teacher"),
        _ref("master_room", "site_room"),
        sa.Column("starts_at", _MOMENT, nullable=False),
        sa.Column("ends_at", _MOMENT, nullable=False),
        *_texts("zone"),
        sa.Column("day", sa.Date, nullable=False),
        *_numbers("week", null=True),
        *_texts("period", "chapter"),
        *_numbers("class_hour", null=True),
        *_numbers("version"),
        sa.UniqueConstraint("session", name="uq_lesson_session"),
        sa.UniqueConstraint("slot", "day", name="uq_lesson_slot"),
    )
    op.create_table(
        "lesson_room",
        _ref("lesson", "lesson", key=True),
        _ref("site_room", "site_room", key=True),
        *_numbers("place"),
    )
    for column in ("course", "teacher", "starts_at", "day"):
        _index("lesson", column)
    _index("lesson_room", "site_room")


def _sessions() -> None:
    op.create_table(
        "session",
        _id(),
        _ref("lesson", "lesson"),
        *_texts("state", length=16),
        *_numbers("version"),
        sa.Column("entered_at", _MOMENT, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("room_closed", sa.Boolean, nullable=False),
        *_texts("recording_state", length=16),
        sa.Column("resource", sa.String(64)),
        sa.UniqueConstraint("lesson", name="uq_session_lesson"),
    )
    op.create_table(
        "session_room",
        _ref("session", "session", key=True),
        _ref("site_room", "site_room", key=True),
        sa.Column("present", sa.Boolean, nullable=False),
        sa.Column("came_at", _MOMENT),
    )
    op.create_table(
        "transition",
        _ref("session", "session", key=True),
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        *_texts("from_state", "to_state", "cause", length=16),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("announced_at", _MOMENT),
    )
    _index("session", "state")
    _index("transition", "announced_at")
