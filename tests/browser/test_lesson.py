"""One lesson: a teacher in Chromium, a teaching point in Chromium, one run by an agent.

The tests follow the lesson from its first minute into the library, in this order.
"""

import asyncio
import re
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Route, WebSocketRoute, expect

from scheduler.sample import DEMO_ROOMS
from tests.browser.school import SIZES, Person, School, moves
from tests.browser.test_pages import check_layout
from tests.support.guard import GUARD_S
from tongke.demo.classroom import Classroom

pytestmark = pytest.mark.asyncio(loop_scope="session")

LONG_S = 45.0
"""One per cent of it is longer than a hiccup of the machine at its start or end."""
BROWSER_ROOM, AGENT_ROOM, ABSENT_ROOM = DEMO_ROOMS


@dataclass
class Lesson:
    facts: dict[str, Any]
    teacher: Person
    room: Person
    """A teaching point whose camera and microphone are this browser's."""
    sockets: list[WebSocketRoute]
    """The room's connections to the SFU, the newest last."""
    said: list[str]
    """By the teacher's page to the SFU."""

    def name(self, site_room: str) -> str:
        rooms = self.facts["rooms"]
        return str(next(each["name"] for each in rooms if each["id"] == site_room))

    def was_paused(self) -> bool:
        """Did the page say so, not only stop sending? The SFU heeds silence too, but
        only after seconds of it."""
        paused = [text for text in self.said if '"set_paused"' in text]
        return '"paused":true' in paused[-1]

    def tile(self, site_room: str) -> str:
        return f'tk-tile:has(article[aria-label="{self.name(site_room)}"])'


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def lesson(school: School) -> AsyncIterator[Lesson]:
    """Everybody is there before the bell, as the timetable lets them."""
    facts = await school.new_lesson(starts_in_s=20, long_s=600)
    session = facts["session"]
    agent = Classroom(AGENT_ROOM, "agent", "room", school.folder, school.server)
    await agent.start()
    await school.until_state(session, "preparing", "ready", "live")
    room = await school.person("助教", "assistant")
    sockets = await watch_sockets(room)
    await room.go(f"/room?site_room={BROWSER_ROOM}&camera=1&hand=1")
    teacher = await school.person("王老师", "operator")
    said = await hear_page(teacher)
    await teacher.go("/")
    await teacher.page.locator("tk-today a.primary").first.click()
    await teacher.page.locator("#enter").wait_for()
    await teacher.picture("teach-door")
    await teacher.page.locator("#enter").click()
    await school.until_state(session, "live")
    yield Lesson(facts, teacher, room, sockets, said)
    await agent.stop()


async def hear_page(person: Person) -> list[str]:
    """What the page says to the SFU from now on."""
    said: list[str] = []

    def pass_on(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()

        def hear(message: str | bytes) -> None:
            said.append(str(message))
            server.send(message)

        socket.on_message(hear)

    await person.page.route_web_socket(re.compile("/sfu/v1/ws"), pass_on)
    return said


async def watch_sockets(person: Person) -> list[WebSocketRoute]:
    sockets: list[WebSocketRoute] = []

    def pass_on(socket: WebSocketRoute) -> None:
        socket.connect_to_server()
        sockets.append(socket)

    await person.page.route_web_socket(re.compile("/sfu/v1/ws"), pass_on)
    return sockets


async def test_teacher_and_rooms_see_each_other_move(lesson: Lesson) -> None:
    assert await moves(lesson.teacher, lesson.tile(BROWSER_ROOM))
    assert await moves(lesson.teacher, lesson.tile(AGENT_ROOM))
    assert await moves(lesson.room, 'tk-room figure[data-source="camera"]')
    await expect(lesson.teacher.page.locator(lesson.tile(ABSENT_ROOM))).to_contain_text(
        "还没到"
    )


async def test_the_console_can_be_read_and_touched_on_every_size(
    lesson: Lesson,
) -> None:
    for size in reversed(SIZES):
        await lesson.teacher.resize(size)
        await lesson.teacher.picture("teach")
        await check_layout(lesson.teacher)


async def test_a_room_hears_the_teacher(lesson: Lesson) -> None:
    assert await lesson.room.looks("hears()")


async def test_a_raised_hand_is_listed_and_called_on_stage(lesson: Lesson) -> None:
    name = lesson.name(BROWSER_ROOM)
    page = lesson.teacher.page
    await lesson.room.page.locator("tk-room .foot button").click()
    await expect(page.locator(".hands li")).to_contain_text(name)
    await expect(page.locator(".notice")).to_contain_text(name)
    await lesson.teacher.picture("teach-hand")
    await page.keyboard.press("h")
    await expect(page.locator(".hands li")).to_have_count(0)
    notice = lesson.room.page.locator("tk-room .notice")
    await expect(notice).to_contain_text("我们上台了")
    tile = page.locator(lesson.tile(BROWSER_ROOM))
    await expect(tile).to_contain_text("台上")
    await lesson.teacher.picture("teach-stage")
    await lesson.room.picture("room-on-stage")


async def test_the_others_see_who_is_on_stage(lesson: Lesson, school: School) -> None:
    screen = await school.person("教室", "assistant", size="full-hd")
    await screen.go(f"/room?site_room={AGENT_ROOM}")
    await expect(screen.page.locator("tk-room figure.on-stage")).to_contain_text(
        lesson.name(BROWSER_ROOM), timeout=15_000
    )
    assert await moves(screen, "tk-room figure.on-stage")
    await screen.picture("room-pair")
    assert await screen.looks("smallText(0.04)") == []
    tiles = lesson.teacher.page.locator("tk-tile")
    await expect(tiles).to_have_count(3)
    await screen.page.close()


async def test_a_shared_screen_becomes_the_main_picture(lesson: Lesson) -> None:
    await lesson.teacher.page.keyboard.press("s")
    key = lesson.teacher.page.locator("#screen")
    await expect(key).to_have_attribute("aria-pressed", "true")
    slides = 'tk-room figure:first-child[data-source="screen"]'
    await lesson.room.page.locator(slides).wait_for()
    assert await moves(lesson.room, slides)
    await lesson.room.picture("room-slides")
    await lesson.teacher.picture("teach-sharing")
    await lesson.teacher.page.keyboard.press("s")
    await lesson.room.page.locator(slides).wait_for(state="detached")
    assert lesson.was_paused()
    # Shared again, it comes back; the picture of before is not what is shown.
    await lesson.teacher.page.keyboard.press("s")
    await lesson.room.page.locator(slides).wait_for()
    assert await moves(lesson.room, slides)
    await lesson.teacher.page.keyboard.press("s")
    await lesson.room.page.locator(slides).wait_for(state="detached")


async def test_a_camera_that_is_switched_off_leaves_the_room_at_once(
    lesson: Lesson,
) -> None:
    face = 'tk-room figure[data-source="camera"]:not(.on-stage)'
    name = await lesson.room.page.locator(face).inner_text()
    await lesson.teacher.page.keyboard.press("c")
    teacher = lesson.room.page.locator(face, has_text=name)
    await teacher.wait_for(state="detached")
    assert lesson.was_paused()
    await lesson.teacher.page.keyboard.press("c")
    await teacher.wait_for()
    assert await moves(lesson.room, face)


async def test_all_rooms_are_muted_at_once(lesson: Lesson) -> None:
    page = lesson.teacher.page
    tile = page.locator(lesson.tile(AGENT_ROOM))
    await tile.get_by_text("开声音").click()
    await expect(tile).to_contain_text("声音已打开")
    await page.locator("#mute_all").click()
    await expect(tile).to_contain_text("静音")
    await expect(tile.get_by_text("开声音")).to_be_visible()


async def test_the_keys_are_listed_and_work_only_when_seen(lesson: Lesson) -> None:
    page = lesson.teacher.page
    await page.keyboard.press("?")
    await expect(page.locator("tk-help dialog")).to_be_visible()
    await lesson.teacher.picture("teach-keys")
    await page.keyboard.press("d")
    await page.keyboard.press("?")
    await expect(page.locator("tk-help dialog")).to_be_hidden()
    # `d` behind the list did nothing; now it does.
    tile = page.locator(lesson.tile(BROWSER_ROOM))
    await expect(tile).to_contain_text("台上")
    await page.keyboard.press("d")
    await expect(tile).not_to_contain_text("台上")


async def test_a_broken_line_is_said_and_mended_without_a_hand(lesson: Lesson) -> None:
    before = len(lesson.sockets)
    await lesson.sockets[-1].close()
    await expect(lesson.teacher.page.locator(lesson.tile(BROWSER_ROOM))).to_be_visible()
    async with asyncio.timeout(GUARD_S):
        while len(lesson.sockets) == before:
            await asyncio.sleep(0.05)
    assert await moves(lesson.room, 'tk-room figure[data-source="camera"]')
    assert await moves(lesson.teacher, lesson.tile(BROWSER_ROOM))


async def test_the_status_page_shows_the_lesson(lesson: Lesson, school: School) -> None:
    operator = await school.person("运维", "operator")
    await operator.go("/status")
    card = operator.page.locator("tk-status li", has_text=lesson.facts["title"]).first
    await expect(card).to_contain_text("上课中")
    rooms = operator.page.locator("tk-status ul").last
    await expect(rooms).to_contain_text(lesson.name(AGENT_ROOM))
    await operator.picture("status-live")
    await check_layout(operator)
    await operator.page.close()


FIRST_PICTURE = """
async (video) => {
  while (video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return { from: video.currentTime, to: video.duration };
}
"""


async def test_a_running_lesson_can_be_watched_from_its_beginning(
    lesson: Lesson, school: School
) -> None:
    late = await school.person("教研员", "observer")
    door = late.page.locator("tk-today a", has_text="从头看")
    await door.click()
    await expect(late.page.locator("tk-resource .facts")).to_contain_text("录制中")
    video = late.page.locator("tk-player video")
    where = await video.evaluate(FIRST_PICTURE)
    assert where["from"] < 2 < where["to"]
    await late.page.locator("tk-player #play").click()
    assert await plays(video)
    await late.picture("library-live")
    await check_layout(late)
    await late.page.locator("tk-player #newest").click()
    assert await video.evaluate("(video) => video.duration - video.currentTime < 12")
    assert await plays(video)
    await expect(late.page.locator("#download")).to_have_count(0)
    await late.page.close()


async def test_ending_asks_first_and_then_the_recording_plays(
    lesson: Lesson, school: School
) -> None:
    page = lesson.teacher.page
    await asyncio.sleep(max(0.0, lesson.facts["starts_at"] + LONG_S - time.time()))
    await page.locator("#end").click()
    dialog = page.locator("tk-confirm dialog")
    await expect(dialog).to_be_visible()
    await lesson.teacher.picture("teach-end")
    await dialog.get_by_text("继续上课").click()
    await expect(dialog).to_be_hidden()
    await page.locator("#end").click()
    await dialog.locator("#yes").click()
    await expect(page.locator(".door")).to_contain_text("这节课结束了")
    await lesson.teacher.picture("teach-over")
    await expect(lesson.room.page.locator("tk-room .idle")).to_be_visible()
    await lesson.room.picture("room-over")
    view = await school.until_state(lesson.facts["session"], "ended")
    await check_whole(school, view["resource"])
    librarian = await school.person("资源管理员", "librarian")
    await find_and_play(librarian, lesson.facts["title"])


async def check_whole(school: School, resource: str) -> None:
    """Nothing was lost, so nothing is called missing: what was muted, switched off
    or not shared was not expected."""
    async with asyncio.timeout(GUARD_S):
        while True:
            entry = await school.server.get(f"/library/v1/resources/{resource}")
            if entry["state"] == "ready":
                break
            await asyncio.sleep(0.2)
    gaps = await school.server.get(f"/library/v1/resources/{resource}/gaps")
    print(*entry["tracks"], *gaps, sep="\n")
    tracks = [each for each in entry["tracks"] if each["duration_s"] > 0]
    assert {each["source"] for each in tracks} == {"camera", "microphone", "screen"}
    for track in tracks:
        # One per cent of a screen shared for three seconds is less than a picture.
        assert track["lost_s"] <= max(0.01 * track["expected_s"], 0.5), track
    assert entry["completeness"] >= 0.99


async def test_a_librarian_corrects_an_entry_and_it_is_on_record(
    lesson: Lesson, school: School
) -> None:
    view = await school.until_state(lesson.facts["session"], "ended")
    path = f"/library?resource={view['resource']}"
    librarian = await school.person("资源管理员", "librarian")
    page = librarian.page
    await librarian.go(path)
    await page.locator("#correct").click()
    await page.locator("input[name=title]").fill("认识五线谱")
    await page.locator("input[name=week]").fill("7")
    for size in reversed(SIZES):
        await librarian.resize(size)
        await librarian.picture("library-correct")
        await check_layout(librarian)
    await page.locator("tk-correction button.primary").click()
    await expect(page.locator("tk-resource h1")).to_have_text("认识五线谱")
    record = page.locator("tk-correction li")
    await expect(record).to_have_count(2)
    await expect(record.filter(has_text="课题")).to_contain_text(
        f"{lesson.facts['title']} → 认识五线谱"
    )
    await expect(record.first).to_contain_text("资源管理员")
    await librarian.picture("library-corrected")
    await check_layout(librarian)
    assert librarian.complaints == []
    teacher = await school.person("王老师", "teacher")
    await teacher.go(path)
    await teacher.page.locator("#download").wait_for()
    await expect(teacher.page.locator("tk-correction")).to_have_count(0)
    await teacher.page.close()
    await page.close()


PLAYS = """
async (video) => {
  const end = performance.now() + 100_000;
  while (performance.now() < end) {
    const at = video.currentTime;
    const { totalVideoFrames: frames } = video.getVideoPlaybackQuality();
    await new Promise((resolve) => setTimeout(resolve, 500));
    const more = video.getVideoPlaybackQuality().totalVideoFrames - frames;
    const heard = video.webkitAudioDecodedByteCount > 0;
    if (video.currentTime > at && more > 3 && heard) return true;
  }
  return false;
}
"""


async def answer_late(route: Route) -> None:
    await asyncio.sleep(0.4)
    await route.continue_()


async def find_and_play(librarian: Person, title: str) -> None:
    page = librarian.page
    await librarian.go("/library")
    await page.locator("tk-library input[type=search]").fill(title[:2])
    await page.locator("tk-library .find button").click()
    newest = page.locator("tk-library .results a").first
    await expect(newest).to_contain_text(title)
    await librarian.picture("library-found")
    # Pressed before the recording has loaded, play must not be forgotten.
    await page.route("**/*.m3u8", answer_late)
    await newest.click()
    await page.locator("tk-player #play").click()
    video = page.locator("tk-player video")
    assert await plays(video)
    for size in reversed(SIZES):
        await librarian.resize(size)
        await librarian.picture("library-playing")
        await check_layout(librarian)
    choices = page.locator("tk-resource .choices button")
    await choices.filter(has_text="屏幕").click()
    await expect(choices.filter(has_text="屏幕")).to_have_attribute(
        "aria-pressed", "true"
    )
    assert await plays(video)
    async with page.expect_download() as download:
        await page.locator("#download").click()
    path = await (await download.value).path()
    assert path.read_bytes()[4:8] == b"ftyp"
    assert librarian.complaints == []


async def plays(video: Any) -> bool:  # noqa: ANN401 - a locator
    """Time and pictures go on by themselves, and there is sound in it."""
    return bool(await video.evaluate(PLAYS))
