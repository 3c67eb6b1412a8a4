"""The tables of editions: drafts and their history, work of the solver, notices."""

from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    text,
)

from scheduler.schema import UtcMoment, metadata


def _id() -> Column[str]:
    return Column("id", String(64), primary_key=True)


def _ref(name: str, target: str, **options: Any) -> Column[str]:  # noqa: ANN401
    options.setdefault("nullable", False)
    key = ForeignKey(f"{target}.id", deferrable=True, initially="DEFERRED")
    return Column(name, String(64), key, **options)


def _text(name: str, length: int = 80) -> Column[str]:
    return Column(name, String(length), nullable=False)


edition = Table(
    "edition",
    metadata,
    _id(),
    _ref("term", "term", index=True),
    _text("name"),
    _text("state", 16),
    Column("week", Integer, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("done", Integer, nullable=False),
    Column("kept", Integer, nullable=False),
    Column("made_at", UtcMoment, nullable=False),
    _text("made_by"),
    Column("published_at", UtcMoment),
    Column("from_day", Date),
    # Dated lessons from this day on still have to follow; None: they do.
    Column("unfinished_from", Date),
    Index(
        "uq_edition_published",
        "term",
        unique=True,
        sqlite_where=text("state = 'published'"),
        postgresql_where=text("state = 'published'"),
    ),
)
placed = Table(
    "placed",
    metadata,
    _ref("edition", "edition", primary_key=True),
    # No reference: an old edition does not keep a course from being removed.
    Column("course", String(64), primary_key=True),
    Column("weekday", Integer, primary_key=True, autoincrement=False),
    Column("start_minute", Integer, primary_key=True, autoincrement=False),
    _text("origin", 16),
    Column("locked", Boolean, nullable=False),
)
edition_change = Table(
    "edition_change",
    metadata,
    _ref("edition", "edition", primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("step", JSON, nullable=False),
    Column("zh", Text, nullable=False),
    Column("en", Text, nullable=False),
    _text("by"),
    Column("at", UtcMoment, nullable=False),
)
solver_job = Table(
    "solver_job",
    metadata,
    _id(),
    _ref("edition", "edition", index=True),
    _text("kind", 16),
    Column("revision", Integer, nullable=False),
    _text("state", 16),
    Column("seconds", Float, nullable=False),
    Column("keep", String(32)),
    _text("asked_by"),
    Column("asked_at", UtcMoment, nullable=False),
    # The program that runs it says so every second; silence means it is gone.
    Column("seen_at", UtcMoment, nullable=False),
    Column("ended_at", UtcMoment),
    Column("progress", JSON),
    # The best rows so far: they outlive the worker.
    Column("best", JSON),
    Column("outcome", String(16)),
    _text("answer", 16),
    Column("rules", JSON),
    Column("minimal", Boolean, nullable=False),
    _text("reason", 32),
    Column("stop_asked", Boolean, nullable=False),
    Index(
        "uq_solver_job_open",
        "edition",
        unique=True,
        sqlite_where=text("state in ('queued', 'running')"),
        postgresql_where=text("state in ('queued', 'running')"),
    ),
)
notice = Table(
    "notice",
    metadata,
    _id(),
    _text("kind", 16),
    Column("concerns", String(64), nullable=False),
    _ref("edition", "edition", index=True),
    Column("at", UtcMoment, nullable=False),
    Column("from_day", Date, nullable=False),
    Column("zh", Text, nullable=False),
    Column("en", Text, nullable=False),
    Column("lessons", JSON, nullable=False),
    Index("ix_notice_concerns", "kind", "concerns"),
)
