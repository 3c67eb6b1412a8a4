"""Closed times may begin and end on any day of a week."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    for name in ("first_day", "last_day"):
        op.add_column("closed_time", sa.Column(name, sa.Date()))
