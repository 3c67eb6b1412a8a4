"""The engine and the sources beside it must belong together."""

from pathlib import Path

import pytest

import rtc
from rtc.build_guard import require_fresh, sources_checksum


def tree(root: Path) -> Path:
    (root / "crates" / "core").mkdir(parents=True)
    (root / "Cargo.toml").write_text("[workspace]\n")
    (root / "Cargo.lock").write_text("")
    (root / "crates" / "core" / "lib.rs").write_text("fn one() {}\n")
    return root


def test_the_engine_in_this_tree_is_built_from_this_tree() -> None:
    assert rtc.ENGINE_VERSION.endswith("+" + sources_checksum())


def test_a_changed_source_asks_for_a_build(tmp_path: Path) -> None:
    root = tree(tmp_path)
    version = "0.1.0+" + sources_checksum(root)
    require_fresh(version, root)
    (root / "crates" / "core" / "lib.rs").write_text("fn two() {}\n")
    with pytest.raises(ImportError, match="make engine"):
        require_fresh(version, root)


def test_an_installed_package_without_sources_is_not_checked(tmp_path: Path) -> None:
    require_fresh("0.1.0+00000000", tmp_path)
