"""Who published an edition."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    by = sa.Column("published_by", sa.String(80), nullable=False, server_default="")
    op.add_column("edition", by)
