from itertools import product
from pathlib import Path

import pytest

from common.errors import ConflictError
from scheduler.sessions.lifecycle import (
    CAUSES,
    FINAL,
    TRANSITIONS,
    Cause,
    State,
    follow,
    page,
)

ROOT = Path(__file__).parents[4]


def test_the_page_shows_the_table_as_it_is() -> None:
    written = (ROOT / "docs" / "lifecycle.md").read_text(encoding="utf-8")
    assert written == page(), "run: python -m scheduler.sessions.lifecycle"


def test_every_state_can_be_reached_and_every_road_ends() -> None:
    reached, frontier = {State.PLANNED}, {State.PLANNED}
    while frontier:
        frontier = {
            to for (state, _), to in TRANSITIONS.items() if state in frontier
        } - reached
        reached |= frontier
    assert reached == set(State)
    leaving = {state for state, _ in TRANSITIONS}
    assert leaving == set(State) - FINAL


def test_no_road_leads_back() -> None:
    order = list(State)
    for (state, cause), following in TRANSITIONS.items():
        if cause is Cause.EXTENDED:
            assert following is state
            continue
        assert order.index(following) > order.index(state)


def test_what_the_table_does_not_hold_is_refused_in_words() -> None:
    for state, cause in product(State, Cause):
        if (state, cause) in TRANSITIONS:
            continue
        with pytest.raises(ConflictError) as caught:
            follow(state, cause)
        assert caught.value.code == "wrong_state"
        assert CAUSES[cause].zh in caught.value.zh
