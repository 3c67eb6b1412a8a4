"""Whose timetable is whose: sign-in links that say so, and calendars of one's own."""

import time
from typing import Any

import aiohttp

from common.identity import AccessGrant
from tests.flow.scheduler_house import House, one_house

__all__ = ["one_house"]

WANG = AccessGrant(
    name="王老师", roles=["teacher"], teacher="dingyuan-music", school="dingyuan-centre"
)
ORDER = {"name": "王老师", "roles": ["teacher"], "teacher": "dingyuan-music"}


async def ask(
    house: House, key: str, method: str, path: str, body: object = None
) -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {key}"}
    url = house.server.make_url("/api/v1" + path)
    async with (
        aiohttp.ClientSession(headers=headers) as http,
        http.request(method, url, json=body) as answer,
    ):
        text = await answer.text()
        return answer.status, await answer.json(content_type=None) if text else None


def key_of(house: House, grant: AccessGrant) -> str:
    return house.signer.access(grant, 600, time.time())


async def test_a_sign_in_link_says_whose_timetable_is_theirs(one_house: House) -> None:
    made = await one_house.call("POST", "/access-keys", ORDER, status=201)
    assert made["path"] == f"/#key={made['key']}"
    assert made["expires_at"] > time.time()
    _, me = await ask(one_house, made["key"], "GET", "/me")
    assert me == {**ORDER, "school": None}


async def test_a_link_for_nobody_known_is_refused(one_house: House) -> None:
    for wrong in ({"teacher": "nobody"}, {"school": "nowhere"}):
        await one_house.call("POST", "/access-keys", {**ORDER, **wrong}, status=404)


async def test_no_link_makes_an_operator_and_only_operators_make_links(
    one_house: House,
) -> None:
    order = {**ORDER, "roles": ["teacher", "operator"]}
    refused = await one_house.call("POST", "/access-keys", order, status=403)
    assert refused["code"] == "operator_by_command_only"
    assert "tongke token" in refused["zh"]
    status, _ = await one_house.call_as("timetabler", "POST", "/access-keys", ORDER)
    assert status == 403


async def test_a_teacher_shares_and_revokes_the_own_calendar(one_house: House) -> None:
    wang = key_of(one_house, WANG)
    links = "/calendar-links"
    own = {"what": "teacher", "id": "dingyuan-music"}
    school = {"what": "school", "id": "dingyuan-centre"}
    for body in (own, school):
        status, made = await ask(one_house, wang, "POST", links, body)
        assert status == 201
        async with one_house.http.get(made["path"]) as answer:
            assert answer.content_type == "text/calendar"
    await one_house.call(
        "POST", links, {"what": "school", "id": "nianjiagang-huli"}, status=201
    )
    _, listed = await ask(one_house, wang, "GET", links)
    assert {link["target"] for link in listed} == {"dingyuan-music", "dingyuan-centre"}
    for link in listed:
        status, _ = await ask(one_house, wang, "DELETE", f"{links}/{link['id']}")
        assert status == 204


async def test_calendars_of_others_stay_closed_to_a_teacher(one_house: House) -> None:
    wang = key_of(one_house, WANG)
    body = {"what": "school", "id": "nianjiagang-huli"}
    status, refused = await ask(one_house, wang, "POST", "/calendar-links", body)
    assert (status, refused["code"]) == (403, "not_your_calendar")
    assert "排课员" in refused["zh"]
    made = await one_house.call("POST", "/calendar-links", body, status=201)
    status, _ = await ask(one_house, wang, "DELETE", f"/calendar-links/{made['id']}")
    assert status == 403
    nobody = AccessGrant(name="某人", roles=["teacher"])
    key = key_of(one_house, nobody)
    assert await ask(one_house, key, "GET", "/calendar-links") == (200, [])
