"""The table of proposals: what would move, until a person agrees."""

from sqlalchemy import JSON, Column, ForeignKey, Integer, String, Table

from scheduler.schema import UtcMoment, metadata

proposal = Table(
    "repair_proposal",
    metadata,
    Column("id", String(64), primary_key=True),
    Column(
        "term",
        String(64),
        ForeignKey("term.id", deferrable=True, initially="DEFERRED"),
        nullable=False,
        index=True,
    ),
    Column("state", String(16), nullable=False),
    Column("absence", JSON, nullable=False),
    # [{lesson, version, day, start}]
    Column("moves", JSON, nullable=False),
    # [{lesson, version, substitutes, dates: [{day, start}]}]
    Column("stuck", JSON, nullable=False),
    Column("looked_at", Integer, nullable=False),
    Column("made_by", String(80), nullable=False),
    Column("made_at", UtcMoment, nullable=False),
    Column("closed_by", String(80)),
    Column("closed_at", UtcMoment),
)
