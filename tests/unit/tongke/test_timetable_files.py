"""Which files are imported together."""

from pathlib import Path

from tongke.timetable.offline import in_turn


def test_single_files_belong_together(tmp_path: Path) -> None:
    one, two = tmp_path / "a.csv", tmp_path / "b.toml"
    assert list(in_turn([one, two])) == [[one, two]]


def test_a_folder_or_an_archive_is_an_import_of_its_own(tmp_path: Path) -> None:
    one, two, three = tmp_path / "a.csv", tmp_path / "b.csv", tmp_path / "c.csv"
    packed = tmp_path / "d.zip"
    paths = [one, tmp_path, two, packed, three]
    assert list(in_turn(paths)) == [[one], [tmp_path], [two], [packed], [three]]
