"""The resource library: entries, their search terms, who changed what."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    _resource()
    _term()
    _change()


def _resource() -> None:
    op.create_table(
        "resource",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("recording", sa.String(64), nullable=False, unique=True),
        sa.Column("session", sa.String(64), nullable=False, unique=True),
        sa.Column("lesson", sa.String(64), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("stage", sa.String(32), nullable=False),
        sa.Column("subject", sa.String(32), nullable=False),
        sa.Column("grade", sa.String(32), nullable=False),
        sa.Column("textbook", sa.String(80), nullable=False),
        sa.Column("volume", sa.String(32), nullable=False),
        sa.Column("chapter", sa.String(200), nullable=False),
        sa.Column("class_hour", sa.Integer),
        sa.Column("week", sa.Integer),
        sa.Column("period", sa.String(32), nullable=False),
        sa.Column("teacher", sa.String(80), nullable=False),
        sa.Column("district", sa.String(80), nullable=False),
        sa.Column("school", sa.String(80), nullable=False),
        sa.Column("master_room", sa.String(64), nullable=False),
        sa.Column("site_rooms", sa.JSON, nullable=False),
        sa.Column("summary", sa.Text, nullable=False),
        sa.Column("starts_at", sa.Float, nullable=False),
        sa.Column("duration_s", sa.Float, nullable=False),
        sa.Column("completeness", sa.Float, nullable=False),
        sa.Column("bytes", sa.BigInteger, nullable=False),
        sa.Column("tracks", sa.JSON, nullable=False),
        sa.Column("search_text", sa.Text, nullable=False),
        sa.Column("edited_at", sa.Float),
    )
    op.create_index("ix_resource_starts_at", "resource", ["starts_at"])
    op.create_index("ix_resource_subject_grade", "resource", ["subject", "grade"])


def _term() -> None:
    op.create_table(
        "resource_term",
        sa.Column("term", sa.String(64), primary_key=True),
        sa.Column(
            "resource", sa.String(64), sa.ForeignKey("resource.id"), primary_key=True
        ),
    )
    op.create_index("ix_resource_term_resource", "resource_term", ["resource"])


def _change() -> None:
    op.create_table(
        "resource_change",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column(
            "resource", sa.String(64), sa.ForeignKey("resource.id"), nullable=False
        ),
        sa.Column("at", sa.Float, nullable=False),
        sa.Column("who", sa.String(80), nullable=False),
        sa.Column("field", sa.String(32), nullable=False),
        sa.Column("old", sa.Text, nullable=False),
        sa.Column("new", sa.Text, nullable=False),
    )
    op.create_index("ix_resource_change_resource", "resource_change", ["resource"])
