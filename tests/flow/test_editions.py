"""Drafts of the weekly timetable over HTTP: changed, undone, refused, shown."""

import pytest

from scheduler.solver.check import violations
from tests.flow.edition_house import (
    Office,
    office,
    one_office,
    placements_of,
    placing,
)
from tests.support.synthetic_world import TERM

__all__ = ["office", "one_office"]


async def test_a_draft_is_filled_undone_and_done_again(office: Office) -> None:
    edition = await office.edition(name="我的草稿")
    empty = await office.board(edition["id"])
    assert empty["editable"]
    assert (empty["placements"], empty["can_undo"]) == ([], False)
    missing = {u["course"]: u["missing"] for u in empty["unplaced"]}
    assert missing == {s.id: 2 for s in office.problem.streams}
    hidden = sorted(office.made.hidden)
    for placement in hidden[:3]:
        await office.change(edition, placing(placement))
    board = await office.board(edition["id"])
    assert placements_of(board) == frozenset(hidden[:3])
    assert all(p["origin"] == "person" for p in board["placements"])
    assert board["undo_zh"].startswith("排入")
    path = f"/editions/{edition['id']}"
    for left in (2, 1, 0):
        body = {"revision": edition["revision"]}
        undone = await office.call("POST", f"{path}/undo", body)
        edition["revision"] = undone["revision"]
        assert undone["can_undo"] is (left > 0)
    assert (await office.board(edition["id"]))["placements"] == []
    body = {"revision": edition["revision"]}
    again = await office.call("POST", f"{path}/redo", body)
    edition["revision"] = again["revision"]
    assert [p["course"] for p in again["placed"]] == [hidden[0].stream]
    # A new change forgets what could be done again.
    await office.change(edition, placing(hidden[4]))
    body = {"revision": edition["revision"]}
    nothing = await office.call("POST", f"{path}/redo", body, status=409)
    assert nothing["code"] == "nothing_to_redo"
    history = await office.call("GET", f"{path}/history")
    assert [(h["done"], h["by"]) for h in history] == [(True, "运维")] * 2


async def test_the_board_shows_everything_of_the_week(one_office: Office) -> None:
    edition = await one_office.filled()
    board = await one_office.board(edition["id"])
    problem = one_office.problem
    assert placements_of(board) == one_office.made.hidden
    assert violations(problem, placements_of(board)) == []
    assert board["problems"] == []
    assert {c["id"] for c in board["courses"]} == set(problem.stream_by_id)
    assert {s["id"] for s in board["schools"]} == set(problem.site_by_id)
    assert len(board["busy"]) == len(problem.busy)
    bells = board["schools"][0]["bells"]["1"]
    assert [b["title"] for b in bells][:2] == ["第1节", "第2节"]
    assert board["cost"]["total"] == sum(
        points for rule, points in board["cost"].items() if rule != "total"
    )
    other = await one_office.call("GET", f"/editions/{edition['id']}/board?week=15")
    assert (other["week"], other["editable"]) == (15, False)


async def test_who_is_in_the_way_is_shown_refused_and_forced(
    one_office: Office,
) -> None:
    edition = await one_office.filled()
    board = await one_office.board(edition["id"])
    lesson = board["placements"][0]
    query = "&".join(f"{k}={lesson[k]}" for k in ("course", "weekday", "start"))
    path = f"/editions/{edition['id']}"
    answer = await one_office.call("GET", f"{path}/why-not?{query}")
    cells = answer["cells"]
    assert [c["mine"] for c in cells].count(True) >= 1
    taken = next(c for c in cells if any(b["kind"] == "lesson" for b in c["blockers"]))
    move = {
        "kind": "move",
        "course": lesson["course"],
        "weekday": lesson["weekday"],
        "start": lesson["start"],
        "to_weekday": taken["weekday"],
        "to_start": taken["start"],
    }
    refused = await one_office.change(edition, move, status=409)
    assert (refused["code"], refused["change"]) == ("blocked", 0)
    assert refused["blockers"] == taken["blockers"]
    forced = await one_office.change(edition, {**move, "force": True})
    assert "resource" in {p["kind"] for p in forced["problems"]}
    assert all(p["zh"] and p["en"] and p["lessons"] for p in forced["problems"])
    broken = await one_office.publish(edition, status=409)
    assert broken["code"] == "edition_broken"
    assert len(broken["problems"]) == len(forced["problems"])
    check = await one_office.call("GET", f"{path}/check")
    assert (check["publishable"], check["problems"]) == (False, broken["problems"])


async def test_two_people_do_not_overwrite_each_other(office: Office) -> None:
    edition = await office.edition()
    stale = dict(edition)
    first, second = sorted(office.made.hidden)[:2]
    await office.change(edition, placing(first))
    refused = await office.change(stale, placing(second), status=409)
    assert refused["code"] == "edition_changed"
    assert refused["revision"] == edition["revision"]
    assert placements_of(await office.board(edition["id"])) == {first}


async def test_a_locked_lesson_stays_until_it_is_unlocked(one_office: Office) -> None:
    edition = await one_office.edition()
    place = placing(min(one_office.made.hidden))
    await one_office.change(edition, place, {**place, "kind": "lock"})
    refused = await one_office.change(edition, {**place, "kind": "remove"}, status=409)
    assert refused["code"] == "locked"
    gone = await one_office.change(
        edition, {**place, "kind": "unlock"}, {**place, "kind": "remove"}
    )
    assert [p["course"] for p in gone["gone"]] == [place["course"]]


async def test_copies_begin_where_their_model_stands(one_office: Office) -> None:
    edition = await one_office.filled(name="甲")
    copy = await one_office.edition(copy_of=edition["id"])
    moved = await one_office.board(copy["id"])
    assert placements_of(moved) == one_office.made.hidden
    lesson = {k: moved["placements"][0][k] for k in ("course", "weekday", "start")}
    await one_office.change(copy, {"kind": "remove", **lesson})
    path = f"/editions/{copy['id']}/compare?with={edition['id']}"
    found = await one_office.call("GET", path)
    assert (found["moved"], found["added"]) == ([], [])
    assert [d["before"] for d in found["removed"]] == [lesson]
    stream = one_office.problem.stream_by_id[lesson["course"]]
    concerned = {(c["kind"], c["id"]) for c in found["concerns"]}
    assert ("teacher", stream.teacher) in concerned
    assert ("room", stream.receivers[0].room) in concerned
    unknown = f"/editions/{copy['id']}/compare?with=edn-none"
    answer = await one_office.call("GET", unknown, status=404)
    assert answer["code"] == "no_such_edition"


async def test_editions_are_listed_renamed_and_deleted(one_office: Office) -> None:
    edition = await one_office.edition(name="一稿")
    path = f"/editions/{edition['id']}"
    renamed = await one_office.call("PATCH", path, {"name": "二稿"})
    assert renamed["name"] == "二稿"
    (listed,) = await one_office.call("GET", f"/terms/{TERM.id}/editions")
    assert listed == renamed
    await one_office.call("DELETE", path, status=204)
    assert await one_office.call("GET", f"/terms/{TERM.id}/editions") == []
    gone = await one_office.call("GET", path, status=404)
    assert gone["code"] == "no_such_edition"


@pytest.mark.parametrize(
    ("method", "path", "body", "code"),
    [
        ("POST", "/terms/none/editions", {}, "no_such_term"),
        ("POST", "/terms/2026-autumn/editions", {"copy_of": "x"}, "no_such_edition"),
        ("POST", "/terms/2026-autumn/editions", {"week": 99}, "bad_body"),
        ("POST", "/terms/2026-autumn/editions", {"week": 40}, "no_such_week"),
        ("GET", "/editions/{id}/board?week=40", None, "no_such_week"),
        ("GET", "/editions/{id}/board?week=0", None, "bad_query"),
        ("GET", "/editions/{id}/why-not?course=none", None, "no_such_course"),
        ("GET", "/editions/{id}/why-not?course=x&weekday=1", None, "bad_query"),
        ("GET", "/editions/{id}/why-not", None, "bad_query"),
        ("POST", "/editions/{id}/changes", {"revision": 1, "changes": []}, "bad_body"),
        ("POST", "/editions/{id}/undo", {"revision": 1}, "nothing_to_undo"),
        ("POST", "/editions/{id}/undo", {"revision": 7}, "edition_changed"),
        ("POST", "/editions/{id}/solve", {"seconds": 0}, "bad_body"),
        ("POST", "/editions/{id}/solve", {"keep": "nothing"}, "bad_body"),
        ("GET", "/jobs/none", None, "no_such_job"),
        ("GET", "/jobs/%00", None, "no_such_path"),
        ("GET", "/editions/%00", None, "no_such_path"),
        ("GET", "/jobs/none/stream", None, "no_such_job"),
        ("POST", "/jobs/none/take", None, "no_such_job"),
        (
            "POST",
            "/editions/{id}/publish",
            {"revision": 1, "from_day": "2026-09-01", "accept_unplaced": True},
            "bad_from_day",
        ),
        ("POST", "/editions/{id}/publish", {"revision": 1}, "lessons_unplaced"),
        ("GET", "/notices", None, "bad_query"),
        ("GET", "/notices?teacher=a&school=b", None, "bad_query"),
    ],
)
async def test_what_makes_no_sense_is_a_problem_with_a_code(
    one_office: Office, method: str, path: str, body: object, code: str
) -> None:
    edition = await one_office.edition()
    url = "/api/v1" + path.format(id=edition["id"])
    async with one_office.house.http.request(method, url, json=body) as answer:
        assert 400 <= answer.status < 500
        problem = await answer.json(content_type=None)
    assert problem["code"] == code
    assert problem["zh"]


async def test_only_those_who_make_the_timetable_change_it(one_office: Office) -> None:
    edition = await one_office.edition()
    path = f"/editions/{edition['id']}"
    house = one_office.house
    for verb, url in (
        ("POST", f"/terms/{TERM.id}/editions"),
        ("POST", f"{path}/changes"),
        ("POST", f"{path}/solve"),
        ("POST", f"{path}/publish"),
        ("DELETE", path),
    ):
        status, _ = await house.call_as("teacher", verb, url, {})
        assert status == 403
    status, board = await house.call_as("teacher", "GET", f"{path}/board")
    assert (status, board["revision"]) == (200, 1)
