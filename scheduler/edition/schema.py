"""The tables of editions: drafts and their history, work of the solver, notices."""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    Float,
    Index,
    Integer,
    String,
    Table,
    Text,
    text,
)

from scheduler.schema import UtcMoment, id_column, metadata, reference, short_text

edition = Table(
    "edition",
    metadata,
    id_column(),
    reference("term", "term", index=True),
    short_text("name"),
    short_text("state", 16),
    Column("week", Integer, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("done", Integer, nullable=False),
    Column("kept", Integer, nullable=False),
    Column("made_at", UtcMoment, nullable=False),
    short_text("made_by"),
    Column("published_at", UtcMoment),
    Column("from_day", Date),
    # Empty: never published, or before this was written down.
    Column("published_by", String(80), nullable=False, server_default=""),
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
    reference("edition", "edition", primary_key=True),
    # No reference: an old edition does not keep a course from being removed.
    Column("course", String(64), primary_key=True),
    Column("weekday", Integer, primary_key=True, autoincrement=False),
    Column("start_minute", Integer, primary_key=True, autoincrement=False),
    short_text("origin", 16),
    Column("locked", Boolean, nullable=False),
)
edition_change = Table(
    "edition_change",
    metadata,
    reference("edition", "edition", primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("step", JSON, nullable=False),
    Column("zh", Text, nullable=False),
    Column("en", Text, nullable=False),
    short_text("by"),
    Column("at", UtcMoment, nullable=False),
)
solver_job = Table(
    "solver_job",
    metadata,
    id_column(),
    reference("edition", "edition", index=True),
    short_text("kind", 16),
    Column("revision", Integer, nullable=False),
    short_text("state", 16),
    Column("seconds", Float, nullable=False),
    Column("keep", String(32)),
    short_text("asked_by"),
    Column("asked_at", UtcMoment, nullable=False),
    # The program that runs it says so every second; silence means it is gone.
    Column("seen_at", UtcMoment, nullable=False),
    Column("ended_at", UtcMoment),
    Column("progress", JSON),
    # The best rows so far: they outlive the worker.
    Column("best", JSON),
    Column("outcome", String(16)),
    short_text("answer", 16),
    Column("rules", JSON),
    Column("minimal", Boolean, nullable=False),
    short_text("reason", 32),
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
    id_column(),
    short_text("kind", 16),
    Column("concerns", String(64), nullable=False),
    # One of the two says what it tells of.
    reference("edition", "edition", index=True, nullable=True),
    reference("repair", "repair_proposal", index=True, nullable=True),
    Column("at", UtcMoment, nullable=False),
    Column("from_day", Date, nullable=False),
    Column("zh", Text, nullable=False),
    Column("en", Text, nullable=False),
    Column("lessons", JSON, nullable=False),
    Index("ix_notice_concerns", "kind", "concerns"),
)
