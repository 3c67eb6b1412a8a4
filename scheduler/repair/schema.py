"""The table of proposals: what would move, until a person agrees."""

from sqlalchemy import JSON, Column, Date, Integer, String, Table

from scheduler.schema import UtcMoment, id_column, metadata, reference, short_text

proposal = Table(
    "repair_proposal",
    metadata,
    id_column(),
    reference("term", "term", index=True),
    short_text("state", 16),
    Column("absence", JSON, nullable=False),
    # [{lesson, version, day, start}]
    Column("moves", JSON, nullable=False),
    # [{lesson, version, substitutes, dates: [{day, start}]}]
    Column("stuck", JSON, nullable=False),
    Column("looked_at", Integer, nullable=False),
    short_text("made_by"),
    Column("made_at", UtcMoment, nullable=False),
    Column("closed_by", String(80)),
    Column("closed_at", UtcMoment),
    # [{before, after or null, back}]: lessons; null as long as nobody agreed.
    Column("done", JSON(none_as_null=True)),
    # The absence was ended: whose lessons, from this day on, came back.
    Column("ended_from", Date),
    Column("ended_by", String(80)),
    Column("ended_at", UtcMoment),
)
