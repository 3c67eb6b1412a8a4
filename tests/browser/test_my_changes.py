"""The first page of somebody whose sign-in link says whose timetable is theirs."""

import pytest
from playwright.async_api import expect

from tests.browser.school import Person, School
from tests.browser.test_pages import check_layout
from tests.browser.test_versions import republished
from tests.browser.timetabler import COURSE

pytestmark = pytest.mark.asyncio(loop_scope="session")

TEACHER = "dingyuan-music"
"""Of the course that is moved."""
WANG = {"teacher": TEACHER}


async def invited(
    school: School, whose: dict[str, str], size: str = "hd", lang: str = "zh"
) -> Person:
    """`whose`: the teacher or the school that the link names."""
    order = {"name": "王老师", "roles": ["teacher"], **whose}
    made = await school.server.post("/api/v1/access-keys", order)
    person = await school.stranger(size, lang)
    await person.go(made["path"])
    await person.page.locator("tk-today h1").wait_for()
    return person


@pytest.mark.parametrize(("size", "lang"), [("hd", "zh"), ("phone", "en")])
async def test_a_teacher_reads_what_was_changed_of_the_own_lessons(
    school: School, size: str, lang: str
) -> None:
    await republished(school, "调整")
    person = await invited(school, WANG, size, lang)
    changes = person.page.locator("#changes")
    await expect(changes.locator("li").first).to_contain_text("音乐")
    await check_layout(person)
    await person.picture("today-changes")
    assert person.complaints == []


async def test_a_school_s_person_reads_what_was_changed_at_the_school(
    school: School,
) -> None:
    await republished(school, "给学校的")
    points = await school.server.get("/api/v1/course-rooms")
    (point, *_) = [row["site_room"] for row in points if row["course"] == COURSE]
    rooms = await school.server.get("/api/v1/site-rooms")
    (where,) = [room["school"] for room in rooms if room["id"] == point]
    person = await invited(school, {"school": where})
    changes = person.page.locator("#changes")
    await expect(changes.locator("li").first).to_contain_text("音乐")
    await expect(person.page.locator("#make-school")).to_be_visible()
    await expect(person.page.locator("#make-teacher")).to_have_count(0)


async def test_without_a_timetable_of_ones_own_the_page_says_nothing_new(
    school: School,
) -> None:
    person = await invited(school, {})
    await person.page.locator(".empty, ol").first.wait_for()
    for part in ("tk-my-changes", "#mine"):
        await expect(person.page.locator(part)).to_have_count(0)


async def test_a_teacher_takes_the_own_calendar_along_and_revokes_it(
    school: School,
) -> None:
    person = await invited(school, WANG)
    mine = person.page.locator("#mine")
    await mine.locator("#make-teacher").click()
    address = await mine.locator("#address").input_value()
    async with school.server.http.get(address) as answer:
        assert "BEGIN:VCALENDAR" in await answer.text()
    await mine.locator("summary").click()
    await check_layout(person)
    await person.picture("today-mine")
    await mine.locator("li .danger").click()
    await mine.locator("tk-confirm #yes").click()
    await expect(mine.locator(".danger")).to_have_count(0)
    async with school.server.http.get(address) as answer:
        assert answer.status == 404


async def test_a_teacher_looks_at_the_week_that_runs(school: School) -> None:
    await republished(school, "在用的")
    person = await invited(school, WANG)
    await person.page.locator("#mine .doors a").click()
    await person.page.locator("tk-week .day").first.wait_for()
    await expect(person.page.locator("#note")).to_contain_text("正在用的课表")
    await expect(person.page.locator("tk-week .lesson").first).to_be_visible()


@pytest.mark.parametrize(("size", "lang"), [("hd", "zh"), ("phone", "en")])
async def test_an_operator_picks_from_a_list_whose_timetable_a_link_shows(
    school: School, size: str, lang: str
) -> None:
    operator = await school.person("管理员", "operator", size=size, lang=lang)
    await operator.go("/status")
    await operator.page.locator("#invite").click()
    form = operator.page.locator("tk-invite dialog[open]")
    await form.locator("#is-teacher").check()
    await form.locator("tk-who input").fill("王老师")
    await form.locator("tk-who input").press("Enter")
    await expect(form.locator("input[name=name]")).to_have_value("王老师")
    await form.locator("#make-key").click()
    address = await form.locator("#address").input_value()
    await check_layout(operator)
    await operator.picture("status-invite")
    key = address.partition("#key=")[2]
    grant = school.server.signer.read_access(key, 0)
    assert (grant.name, grant.roles, grant.teacher) == ("王老师", ["teacher"], TEACHER)


async def test_nobody_else_is_offered_to_make_links(school: School) -> None:
    person = await school.person("周老师", "timetabler", "observer")
    await person.go("/status")
    await person.page.locator("tk-status h1").wait_for()
    await person.page.wait_for_load_state("networkidle")
    await expect(person.page.locator("#invite")).to_have_count(0)
