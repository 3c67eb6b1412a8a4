"""`tongke token`: a key with which one person signs in."""

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError

from common.clock import SystemClock
from common.config import Config
from common.db import Database
from common.errors import NotFoundError, TongkeError
from common.identity import AccessGrant, Signer, ensure_secret
from scheduler.app import MIGRATIONS, VERSION_TABLE
from scheduler.catalogue.organisation import School, Teacher
from scheduler.catalogue.store import Catalogue
from tongke.up import load_config

_LISTED = 50
_SHEETS: dict[type[Teacher | School], str] = {Teacher: "教师", School: "学校"}


def make(
    config_path: Path | None,
    data_dir: Path | None,
    name: str,
    roles: Sequence[str],
    teacher: str | None = None,
    school: str | None = None,
) -> int:
    """Prints the key. `teacher`, `school`: whose timetable is theirs, by id or name.
    Exit status 2 with a sentence when something is wrong."""
    try:
        config = load_config(config_path, data_dir, None)
        whose = asyncio.run(_whose(config, teacher, school))
        grant = AccessGrant.model_validate(
            {"name": name, "roles": list(roles), **whose}
        )
        signer = Signer(ensure_secret(config.auth.secret, config.server.data_dir))
    except ValidationError as error:
        known = "teacher assistant librarian timetabler observer operator"
        print(f"角色只能是: {known}\n{error.errors()[0]['msg']}", file=sys.stderr)
        return 2
    except TongkeError as error:
        print(f"{error.zh}\n{error.en}", file=sys.stderr)
        return 2
    now_s = SystemClock().wall_us() / 1_000_000
    print(signer.access(grant, config.auth.access_hours * 3600, now_s))
    return 0


async def _whose(
    config: Config, teacher: str | None, school: str | None
) -> dict[str, str]:
    """Ids of what was named. Raises NotFoundError with a list to choose from."""
    asked: dict[type[Teacher | School], str | None] = {Teacher: teacher, School: school}
    if not any(asked.values()):
        return {}
    database = Database(config.database_url)
    try:
        await database.migrate(MIGRATIONS, VERSION_TABLE)
        catalogue = Catalogue(database)
        return {
            kind.__name__.lower(): _find(kind, await catalogue.all(kind), text)
            for kind, text in asked.items()
            if text
        }
    finally:
        await database.close()


def _find(
    kind: type[Teacher | School], rows: Sequence[Teacher | School], text: str
) -> str:
    found = [row for row in rows if text in (row.id, row.name)]
    if len(found) == 1:
        return found[0].id
    zh, en = _SHEETS[kind], kind.__name__.lower()
    if not rows:
        raise NotFoundError(
            "whose_timetable",
            zh=f"还没有{zh}，请先导入名单，或不写 --{en}",
            en=f"there are no {en}s yet: import them first, or leave out --{en}",
        )
    near = found or [row for row in rows if text in row.name] or rows
    listed = "\n".join(f"  {row.id}  {row.name}" for row in near[:_LISTED])
    more = f"\n  …… {len(near) - _LISTED}" if len(near) > _LISTED else ""
    raise NotFoundError(
        "whose_timetable",
        zh=f"“{text}”不是一个{zh}的编号或唯一的姓名，请从下面选一个编号：",
        en=f"{text!r} is no {en}'s id or only name; take an id of these:\n"
        f"{listed}{more}",
    )
