"""Chinese search that gets two-character words right. Pure.

Chinese is indexed as single characters and as pairs; everything else as whole words.
A query's pairs find the candidates, its words as written then decide, so that 分数的
finds 分数的加减法 and not 分数 in one place and 数的 in another.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

_CJK = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
_WORD = re.compile(f"[{_CJK}]+|[^\\W_{_CJK}]+")
_LONGEST_TERM = 64
_MOST_WORDS = 12


def normal(text: str) -> str:
    """Full-width forms folded, letters in lower case, words apart by one space."""
    return " ".join(_WORD.findall(unicodedata.normalize("NFKC", text).casefold()))


def index_terms(text: str) -> set[str]:
    return {term for word in normal(text).split() for term in _pieces(word)}


def _pieces(word: str) -> Iterator[str]:
    if not _is_chinese(word):
        yield word[:_LONGEST_TERM]
        return
    yield from word
    yield from (word[i : i + 2] for i in range(len(word) - 1))


def _is_chinese(word: str) -> bool:
    return re.match(f"[{_CJK}]", word) is not None


@dataclass(frozen=True)
class Query:
    terms: frozenset[str]
    """All must be among an entry's terms."""
    phrases: tuple[str, ...]
    """All must stand in an entry's normal text; only words longer than a pair."""


def read_query(text: str) -> Query:
    """Words beyond the twelfth are left out."""
    words = normal(text).split()[:_MOST_WORDS]
    terms: set[str] = set()
    for word in words:
        if _is_chinese(word) and len(word) > 1:
            terms.update(word[i : i + 2] for i in range(len(word) - 1))
        else:
            terms.add(word[:_LONGEST_TERM])
    phrases = tuple(w for w in words if _is_chinese(w) and len(w) > 2)
    return Query(frozenset(terms), phrases)
