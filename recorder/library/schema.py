"""Tables of the resource library. The column meanings are those of `LessonFacts`."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)

metadata = MetaData()

resource = Table(
    "resource",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("recording", String(64), nullable=False, unique=True),
    Column("session", String(64), nullable=False, unique=True),
    Column("lesson", String(64), nullable=False),
    Column("state", String(16), nullable=False),
    Column("title", String(200), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("stage", String(32), nullable=False),
    Column("subject", String(32), nullable=False),
    Column("grade", String(32), nullable=False),
    Column("textbook", String(80), nullable=False),
    Column("volume", String(32), nullable=False),
    Column("chapter", String(200), nullable=False),
    Column("class_hour", Integer),
    Column("week", Integer),
    Column("period", String(32), nullable=False),
    Column("teacher", String(80), nullable=False),
    Column("district", String(80), nullable=False),
    Column("school", String(80), nullable=False),
    Column("master_room", String(64), nullable=False),
    Column("site_rooms", JSON, nullable=False),
    Column("summary", Text, nullable=False),
    Column("starts_at", Float, nullable=False),
    Column("late_s", Float, nullable=False, server_default="0"),
    Column("duration_s", Float, nullable=False),
    Column("completeness", Float, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("tracks", JSON, nullable=False),
    Column("search_text", Text, nullable=False),
    Column("edited_at", Float),
    Index("ix_resource_starts_at", "starts_at"),
    Index("ix_resource_subject_grade", "subject", "grade"),
)

# One row per word piece: Chinese as single characters and pairs, the rest as words.
# The same on SQLite and PostgreSQL, so that both find the same.
term = Table(
    "resource_term",
    metadata,
    Column("term", String(64), primary_key=True),
    Column(
        "resource", String(64), ForeignKey("resource.id"), primary_key=True, index=True
    ),
)

change = Table(
    "resource_change",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("resource", String(64), ForeignKey("resource.id"), nullable=False),
    Column("at", Float, nullable=False),
    Column("who", String(80), nullable=False),
    Column("field", String(32), nullable=False),
    Column("old", Text, nullable=False),
    Column("new", Text, nullable=False),
    Index("ix_resource_change_resource", "resource"),
)
