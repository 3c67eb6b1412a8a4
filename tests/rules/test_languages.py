"""Every sentence of the pages exists in Chinese and in English."""

import json
import re
from pathlib import Path

from tests.rules.house import ROOT, files, name

I18N = "web/src/i18n"
LANGUAGES = ("zh-CN", "en")
_USED = re.compile(r"\bt\(\s*\"(?P<key>[a-z0-9_.]+)\"")
_HOLE = re.compile(r"\{(\w+)\}")
_CJK = re.compile(r"[\u4e00-\u9fff]+")


def faults(root: Path) -> list[str]:
    zh, en = (
        json.loads((root / I18N / f"{language}.json").read_text(encoding="utf-8"))
        for language in LANGUAGES
    )
    found = [f"only in zh-CN: {key}" for key in zh.keys() - en.keys()]
    found += [f"only in en: {key}" for key in en.keys() - zh.keys()]
    for key in zh.keys() & en.keys():
        if not zh[key].strip() or not en[key].strip():
            found.append(f"empty: {key}")
        if set(_HOLE.findall(zh[key])) != set(_HOLE.findall(en[key])):
            found.append(f"different holes: {key}")
    found += [f"used but not written: {key}" for key in used(root) - zh.keys()]
    return sorted(found)


def used(root: Path) -> set[str]:
    return {
        match["key"]
        for path in files(root, ".ts")
        for match in _USED.finditer(path.read_text(encoding="utf-8"))
    }


def chinese_in_code(root: Path) -> list[str]:
    """Sentences belong into the catalogues, where both languages are seen."""
    return [
        f"{name(root, path)}:{number}: {text[0]}"
        for path in files(root, ".ts")
        if "/src/" in "/" + name(root, path)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if (text := _CJK.search(line.partition("//")[0]))
        and not line.lstrip().startswith(("*", "/*"))
    ]


def test_every_key_is_in_both_languages() -> None:
    assert len(used(ROOT)) > 50
    assert faults(ROOT) == []


def test_no_chinese_sentence_hides_in_the_code() -> None:
    assert chinese_in_code(ROOT) == []


def test_missing_keys_holes_and_hidden_sentences_are_found(tmp_path: Path) -> None:
    folder = tmp_path / I18N
    folder.mkdir(parents=True)
    (folder / "zh-CN.json").write_text('{"a": "甲{n}", "b": "乙", "e": ""}')
    (folder / "en.json").write_text('{"a": "A", "c": "C", "e": "E"}')
    page = tmp_path / "web/src/page.ts"
    page.write_text('t("a"); t("d.x"); // 注释\nconst s = "老师";\n')
    assert faults(tmp_path) == [
        "different holes: a",
        "empty: e",
        "only in en: c",
        "only in zh-CN: b",
        "used but not written: d.x",
    ]
    assert chinese_in_code(tmp_path) == ["web/src/page.ts:2: 老师"]
