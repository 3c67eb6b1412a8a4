"""Editions of the weekly timetable, work of the solver, notices."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _editions()
    _jobs()
    _notices()
    op.add_column("lesson", sa.Column("slot_day", sa.Date))
    op.create_table(
        "counter",
        sa.Column("name", sa.String(32), primary_key=True),
        sa.Column("number", sa.BigInteger, nullable=False),
    )


def _id() -> sa.Column[str]:
    return sa.Column("id", sa.String(64), primary_key=True)


def _ref(name: str, target: str, *, key: bool = False) -> sa.Column[str]:
    reference = sa.ForeignKey(f"{target}.id", deferrable=True, initially="DEFERRED")
    return sa.Column(name, sa.String(64), reference, primary_key=key, nullable=False)


def _texts(*names: str, length: int = 80) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.String(length), nullable=False) for name in names]


def _numbers(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.Integer, nullable=False) for name in names]


def _keys(*names: str) -> list[sa.Column[int]]:
    return [
        sa.Column(name, sa.Integer, primary_key=True, autoincrement=False)
        for name in names
    ]


def _long(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]


def _editions() -> None:
    op.create_table(
        "edition",
        _id(),
        _ref("term", "term"),
        *_texts("name"),
        *_texts("state", length=16),
        *_numbers("week", "revision", "done", "kept"),
        sa.Column("made_at", _MOMENT, nullable=False),
        *_texts("made_by"),
        sa.Column("published_at", _MOMENT),
        sa.Column("from_day", sa.Date),
        sa.Column("unfinished_from", sa.Date),
    )
    op.create_index("ix_edition_term", "edition", ["term"])
    published = sa.text("state = 'published'")
    op.create_index(
        "uq_edition_published",
        "edition",
        ["term"],
        unique=True,
        sqlite_where=published,
        postgresql_where=published,
    )
    op.create_table(
        "placed",
        _ref("edition", "edition", key=True),
        sa.Column("course", sa.String(64), primary_key=True),
        *_keys("weekday", "start_minute"),
        *_texts("origin", length=16),
        sa.Column("locked", sa.Boolean, nullable=False),
    )
    op.create_table(
        "edition_change",
        _ref("edition", "edition", key=True),
        *_keys("number"),
        sa.Column("step", sa.JSON, nullable=False),
        *_long("zh", "en"),
        *_texts("by"),
        sa.Column("at", _MOMENT, nullable=False),
    )


def _jobs() -> None:
    op.create_table(
        "solver_job",
        _id(),
        _ref("edition", "edition"),
        *_texts("kind", length=16),
        *_numbers("revision"),
        *_texts("state", length=16),
        sa.Column("seconds", sa.Float, nullable=False),
        sa.Column("keep", sa.String(32)),
        *_texts("asked_by"),
        sa.Column("asked_at", _MOMENT, nullable=False),
        sa.Column("seen_at", _MOMENT, nullable=False),
        sa.Column("ended_at", _MOMENT),
        sa.Column("progress", sa.JSON),
        sa.Column("best", sa.JSON),
        sa.Column("outcome", sa.String(16)),
        *_texts("answer", length=16),
        sa.Column("rules", sa.JSON),
        sa.Column("minimal", sa.Boolean, nullable=False),
        *_texts("reason", length=32),
        sa.Column("stop_asked", sa.Boolean, nullable=False),
    )
    op.create_index("ix_solver_job_edition", "solver_job", ["edition"])
    unfinished = sa.text("state in ('queued', 'running')")
    op.create_index(
        "uq_solver_job_open",
        "solver_job",
        ["edition"],
        unique=True,
        sqlite_where=unfinished,
        postgresql_where=unfinished,
    )


def _notices() -> None:
    op.create_table(
        "notice",
        _id(),
        *_texts("kind", length=16),
        sa.Column("concerns", sa.String(64), nullable=False),
        _ref("edition", "edition"),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("from_day", sa.Date, nullable=False),
        *_long("zh", "en"),
        sa.Column("lessons", sa.JSON, nullable=False),
    )
    op.create_index("ix_notice_edition", "notice", ["edition"])
    op.create_index("ix_notice_concerns", "notice", ["kind", "concerns"])
