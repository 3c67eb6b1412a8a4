"""One leader among several processes; overruns, resumed lessons, skipped actions."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "lease",
        sa.Column("name", sa.String(32), primary_key=True),
        sa.Column("holder", sa.String(64), nullable=False),
        sa.Column("fence", sa.Integer, nullable=False),
        sa.Column("beat", sa.Integer, nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
    )
    op.add_column("lesson", sa.Column("resumes", sa.String(64)))
    op.add_column(
        "lesson",
        sa.Column("by_hand", sa.Boolean, nullable=False, server_default=sa.false()),
    )
    op.add_column(
        "session",
        sa.Column("overrun_s", sa.Integer, nullable=False, server_default="0"),
    )
    op.add_column(
        "transition",
        sa.Column("skipped", sa.String(80), nullable=False, server_default=""),
    )
