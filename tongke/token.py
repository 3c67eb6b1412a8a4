"""`tongke token`: a key with which one person signs in."""

import sys
from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError

from common.clock import SystemClock
from common.errors import TongkeError
from common.identity import AccessGrant, Signer, ensure_secret
from tongke.up import load_config


def make(
    config_path: Path | None, data_dir: Path | None, name: str, roles: Sequence[str]
) -> int:
    """Prints the key. Exit status 2 with a sentence when something is wrong."""
    try:
        config = load_config(config_path, data_dir, None)
        grant = AccessGrant.model_validate({"name": name, "roles": list(roles)})
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
