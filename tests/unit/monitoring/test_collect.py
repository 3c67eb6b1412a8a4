"""Folding events: twice, late and in any order."""

from copy import deepcopy

from hypothesis import given
from hypothesis import strategies as st

from common.protocol.events import (
    BusEvent,
    HandChanged,
    RoomClosed,
    SessionEnd,
    StageChanged,
)
from monitoring.collect import Wall, session_of, subject
from tests.unit.monitoring.lesson import (
    BELL,
    SESSION,
    agent,
    ended,
    joined,
    left,
    prepared,
    recording,
    reported,
    started,
    state,
)

STORY: list[BusEvent] = [
    agent("sanguan", at=BELL - 300),
    prepared(),
    state("preparing", BELL - 180),
    agent("sanguan", "checking", BELL - 170),
    joined("master", BELL - 40),
    joined("sanguan", BELL - 30),
    state("ready", BELL - 30),
    started(BELL),
    state("live", BELL),
    started(BELL + 10),
    recording("recording", BELL + 1),
    reported("sanguan", BELL + 5),
    StageChanged(
        at=BELL + 60,
        session=SESSION,
        participant="par-sanguan",
        site_room="sanguan",
        on_stage=True,
        by="par-master",
    ),
    reported("sanguan", BELL + 65),
    left("sanguan", BELL + 100),
    joined("sanguan", BELL + 103, participant="par-again"),
    ended(),
    RoomClosed(at=BELL + 2401, session=SESSION, node="node-1"),
    state("ended", BELL + 2410),
    recording("finished", BELL + 2405),
]


def told(events: list[BusEvent]) -> Wall:
    wall = Wall()
    for event in events:
        wall.apply(event)
    return wall


def test_the_story_ends_with_everybody_out_and_the_lesson_over() -> None:
    wall = told(STORY)
    watched = wall.sessions[SESSION]
    assert watched.state == "ended"
    assert watched.recording is not None
    assert watched.recording.state == "finished"
    assert not any(seat.present for seat in watched.seats.values())
    assert wall.names["sanguan"] == "三官教学点"


@given(st.integers(0, len(STORY) - 1), st.integers(0, len(STORY)))
def test_an_event_told_again_at_any_later_time_changes_nothing(
    first: int, later: int
) -> None:
    upto = STORY[: max(first + 1, later)]
    wall = told(upto)
    before = deepcopy(wall)
    wall.apply(STORY[first])
    assert wall == before


def test_a_repeated_start_is_no_news() -> None:
    wall = told([prepared(), started(BELL)])
    assert not wall.apply(started(BELL + 10))
    assert not wall.apply(started(BELL + 20))


def test_a_late_start_does_not_wake_an_ended_session() -> None:
    wall = told([started(BELL), ended(BELL + 2400), state("ended", BELL + 2410)])
    assert not wall.apply(state("live", BELL + 2420))
    assert wall.sessions[SESSION].state == "ended"


def test_a_cancelled_session_is_cancelled_not_ending() -> None:
    wall = told([prepared()])
    wall.apply(SessionEnd(at=BELL, session=SESSION, reason="cancelled"))
    assert wall.sessions[SESSION].state == "cancelled"


def test_an_older_word_of_an_agent_does_not_replace_a_newer_one() -> None:
    wall = told([agent("sanguan", "waiting", BELL)])
    assert not wall.apply(agent("sanguan", "checking", BELL - 1))
    assert wall.agents["sanguan"].state == "waiting"


def test_since_stays_while_an_agent_repeats_its_state() -> None:
    wall = told(
        [agent("sanguan", "standby", BELL), agent("sanguan", "standby", BELL + 10)]
    )
    assert wall.agents["sanguan"].since == BELL
    assert wall.agents["sanguan"].at == BELL + 10


def test_a_report_proves_a_participant_whose_joining_was_not_heard() -> None:
    wall = told([started(BELL), reported("lihe", BELL + 5)])
    assert wall.sessions[SESSION].seats["par-lihe"].present


def test_a_report_read_after_the_leaving_does_not_bring_anyone_back() -> None:
    wall = told([joined("lihe", BELL), left("lihe", BELL + 9)])
    assert not wall.apply(reported("lihe", BELL + 8))
    assert not wall.sessions[SESSION].seats["par-lihe"].present


def test_who_leaves_is_no_longer_on_stage_and_has_no_hand_up() -> None:
    hand = HandChanged(
        at=BELL + 1,
        session=SESSION,
        participant="par-lihe",
        site_room="lihe",
        raised=True,
    )
    wall = told([joined("lihe", BELL), hand])
    assert wall.sessions[SESSION].seats["par-lihe"].hand_raised
    wall.apply(left("lihe", BELL + 2))
    assert not wall.sessions[SESSION].seats["par-lihe"].hand_raised


def test_the_last_event_of_each_subject_rebuilds_what_the_wall_shows() -> None:
    last: dict[str, BusEvent] = {}
    for event in STORY[:-4]:
        last[subject(event)] = event
    rebuilt = told(sorted(last.values(), key=lambda event: event.at))
    whole = told(STORY[:-4])
    assert rebuilt.sessions[SESSION].state == whole.sessions[SESSION].state == "live"
    assert {k: s.present for k, s in rebuilt.sessions[SESSION].seats.items()} == {
        k: s.present for k, s in whole.sessions[SESSION].seats.items()
    }
    assert rebuilt.agents.keys() == whole.agents.keys()


def test_every_event_but_an_agents_belongs_to_a_session() -> None:
    for event in STORY:
        expected = None if event.type == "agent.state" else SESSION
        assert session_of(event) == expected


def test_sessions_over_for_long_are_forgotten_and_running_ones_are_not() -> None:
    wall = told(STORY)
    wall.forget(BELL + 2400)
    assert SESSION in wall.sessions
    wall.forget(BELL + 3000)
    assert SESSION not in wall.sessions
    running = told([started(BELL)])
    running.forget(BELL + 100)
    assert SESSION in running.sessions
