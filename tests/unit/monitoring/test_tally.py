"""The truth of one seat: counted once, over reconnects and repeated events."""

import pytest

from common.protocol.events import BusEvent, RoomClosed
from monitoring.tally import SeatTally, fold, never_came
from tests.unit.monitoring.lesson import (
    BELL,
    SESSION,
    facts,
    joined,
    left,
    report,
    reported,
)


def told(*events: BusEvent) -> dict[str, SeatTally]:
    rows: dict[str, SeatTally] = {}
    for event in events:
        rows.update({row.seat: row for row in fold(rows, event)})
    return rows


def test_a_seat_sums_its_minutes_over_a_reconnect() -> None:
    row = told(
        joined("lihe", BELL),
        left("lihe", BELL + 60),
        joined("lihe", BELL + 65, participant="par-again"),
        left("lihe", BELL + 125, participant="par-again"),
    )["room:lihe"]
    assert row.attended_s == pytest.approx(120)
    assert (row.joins, row.reconnects) == (2, 1)
    assert row.joined_at is None


def test_an_open_attendance_counts_up_to_now() -> None:
    row = told(joined("lihe", BELL))["room:lihe"]
    assert row.attended_until(BELL + 30) == pytest.approx(30)


def test_who_comes_back_before_the_old_end_is_noticed_counts_once() -> None:
    row = told(
        joined("lihe", BELL),
        joined("lihe", BELL + 50, participant="par-again"),
        left("lihe", BELL + 65, reason="replaced"),
        left("lihe", BELL + 90, participant="par-again"),
    )["room:lihe"]
    assert row.attended_s == pytest.approx(90)
    assert row.joins == 2


def test_every_event_told_twice_counts_once() -> None:
    events: list[BusEvent] = [
        joined("lihe", BELL),
        reported("lihe", BELL + 5, report(freezes=1, freeze_s=0.4, concealed=480)),
        left("lihe", BELL + 60),
        joined("lihe", BELL + 65, participant="par-again"),
        reported("lihe", BELL + 70, participant="par-again"),
    ]
    twice = [event for event in events for _ in range(2)]
    assert told(*twice) == told(*events)
    assert told(*events, *events) == told(*events)


def test_reports_add_up() -> None:
    row = told(
        reported("lihe", BELL + 5, report(freezes=1, freeze_s=0.5, concealed=2_400)),
        reported("lihe", BELL + 10, report(), degraded="别的画面已收起"),
    )["room:lihe"]
    assert (row.freezes, row.freeze_s) == (1, 0.5)
    assert row.concealed_ratio == pytest.approx(2_400 / 480_000)
    assert row.reported_s == 10
    assert row.degraded_s == 5
    assert row.mean_score == pytest.approx((20 + 99.5) / 2)
    assert row.worst_score == 20


def test_the_worst_score_stays_worst_even_when_it_is_zero() -> None:
    row = told(
        reported("lihe", BELL + 5, report(frames=0, samples=0)),
        reported("lihe", BELL + 10),
    )["room:lihe"]
    assert row.worst_score == 0


def test_a_room_started_when_it_first_saw_and_heard() -> None:
    row = told(
        joined("lihe", BELL - 30),
        reported("lihe", BELL - 5, report(frames=0)),
        reported("lihe", BELL + 5),
        reported("lihe", BELL + 10),
    )["room:lihe"]
    assert row.started_at == BELL + 5
    assert row.outcome(BELL) == "ok"
    assert row.outcome(BELL - 56) == "late"


def test_the_master_started_when_it_joined() -> None:
    row = told(joined("master", BELL + 30))["room:master"]
    assert row.outcome(BELL) == "ok"


def test_a_closed_room_closes_every_seat() -> None:
    rows = told(
        joined("lihe", BELL),
        joined("master", BELL),
        RoomClosed(at=BELL + 100, session=SESSION, node="node-1"),
    )
    assert [row.attended_s for row in rows.values()] == [100, 100]


def test_a_console_beside_a_room_has_a_seat_of_its_own() -> None:
    rows = told(
        joined("master", BELL),
        joined("master", BELL, participant="par-tea", role="assistant"),
    )
    assert set(rows) == {"room:master", "par-tea"}


def test_booked_rooms_that_never_came_get_a_row_that_failed() -> None:
    rows = told(joined("master", BELL), joined("lihe", BELL))
    [absent] = never_came(facts(), rows)
    assert absent.seat == "room:sanguan"
    assert absent.name == "三官教学点"
    assert absent.outcome(BELL) == "failed"
