"""Proposals to mend the dated timetable."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    term = sa.ForeignKey("term.id", deferrable=True, initially="DEFERRED")
    op.create_table(
        "repair_proposal",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("term", sa.String(64), term, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("absence", sa.JSON, nullable=False),
        sa.Column("moves", sa.JSON, nullable=False),
        sa.Column("stuck", sa.JSON, nullable=False),
        sa.Column("looked_at", sa.Integer, nullable=False),
        sa.Column("made_by", sa.String(80), nullable=False),
        sa.Column("made_at", _MOMENT, nullable=False),
        sa.Column("closed_by", sa.String(80)),
        sa.Column("closed_at", _MOMENT),
    )
    op.create_index("ix_repair_proposal_term", "repair_proposal", ["term"])
