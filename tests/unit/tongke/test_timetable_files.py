"""Which files are imported together."""

from pathlib import Path

from tongke.timetable.offline import in_turn, read_files


def test_single_files_belong_together(tmp_path: Path) -> None:
    one, two = tmp_path / "a.csv", tmp_path / "b.toml"
    assert list(in_turn([one, two])) == [[one, two]]


def test_a_folder_or_an_archive_is_an_import_of_its_own(tmp_path: Path) -> None:
    one, two, three = tmp_path / "a.csv", tmp_path / "b.csv", tmp_path / "c.csv"
    packed = tmp_path / "d.zip"
    paths = [one, tmp_path, two, packed, three]
    assert list(in_turn(paths)) == [[one], [tmp_path], [two], [packed], [three]]


def test_the_tables_of_a_folder_are_read_whatever_their_end_is_written(
    tmp_path: Path,
) -> None:
    for name in ("教师.XLSX", "学校.csv", "~$教师.XLSX", ".学校.csv", "读我.md"):
        (tmp_path / name).write_text(name, encoding="utf-8")
    assert [upload.name for upload in read_files([tmp_path])] == [
        "学校.csv",
        "教师.XLSX",
    ]
