"""Local lessons, closed times, travel, school days, subject times, weightings."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("district", sa.Column("media_seats", sa.Integer))
    op.add_column("school", sa.Column("uplink_bps", sa.BigInteger))
    for column in (
        sa.Column("weeks", sa.String(80), nullable=False, server_default="all"),
        sa.Column(
            "displaces_local", sa.Boolean, nullable=False, server_default=sa.false()
        ),
        sa.Column("common_starts", sa.String(400), nullable=False, server_default=""),
    ):
        op.add_column("course", column)
    _availability()
    _wishes()


def _id() -> sa.Column[str]:
    return sa.Column("id", sa.String(64), primary_key=True)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(80), nullable=False)


def _ref(
    name: str, target: str, *, key: bool = False, null: bool = False
) -> sa.Column[str]:
    reference = sa.ForeignKey(f"{target}.id", deferrable=True, initially="DEFERRED")
    return sa.Column(name, sa.String(64), reference, primary_key=key, nullable=null)


def _numbers(*names: str, null: bool = False) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.Integer, nullable=null) for name in names]


def _availability() -> None:
    op.create_table(
        "local_lesson",
        _id(),
        _text("title"),
        *_numbers("weekday"),
        _text("weeks"),
        *_numbers("period", "start_minute", "end_minute", null=True),
        _ref("teacher", "teacher", null=True),
        _ref("class_group", "class_group", null=True),
        _ref("site_room", "site_room", null=True),
        _ref("term", "term", null=True),
    )
    op.create_table(
        "closed_time",
        _id(),
        _text("title"),
        _ref("school", "school", null=True),
        _ref("site_room", "site_room", null=True),
        _ref("teacher", "teacher", null=True),
        _ref("class_group", "class_group", null=True),
        sa.Column("weekdays", sa.String(7), nullable=False),
        *_numbers("start_minute", "end_minute", null=True),
        _text("weeks"),
        _ref("term", "term", null=True),
    )
    op.create_table(
        "travel",
        _ref("from_school", "school", key=True),
        _ref("to_school", "school", key=True),
        *_numbers("minutes"),
    )
    op.create_table(
        "school_day",
        _id(),
        _ref("school", "school"),
        sa.Column("weekdays", sa.String(7), nullable=False),
        *_numbers("start_minute", "end_minute"),
    )
    op.create_index("ix_school_day_school", "school_day", ["school"])


def _wishes() -> None:
    op.create_table(
        "subject_time",
        _id(),
        _ref("district", "district"),
        _text("subject"),
        *_numbers("start_minute", "end_minute", "cost"),
    )
    op.create_index("ix_subject_time_district", "subject_time", ["district"])
    op.create_table(
        "weighting",
        _ref("district", "district", key=True),
        *_numbers("misfit", "edge", "spread", "gap", "load", "move"),
    )
