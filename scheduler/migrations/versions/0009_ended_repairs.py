"""What agreeing to a repair did, and when an absence was ended sooner."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    for column in (
        sa.Column("done", sa.JSON()),
        sa.Column("ended_from", sa.Date()),
        sa.Column("ended_by", sa.String(80)),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
    ):
        op.add_column("repair_proposal", column)
