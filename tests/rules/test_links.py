"""Links in documents lead somewhere: files, headings, and files named in backticks."""

import re
import unicodedata
from pathlib import Path

from tests.rules.house import ROOT, files, name

_LINK = re.compile(r"\[[^\]]*\]\((?P<target>[^)\s]+)\)")
_NAMED = re.compile(r"`(?P<path>(?:docs|compose|tests|monitoring)/[\w./-]+\.\w+)`")
_FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def slug(heading: str) -> str:
    """The anchor that GitHub makes of a heading."""
    kept = [
        c
        for c in heading.strip().lower().replace("`", "")
        if c in " -_" or unicodedata.category(c)[0] in "LN"
    ]
    return "".join(kept).replace(" ", "-")


def anchors(text: str) -> set[str]:
    headings = re.findall(r"^#{1,6}\s+(.+)$", _FENCE.sub("", text), re.MULTILINE)
    return {slug(heading) for heading in headings}


def broken_links(root: Path) -> list[str]:
    return [
        f"{name(root, page)}: {target}"
        for page in files(root, ".md")
        for target in _targets(page.read_text(encoding="utf-8"))
        if not _leads(root, page, target)
    ]


def _targets(text: str) -> list[str]:
    prose = _FENCE.sub("", text)
    links = [match["target"] for match in _LINK.finditer(prose)]
    return links + ["/" + match["path"] for match in _NAMED.finditer(prose)]


def _leads(root: Path, page: Path, target: str) -> bool:
    if target.startswith(("https://", "http://", "mailto:")):
        return True
    file, _, anchor = target.partition("#")
    base = root if file.startswith("/") else page.parent
    where = (base / file.lstrip("/")) if file else page
    if not where.exists():
        return False
    return not anchor or anchor in anchors(where.read_text(encoding="utf-8"))


def test_every_link_of_every_document_leads_somewhere() -> None:
    assert ROOT / "README.md" in files(ROOT, ".md")
    assert broken_links(ROOT) == []


def test_a_link_to_nothing_is_found(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a.md").write_text(
        "# One thing\n[ok](b.md) [ok](#one-thing) [gone](c.md) [away](b.md#nothing)\n"
        "and `docs/b.md` and `docs/d.md`\n```\n[code](is not a link)\n```\n"
    )
    (tmp_path / "docs" / "b.md").write_text("# 词汇 Words\n")
    assert broken_links(tmp_path) == [
        "docs/a.md: c.md",
        "docs/a.md: b.md#nothing",
        "docs/a.md: /docs/d.md",
    ]
    assert anchors("# 词汇 Words, `code`") == {"词汇-words-code"}
