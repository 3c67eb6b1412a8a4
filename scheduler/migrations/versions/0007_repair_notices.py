"""Notices also tell of repairs: they come from an edition or from a proposal."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    repair = sa.ForeignKey(
        "repair_proposal.id",
        name="fk_notice_repair",
        deferrable=True,
        initially="DEFERRED",
    )
    # SQLite cannot change a column: there, the table is made anew.
    with op.batch_alter_table("notice") as notice:
        notice.alter_column("edition", existing_type=sa.String(64), nullable=True)
        notice.add_column(sa.Column("repair", sa.String(64), repair))
    op.create_index("ix_notice_repair", "notice", ["repair"])
