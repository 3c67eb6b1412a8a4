"""Tables of the monitoring service; `migrations/` brings a database to this shape."""

from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)

metadata = MetaData()

lesson_quality = Table(
    "lesson_quality",
    metadata,
    Column("session", String(64), primary_key=True),
    Column("seat", String(80), primary_key=True),
    Column("role", String(16), nullable=False),
    Column("name", String(200), nullable=False),
    Column("site_room", String(64)),
    Column("participant", String(64)),
    Column("joins", Integer, nullable=False),
    Column("first_joined_at", Float(53)),
    Column("joined_at", Float(53)),
    Column("last_at", Float(53), nullable=False),
    Column("attended_s", Float(53), nullable=False),
    Column("last_report_at", Float(53), nullable=False),
    Column("reported_s", Float(53), nullable=False),
    Column("video_frames", Integer, nullable=False),
    Column("freezes", Integer, nullable=False),
    Column("freeze_s", Float(53), nullable=False),
    Column("audio_samples", BigInteger, nullable=False),
    Column("concealed_samples", BigInteger, nullable=False),
    Column("score_s", Float(53), nullable=False),
    Column("worst_score", Float(53)),
    Column("degraded_s", Float(53), nullable=False),
    Column("join_ms", Float(53)),
    Column("glass_to_glass_ms", Float(53)),
    Column("started_at", Float(53)),
)

known_event = Table(
    "known_event",
    metadata,
    Column("subject", String(160), primary_key=True),
    Column("session", String(64)),
    Column("at", Float(53), nullable=False),
    Column("body", Text, nullable=False),
    Index("known_event_session", "session"),
)
