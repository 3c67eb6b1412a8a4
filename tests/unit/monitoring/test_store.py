"""The truth of a lesson in a real database, on both engines."""

from collections.abc import AsyncIterator

import pytest

from common.db import Database
from monitoring.store import MonitoringStore
from tests.unit.monitoring.lesson import (
    BELL,
    SESSION,
    agent,
    facts,
    joined,
    left,
    prepared,
    report,
    reported,
    started,
)


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[MonitoringStore]:
    database = Database(database_url)
    store = MonitoringStore(database)
    await store.migrate()
    yield store
    await database.close()


async def test_a_seat_is_read_back_as_it_was_folded(store: MonitoringStore) -> None:
    measured = report(freezes=2, freeze_s=0.75, concealed=960, join_ms=812.5)
    [first] = await store.record(joined("lihe", BELL))
    [second] = await store.record(reported("lihe", BELL + 5, measured))
    assert first.before is None
    assert second.before == first.after
    assert await store.seats(SESSION) == [second.after]
    assert second.after.join_ms == 812.5
    assert second.after.audio_samples == 240_000


async def test_an_event_recorded_twice_changes_nothing(store: MonitoringStore) -> None:
    await store.record(joined("lihe", BELL))
    event = reported("lihe", BELL + 5)
    assert len(await store.record(event)) == 1
    rows = await store.seats(SESSION)
    assert await store.record(event) == []
    assert await store.record(joined("lihe", BELL)) == []
    assert await store.seats(SESSION) == rows


async def test_the_truth_survives_a_restart(database_url: str) -> None:
    for at in (BELL, BELL + 100):
        database = Database(database_url)
        store = MonitoringStore(database)
        await store.migrate()
        await store.record(joined("lihe", at, participant=f"par-{at}"))
        await store.record(left("lihe", at + 60, participant=f"par-{at}"))
        await database.close()
    database = Database(database_url)
    [row] = await MonitoringStore(database).seats(SESSION)
    await database.close()
    assert row.attended_s == pytest.approx(120)
    assert row.joins == 2


async def test_only_the_last_event_of_a_subject_is_remembered(
    store: MonitoringStore,
) -> None:
    await store.record(agent("lihe", "checking", BELL))
    await store.record(agent("lihe", "waiting", BELL + 9))
    await store.record(agent("lihe", "standby", BELL + 3))
    assert await store.known_since(BELL + 1000) == [agent("lihe", "waiting", BELL + 9)]


async def test_known_events_come_oldest_first_and_only_recent_sessions(
    store: MonitoringStore,
) -> None:
    await store.record(started(BELL))
    await store.record(prepared(BELL - 180))
    events = [event.type for event in await store.known_since(BELL - 1000)]
    assert events == ["session.prepare", "session.start"]
    assert await store.known_since(BELL + 1) == []
    assert len(await store.known(SESSION)) == 2


async def test_rooms_that_never_came_are_written_at_the_end(
    store: MonitoringStore,
) -> None:
    await store.record(joined("master", BELL))
    await store.record(joined("lihe", BELL))
    rows = await store.close_session(facts())
    assert {row.seat for row in rows} == {"room:master", "room:lihe", "room:sanguan"}
    again = await store.close_session(facts())
    assert {row.seat for row in again} == {row.seat for row in rows}
    assert len(await store.seats(SESSION)) == 3


async def test_old_sessions_are_pruned_and_agents_are_kept(
    store: MonitoringStore,
) -> None:
    await store.record(agent("lihe", "standby", BELL - 9e6))
    await store.record(joined("lihe", BELL))
    assert await store.prune(BELL - 1) == 0
    assert len(await store.seats(SESSION)) == 1
    assert await store.prune(BELL + 1) == 1
    assert await store.seats(SESSION) == []
    assert len(await store.known_since(BELL)) == 1


async def test_migrating_twice_is_harmless(store: MonitoringStore) -> None:
    await store.record(joined("lihe", BELL))
    await store.migrate()
    assert len(await store.seats(SESSION)) == 1
