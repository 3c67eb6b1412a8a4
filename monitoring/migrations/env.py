"""Alembic's entry; the work is in `common.db`."""

from common.db import run_migrations

run_migrations()
