"""Refuses an engine that was not built from the sources beside it.

The build stamps the engine with a checksum of its Rust sources
(`crates/python/build.rs`); here the same checksum is taken of the tree. An installed
package carries no sources and is not checked.
"""

import zlib
from pathlib import Path

_RTC = Path(__file__).resolve().parent


def sources_checksum(root: Path = _RTC) -> str:
    """CRC-32 over path, zero byte and contents of each Rust source, sorted."""
    files = [root / "Cargo.toml", root / "Cargo.lock"]
    files += [
        path
        for suffix in ("rs", "toml")
        for path in (root / "crates").rglob(f"*.{suffix}")
        if path.is_file()
    ]
    crc = 0
    for path in sorted(files, key=lambda p: p.relative_to(root).as_posix()):
        name = path.relative_to(root).as_posix().encode()
        crc = zlib.crc32(name + b"\0" + path.read_bytes(), crc)
    return f"{crc:08x}"


def require_fresh(engine_version: str, root: Path = _RTC) -> None:
    """Raises ImportError when the engine is older than the sources in the tree."""
    if not (root / "crates").is_dir():
        return
    built_from = engine_version.rpartition("+")[2]
    if built_from != sources_checksum(root):
        raise ImportError(
            f"媒体引擎不是由当前源码编译的，请运行 make engine / the media engine "
            f"({engine_version}) is older than its sources: run `make engine`"
        )
