"""A room's idle screen tells of lessons that were changed for some days."""

from datetime import timedelta
from typing import Any

import pytest
from playwright.async_api import expect

from tests.browser.school import School
from tests.support.today import ZONE, today

pytestmark = pytest.mark.asyncio(loop_scope="session")

API = "/api/v1"
ROOM = "hill-point-room"


def rows() -> list[tuple[str, dict[str, Any]]]:
    """A district of its own, with a term around today, whatever today is."""
    monday = today() - timedelta(days=today().weekday())
    last = monday + timedelta(days=100)
    days = {"week_1": str(monday), "first_day": str(monday), "last_day": str(last)}
    course = {
        "id": "hill-music",
        "term": "hill-term",
        "stage": "小学",
        "subject": "音乐",
        "grade": "三年级",
        "teacher": "hill-zhao",
        "master_room": "hill-hall",
    }
    hill, point = {"school": "hill"}, {"school": "hill-point"}
    return [
        ("districts", {"id": "hills", "name": "山区", "zone": ZONE}),
        ("schools", _named("hill", "山前中心校", district="hills", kind="centre")),
        ("schools", _named("hill-point", "山后教学点", district="hills")),
        ("site-rooms", _named("hill-hall", "山前主讲教室", **hill, kind="master")),
        ("site-rooms", _named(ROOM, "山后教室", **point)),
        ("teachers", _named("hill-zhao", "赵老师", **hill)),
        ("class-groups", _named("hill-class", "全校班", **point)),
        ("terms", _named("hill-term", "这个学期", district="hills", **days)),
        ("courses", course),
        (
            "course-rooms",
            {
                "course": "hill-music",
                "site_room": ROOM,
                "class_group": "hill-class",
            },
        ),
    ]


def _named(id: str, name: str, **more: str) -> dict[str, Any]:
    return {"id": id, "name": name, **more}


@pytest.mark.parametrize(("lang", "title"), [("zh", "近日调课"), ("en", "Changed")])
async def test_a_repair_is_read_on_the_screens_of_its_rooms(
    school: School, lang: str, title: str
) -> None:
    server = school.server
    for path, row in rows():
        await server.put(f"{API}/{path}", row)
    day = today() + timedelta(days=14 if lang == "zh" else 28)
    body = {
        "course": "hill-music",
        "day": day.isoformat(),
        "start": "18:00",
        "end": "18:40",
    }
    lesson = await server.post(f"{API}/lessons", body)
    away = {
        "what": "teacher",
        "id": "hill-zhao",
        "first_day": (day - timedelta(days=7)).isoformat(),
        "last_day": (day + timedelta(days=7)).isoformat(),
    }
    proposal = await server.post(f"{API}/terms/hill-term/repairs", away)
    assert [each["lesson"] for each in proposal["stuck"]] == [lesson["lesson"]]
    choices = [{"lesson": lesson["lesson"], "kind": "cancel"}]
    await server.post(f"{API}/repairs/{proposal['id']}/agree", {"choices": choices})
    person = await school.person("助教", "assistant", lang=lang)
    await person.go(f"/room?site_room={ROOM}")
    changes = person.page.locator("tk-room .idle .changes")
    await expect(changes).to_contain_text(title)
    await expect(changes).to_contain_text(lesson["title"])
    await person.picture("room-changes")
    assert await person.looks("sideways()") <= 0
    assert await person.looks("clipped()") == []
    assert await person.looks("faintText()") == []
