"""What stands around the week: the calendar, whole files, days mended, and how fast a
large district is leafed through."""

import pytest
from playwright.async_api import FilePayload, expect

from scheduler.sample import send_sample
from tests.browser.school import School
from tests.browser.timetabler import TERM, Timetabler
from tests.support.today import day_of_week_12

pytestmark = pytest.mark.asyncio(loop_scope="session")


def csv(*lines: str) -> FilePayload:
    """A sheet of teachers as a person chooses it."""
    text = "\n".join(("编号,学校,姓名", *lines))
    return {"name": "教师.csv", "mimeType": "text/csv", "buffer": text.encode()}


async def test_a_make_up_day_says_whose_lessons_it_runs(school: School) -> None:
    t = await Timetabler.come(school)
    await t.person.go(f"/timetable?tab=calendar&term={TERM}")
    saturday = str(day_of_week_12(19))
    day = t.page.locator(f'button[data-day="{saturday}"]')
    await day.click()
    form = t.page.locator("tk-term-calendar dialog")
    await form.locator("select[name=week]").select_option("14")
    await form.locator("select[name=weekday]").select_option("5")
    await form.locator("input[name=name]").fill("运动会补课")
    await form.locator("#save").click()
    await expect(day).to_contain_text("上第 14 周周五的课 运动会补课")
    await t.person.picture("timetable-make-up")
    rows = await school.server.get("/api/v1/calendar-days")
    (row,) = [row for row in rows if row["day"] == saturday]
    assert (row["kind"], row["runs_week"], row["runs_weekday"]) == ("make_up", 14, 5)

    await day.click()
    await form.locator("#clear").click()
    await expect(day).not_to_contain_text("运动会")
    assert t.person.complaints == []


async def test_a_year_nobody_has_published_is_a_visible_warning(
    school: School,
) -> None:
    # As the sample has it: in China, and with a term that reaches into 2027.
    await send_sample(school.server.http)
    t = await Timetabler.come(school)
    await t.person.go(f"/timetable?tab=calendar&term={TERM}")
    warning = t.page.locator("tk-term-calendar .note.warn").first
    await expect(warning).to_contain_text("2027")


async def test_every_faulty_cell_of_a_file_is_shown_and_nothing_is_written(
    school: School,
) -> None:
    t = await Timetabler.come(school)
    await t.person.go(f"/timetable?tab=files&term={TERM}")
    box = t.page.locator("#upload-organisation")
    await box.set_input_files(csv("t 2,dingyuan-centre,张老师"))
    faults = t.page.locator("#faults tbody tr")
    await expect(faults).to_contain_text(["教师.csv"])
    await expect(faults.first).to_be_visible()
    await expect(faults.first).to_contain_text("t 2")
    await t.person.picture("timetable-faults")

    await box.set_input_files(csv("t-2,dingyuan-centre,张老师"))
    await t.page.locator("#write").wait_for()
    teachers = [row["id"] for row in await school.server.get("/api/v1/teachers")]
    assert "t-2" not in teachers, "written before a person agreed"
    await t.page.locator("#write").click()
    await expect(t.page.locator("#report")).to_contain_text("已导入")
    teachers = [row["id"] for row in await school.server.get("/api/v1/teachers")]
    assert "t-2" in teachers


async def test_a_calendar_address_is_shown_once_and_revoked(school: School) -> None:
    t = await Timetabler.come(school)
    await t.person.go(f"/timetable?tab=files&term={TERM}")
    await t.page.locator("#make-link").click()
    address = await t.page.locator("#address").input_value()
    async with school.server.http.get(address) as answer:
        assert "BEGIN:VCALENDAR" in await answer.text()
    await t.page.locator("tk-calendar-links summary").click()
    await t.page.locator("tk-calendar-links li .danger").click()
    await t.page.locator("tk-calendar-links tk-confirm #yes").click()
    await expect(t.page.locator("tk-calendar-links .danger")).to_have_count(0)
    async with school.server.http.get(address) as answer:
        assert answer.status == 404


async def test_an_absence_moves_nothing_before_somebody_agrees(
    school: School,
) -> None:
    t = await Timetabler.come(school)
    free, _ = await t.starts()
    await t.place(free[0])
    await t.publish()
    lesson = (await t.lessons())[-1]
    await t.look()
    await t.page.locator("#to-repair").click()
    form = t.page.locator("tk-repair")
    await form.locator("tk-who input").fill("王老师")
    await form.locator("tk-who input").press("Enter")
    await form.locator("input[name=first]").fill(lesson["day"])
    await form.locator("input[name=reason]").fill("外出培训")
    await form.locator("#propose").click()
    await expect(form.locator("#proposal")).to_contain_text("王老师")
    await expect(form.locator(".list li").first).to_contain_text(lesson["title"])
    await t.person.picture("timetable-proposal")
    assert lesson in await t.lessons()

    await form.locator("#agree").click()
    await form.locator("#agreed").wait_for()
    assert lesson not in await t.lessons()
    assert t.person.complaints == []
