"""Files in the browser: what is wrong, what is odd, what is new; class boards."""

import asyncio

import pytest
from playwright.async_api import Download, FilePayload, expect

from tests.browser.school import Person, School
from tests.browser.test_pages import check_layout
from tests.browser.timetabler import TERM

pytestmark = pytest.mark.asyncio(loop_scope="session")

MANY = 3_000
LESSON = """version: 1
subjects:
  - name: 书法
schedules:
  - name: 周六
    enable_day: 6
    weeks: all
    classes:
      - subject: 书法
        start_time: "08:00:00"
        end_time: "08:40:00"
"""


def table(name: str, *lines: str) -> FilePayload:
    text = "\n".join(lines)
    return {"name": name, "mimeType": "text/csv", "buffer": text.encode()}


def ways(minutes: int) -> FilePayload:
    """A way that takes longer back than there."""
    there = "dingyuan-centre,nianjiagang-huli,20"
    back = f"nianjiagang-huli,dingyuan-centre,{minutes}"
    return table("路程.csv", "起点,终点,分钟", there, back)


async def read(download: Download) -> bytes:
    path = await download.path()
    return await asyncio.to_thread(path.read_bytes)


async def desk(school: School, size: str = "hd", lang: str = "zh") -> Person:
    person = await school.person("周老师", "timetabler", size=size, lang=lang)
    await person.go(f"/timetable?tab=files&term={TERM}")
    await person.page.locator("tk-class-boards #upload-board").wait_for(
        state="attached"
    )
    return person


@pytest.mark.parametrize(("size", "lang"), [("hd", "zh"), ("phone", "en")])
async def test_of_thousands_of_faults_fifty_are_shown_and_all_can_be_taken_along(
    school: School, size: str, lang: str
) -> None:
    person = await desk(school, size, lang)
    bad = table("教师.csv", "编号,学校,姓名", *(f"t {n},x,张" for n in range(MANY)))
    await person.page.locator("#upload-organisation").set_input_files(bad)
    faults = person.page.locator("#faults tbody tr")
    await expect(faults).to_have_count(50)
    await expect(faults.first).to_contain_text("t 0")
    await expect(person.page.locator(".more")).to_contain_text(str(MANY - 50))
    await check_layout(person)
    await person.picture("timetable-files-faults")
    async with person.page.expect_download() as wanted:
        await person.page.locator(".take").click()
    lines = (await read(await wanted.value)).decode("utf-8-sig").splitlines()
    assert len(lines) == MANY + 1
    assert lines[MANY].startswith(f'"教师.csv","","{MANY + 1}"')


@pytest.mark.parametrize(("size", "lang"), [("hd", "zh"), ("phone", "en")])
async def test_what_is_odd_is_shown_with_its_place_before_anything_is_written(
    school: School, size: str, lang: str
) -> None:
    person = await desk(school, size, lang)
    box = person.page.locator("#upload-organisation")
    await box.set_input_files(ways(55))
    odd = person.page.locator("#warnings tbody tr")
    await expect(odd).to_have_count(1)
    for text in ("路程.csv", "55"):
        await expect(odd).to_contain_text(text)
    sums = person.page.locator("#sums strong")
    await expect(sums).to_have_text(["2", "0", "0"])
    await expect(person.page.locator("#report")).to_be_in_viewport()
    await check_layout(person)
    await person.picture("timetable-files-odd")
    found = await school.server.get("/api/v1/travels")
    assert [row for row in found if row["minutes"] == 55] == []


async def test_a_file_without_news_has_nothing_to_agree_to(school: School) -> None:
    person = await desk(school)
    (teacher, *_) = await school.server.get("/api/v1/teachers")
    row = f"{teacher['id']},{teacher['school']},{teacher['name']}"
    same = table("教师.csv", "编号,学校,姓名", row)
    await person.page.locator("#upload-organisation").set_input_files(same)
    await expect(person.page.locator("#report")).to_contain_text("没有要写入的")
    await expect(person.page.locator("#write")).to_have_count(0)
    await expect(person.page.locator("#sums strong")).to_have_text(["0", "0", "1"])


async def test_a_board_s_file_is_checked_first_and_becomes_local_lessons(
    school: School,
) -> None:
    person = await desk(school)
    card = person.page.locator("tk-class-boards")
    await card.locator("tk-who input").fill("三（1）班")
    await card.locator("tk-who input").press("Enter")
    file: FilePayload = {
        "name": "三1班.yaml",
        "mimeType": "text/yaml",
        "buffer": LESSON.encode(),
    }

    async def saturdays() -> list[str]:
        rows = await school.server.get("/api/v1/local-lessons")
        return [row["title"] for row in rows if row["title"] == "书法"]

    await card.locator("#upload-board").set_input_files(file)
    await expect(card.locator("#sums strong")).to_have_text(["1", "0", "0", "0"])
    await check_layout(person)
    await person.picture("timetable-board")
    assert await saturdays() == []
    await card.locator("#write").click()
    await expect(card.locator("#report")).to_contain_text("已导入")
    assert await saturdays() == ["书法"]
    async with person.page.expect_download() as wanted:
        await card.locator("#take-board").click()
    assert "书法" in (await read(await wanted.value)).decode()
    assert person.complaints == []


async def test_a_board_s_file_that_is_none_says_what_to_do(school: School) -> None:
    person = await desk(school)
    card = person.page.locator("tk-class-boards")
    await card.locator("#upload-board").set_input_files(
        {"name": "x.yaml", "mimeType": "text/yaml", "buffer": b"version: 2\n"}
    )
    await expect(card.locator("#faults tbody tr")).to_contain_text("CSES")


async def test_who_may_only_look_takes_files_and_brings_none(school: School) -> None:
    person = await school.person("校长", "observer")
    await person.go(f"/timetable?tab=files&term={TERM}")
    await person.page.locator("#take-board").wait_for()
    await expect(person.page.locator("input[type=file]")).to_have_count(0)
    await expect(person.page.locator("tk-calendar-links")).to_have_count(0)
