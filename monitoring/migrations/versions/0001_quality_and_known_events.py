"""Per-lesson quality and the last event of each subject."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision: str | None = None


def upgrade() -> None:
    op.create_table(
        "lesson_quality",
        sa.Column("session", sa.String(64), primary_key=True),
        sa.Column("seat", sa.String(80), primary_key=True),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("site_room", sa.String(64)),
        sa.Column("participant", sa.String(64)),
        sa.Column("joins", sa.Integer, nullable=False),
        sa.Column("first_joined_at", sa.Float(53)),
        sa.Column("joined_at", sa.Float(53)),
        sa.Column("last_at", sa.Float(53), nullable=False),
        sa.Column("attended_s", sa.Float(53), nullable=False),
        sa.Column("last_report_at", sa.Float(53), nullable=False),
        sa.Column("reported_s", sa.Float(53), nullable=False),
        sa.Column("video_frames", sa.Integer, nullable=False),
        sa.Column("freezes", sa.Integer, nullable=False),
        sa.Column("freeze_s", sa.Float(53), nullable=False),
        sa.Column("audio_samples", sa.BigInteger, nullable=False),
        sa.Column("concealed_samples", sa.BigInteger, nullable=False),
        sa.Column("score_s", sa.Float(53), nullable=False),
        sa.Column("worst_score", sa.Float(53)),
        sa.Column("degraded_s", sa.Float(53), nullable=False),
        sa.Column("join_ms", sa.Float(53)),
        sa.Column("glass_to_glass_ms", sa.Float(53)),
        sa.Column("started_at", sa.Float(53)),
    )
    op.create_table(
        "known_event",
        sa.Column("subject", sa.String(160), primary_key=True),
        sa.Column("session", sa.String(64)),
        sa.Column("at", sa.Float(53), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
    )
    op.create_index("known_event_session", "known_event", ["session"])


def downgrade() -> None:
    op.drop_table("known_event")
    op.drop_table("lesson_quality")
