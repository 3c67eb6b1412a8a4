"""The solver at work over HTTP: its answer, its stop, its death, and our own."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import psutil

from common.bus import Bus
from common.db import Database
from scheduler.edition.job_store import JobStore
from scheduler.edition.jobs import Job, JobId
from scheduler.edition.values import EditionId
from scheduler.solver.check import violations
from tests.flow.edition_house import (
    Json,
    Office,
    large_office,
    office,
    one_office,
    placements_of,
    placing,
)
from tests.flow.scheduler_house import close_house, open_house
from tests.support.guard import GUARD_S

__all__ = ["large_office", "office", "one_office"]

LONG_S = 600.0


async def until_placed(stream: AsyncIterator[Json]) -> Json:
    """The first thing told once every lesson has a place."""
    async with asyncio.timeout(GUARD_S):
        async for view in stream:
            progress = view["progress"]
            if progress and progress["cost"] is not None and not progress["unplaced"]:
                return view
    raise AssertionError("the stream ended before every lesson had a place")


def worker() -> psutil.Process:
    """The child that solves."""
    (found,) = (
        child
        for child in psutil.Process().children()
        if "scheduler.edition.worker" in child.cmdline()
    )
    return found


async def until_best_is_stored(office: Office, job: str) -> None:
    """What a kill may not take: the row of the job holds a timetable."""
    database = Database(office.house.config.database_url)
    try:
        async with asyncio.timeout(GUARD_S):
            while not (await JobStore(database).get(JobId(job))).best:
                await asyncio.sleep(0.1)
    finally:
        await database.close()


async def test_the_solver_fills_a_draft_as_one_change(office: Office) -> None:
    edition = await office.edition()
    first, second, *_ = sorted(office.made.hidden)
    mine = placing(first)
    lock = {**placing(second), "kind": "lock"}
    await office.change(edition, mine, placing(second), lock)
    job = await office.solve(edition, seconds=2, keep="placed_by_person")
    again = await office.call(
        "POST", f"/editions/{edition['id']}/solve", {"seconds": 2}, status=409
    )
    assert again["code"] == "job_running"
    told = [view async for view in office.told(job["id"])]
    assert told[0]["state"] in ("queued", "running")
    last = told[-1]
    assert (last["state"], last["answer"]) == ("done", "taken")
    assert last["progress"]["unplaced"] == 0
    assert ("optimal" in last["en"]) == (last["outcome"] == "optimal")
    assert (last["outcome"] == "optimal") == last["progress"]["proven"]
    board = await office.board(edition["id"])
    assert violations(office.problem, placements_of(board)) == []
    assert {first, second} <= placements_of(board)
    origins = {p["origin"] for p in board["placements"]}
    assert origins == {"person", "solver"}
    assert board["undo_zh"].startswith("求解：排入 22 节")
    body = {"revision": board["revision"]}
    await office.call("POST", f"/editions/{edition['id']}/undo", body)
    before = await office.board(edition["id"])
    assert placements_of(before) == {first, second}


async def test_a_stopped_search_keeps_its_best(large_office: Office) -> None:
    edition = await large_office.edition()
    job = await large_office.solve(edition, seconds=LONG_S)
    await until_placed(large_office.told(job["id"]))
    child = worker()
    assert child.nice() >= 10
    await large_office.call("POST", f"/jobs/{job['id']}/stop")
    last = await large_office.ended(job["id"])
    assert (last["state"], last["answer"]) == ("stopped", "taken")
    board = await large_office.board(edition["id"])
    assert violations(large_office.problem, placements_of(board)) == []


async def test_a_draft_changed_meanwhile_is_offered_the_answer(
    large_office: Office,
) -> None:
    edition = await large_office.edition()
    job = await large_office.solve(edition, seconds=LONG_S)
    await until_placed(large_office.told(job["id"]))
    place = placing(min(large_office.made.hidden))
    await large_office.change(edition, place, {**place, "kind": "lock"})
    await large_office.call("POST", f"/jobs/{job['id']}/stop")
    last = await large_office.ended(job["id"])
    assert (last["state"], last["answer"]) == ("stopped", "offered")
    untouched = await large_office.board(edition["id"])
    assert placements_of(untouched) == {min(large_office.made.hidden)}
    taken = await large_office.call("POST", f"/jobs/{job['id']}/take")
    assert taken["revision"] == edition["revision"] + 1
    board = await large_office.board(edition["id"])
    assert min(large_office.made.hidden) in placements_of(board)
    twice = await large_office.call("POST", f"/jobs/{job['id']}/take", status=409)
    assert twice["code"] == "nothing_offered"


async def test_a_draft_published_meanwhile_takes_no_answer(
    large_office: Office,
) -> None:
    edition = await large_office.filled()
    job = await large_office.solve(edition, seconds=LONG_S)
    await until_placed(large_office.told(job["id"]))
    await large_office.publish(edition)
    await large_office.call("POST", f"/jobs/{job['id']}/stop")
    last = await large_office.ended(job["id"])
    assert (last["state"], last["answer"]) == ("failed", "")
    assert "已删除或发布" in last["zh"]
    board = await large_office.board(edition["id"])
    assert placements_of(board) == large_office.made.hidden


async def test_a_killed_worker_is_told_and_its_best_is_kept(
    large_office: Office,
) -> None:
    edition = await large_office.edition()
    job = await large_office.solve(edition, seconds=LONG_S)
    await until_best_is_stored(large_office, job["id"])
    os.kill(worker().pid, signal.SIGKILL)
    async with asyncio.timeout(GUARD_S):
        last = await large_office.ended(job["id"])
    assert (last["state"], last["answer"]) == ("failed", "offered")
    assert "意外结束" in last["zh"]
    await large_office.call("POST", f"/jobs/{job['id']}/take")
    board = await large_office.board(edition["id"])
    assert board["unplaced"] == []
    assert violations(large_office.problem, placements_of(board)) == []


async def test_a_restart_interrupts_what_was_running(
    large_office: Office, bus: Bus
) -> None:
    edition = await large_office.edition()
    job = await large_office.solve(edition, seconds=LONG_S)
    await until_best_is_stored(large_office, job["id"])
    child = worker()
    house = large_office.house
    await close_house(house)
    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE
    large_office.house = await open_house(house.config, bus)
    view = await large_office.call("GET", f"/jobs/{job['id']}")
    assert (view["state"], view["answer"]) == ("interrupted", "offered")
    shown = await large_office.call("GET", f"/editions/{edition['id']}")
    assert shown["job"] is None
    last = await large_office.ended(job["id"])
    assert last["state"] == "interrupted"
    await close_house(large_office.house)
    large_office.house = await open_house(house.config, bus)


async def test_a_job_whose_server_was_killed_is_given_up(one_office: Office) -> None:
    """Its row still says that it runs, but nobody has said so for a minute."""
    edition = await one_office.edition()
    now = datetime.now(UTC)
    lost = Job(
        id=JobId("job-lost"),
        edition=EditionId(edition["id"]),
        kind="solve",
        revision=1,
        state="running",
        seconds=LONG_S,
        keep="locked",
        asked_by="排课员",
        asked_at=now - timedelta(minutes=5),
        seen_at=now - timedelta(minutes=1),
        best=[[p.stream, p.weekday, p.start] for p in one_office.made.hidden],
    )
    database = Database(one_office.house.config.database_url)
    await JobStore(database).add(lost)
    await database.close()
    async with asyncio.timeout(GUARD_S):
        last = await one_office.ended("job-lost")
    assert (last["state"], last["answer"]) == ("interrupted", "offered")
    await one_office.call("POST", "/jobs/job-lost/take")
    board = await one_office.board(edition["id"])
    assert placements_of(board) == one_office.made.hidden


async def test_jobs_of_two_drafts_wait_for_each_other(large_office: Office) -> None:
    first, second = await large_office.edition(), await large_office.edition()
    running = await large_office.solve(first, seconds=LONG_S)
    waiting = await large_office.solve(second, seconds=LONG_S)
    assert (waiting["state"], waiting["ahead"]) == ("queued", 1)
    assert "前面还有 1 个任务" in waiting["zh"]
    path = f"/editions/{first['id']}"
    refused = await large_office.call("DELETE", path, status=409)
    assert refused["code"] == "job_running"
    gone = await large_office.call("POST", f"/jobs/{waiting['id']}/stop")
    assert (gone["state"], gone["answer"]) == ("stopped", "")
    await large_office.call("POST", f"/jobs/{running['id']}/stop")
    assert (await large_office.ended(running["id"]))["state"] == "stopped"


async def test_wishes_that_cannot_be_are_explained_in_sentences(
    one_office: Office,
) -> None:
    edition = await one_office.edition()
    stream = one_office.problem.streams[0]
    day = {
        "id": "away",
        "title": "外出培训",
        "teacher": stream.teacher,
        "weekdays": [1, 2, 3, 4, 5],
    }
    await one_office.call("PUT", "/closed-times", day)
    path = f"/editions/{edition['id']}/explain"
    job = await one_office.call("POST", path, {"seconds": 20}, status=202)
    last = await one_office.ended(job["id"])
    assert last["state"] == "done"
    assert 1 <= len(last["rules"]) <= 10
    assert any("外出培训" in rule["zh"] for rule in last["rules"])
    assert f"这 {len(last['rules'])} 条规则不能同时满足" in last["zh"]
