"""Search terms: what is found and what is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorder.library.search import index_terms, normal, read_query


def found(text: str, query: str) -> bool:
    wanted = read_query(query)
    body = normal(text)
    return wanted.terms <= index_terms(text) and all(p in body for p in wanted.phrases)


@pytest.mark.parametrize(
    ("query", "hit"),
    [
        ("分数", True),
        ("分数的", True),
        ("加减法", True),
        ("的加", True),
        ("数", True),
        ("五年级 数学", True),
        ("数学，王老师", True),
        ("ＰＥＰ", True),
        ("pep 2024", True),
        ("意思", False),
        ("数分", False),
        ("法五", False),
        ("202", False),
    ],
)
def test_a_query_finds_what_a_teacher_would_expect(query: str, hit: bool) -> None:
    text = "分数的加减法\n五年级\n数学\n王老师 PEP 2024"
    assert found(text, query) is hit


def test_pairs_from_two_places_do_not_make_a_word() -> None:
    assert not found("分数 数的认识", "分数的")


@given(st.text("数学语文分的加减法年级王", min_size=1, max_size=30), st.data())
def test_every_piece_of_a_title_is_found(title: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(title) - 1))
    end = data.draw(st.integers(start + 1, len(title)))
    assert found(title, title[start:end])
