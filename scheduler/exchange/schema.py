"""The table of calendar links: who may read which calendar without signing in."""

from sqlalchemy import Column, String, Table

from scheduler.schema import UtcMoment, metadata

calendar_link = Table(
    "calendar_link",
    metadata,
    Column("id", String(64), primary_key=True),
    # SHA-256 of the token; the token itself is kept by nobody but its owner.
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("what", String(16), nullable=False),
    Column("target", String(64), nullable=False),
    Column("made_by", String(80), nullable=False),
    Column("made_at", UtcMoment, nullable=False),
)
