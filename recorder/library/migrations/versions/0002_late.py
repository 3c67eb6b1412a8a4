"""How late a lesson began."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column(
        "resource",
        sa.Column("late_s", sa.Float, nullable=False, server_default="0"),
    )
