"""One data directory, one server."""

from pathlib import Path

import pytest

from common.errors import ConflictError
from tongke.data_dir import DataDirLock


def test_a_second_server_is_refused_with_a_sentence(tmp_path: Path) -> None:
    first = DataDirLock(tmp_path, ["sfu", "recorder"])
    with pytest.raises(ConflictError) as caught:
        DataDirLock(tmp_path, ["recorder"])
    assert "正被另一个服务使用" in caught.value.zh
    first.release()


def test_different_services_may_share_a_directory(tmp_path: Path) -> None:
    first = DataDirLock(tmp_path, ["sfu"])
    DataDirLock(tmp_path, ["recorder"]).release()
    first.release()


def test_a_refused_server_holds_nothing(tmp_path: Path) -> None:
    first = DataDirLock(tmp_path, ["recorder"])
    with pytest.raises(ConflictError):
        DataDirLock(tmp_path, ["sfu", "recorder"])
    DataDirLock(tmp_path, ["sfu"]).release()
    first.release()


def test_the_directory_is_free_again_after_release(tmp_path: Path) -> None:
    DataDirLock(tmp_path, ["sfu"]).release()
    DataDirLock(tmp_path, ["sfu"]).release()
