"""The layout checks can fail: a page broken on purpose is caught by each of them."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.browser.school import Person, School
from tests.browser.test_pages import check_layout

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session")
async def page(school: School) -> AsyncIterator[Person]:
    """A page of ours that is as it should be."""
    person = await school.person("王老师", "teacher", size="phone")
    await person.go("/library")
    await person.page.locator("tk-library form").wait_for()
    await check_layout(person)
    yield person
    await person.page.close()


async def spoil(person: Person, style: str, selector: str = ".title h1") -> None:
    """Inside the shadow root, as a careless rule would."""
    await person.page.evaluate(
        """([selector, style]) => {
          const root = document.querySelector("tk-library").shadowRoot;
          root.querySelector(selector).style.cssText = style;
        }""",
        [selector, style],
    )


async def test_a_page_that_runs_off_sideways_is_caught(page: Person) -> None:
    await spoil(page, "width: 600px; flex: none")
    assert await page.looks("sideways()") > 0
    with pytest.raises(AssertionError, match="sideways"):
        await check_layout(page)


async def test_text_over_the_edge_is_caught(page: Person) -> None:
    await spoil(page, "position: fixed; left: 350px; white-space: nowrap")
    assert await page.looks("clipped()") == ["资源库"]
    with pytest.raises(AssertionError):
        await check_layout(page)


@pytest.mark.parametrize(
    ("colour", "ratio"), [("#9a9a94", "2.5"), ("#7d7d78", "3.7"), ("#777772", "4.0")]
)
async def test_faint_text_is_caught(page: Person, colour: str, ratio: str) -> None:
    await spoil(page, f"color: {colour}")
    (found,) = await page.looks("faintText()")
    assert found.startswith(f"资源库 {ratio}")
    with pytest.raises(AssertionError):
        await check_layout(page)


async def test_a_button_too_small_for_a_finger_is_caught(page: Person) -> None:
    small = "min-height: 0; height: 40px"
    await spoil(page, small, ".find button")
    (found,) = await page.looks("smallTargets()")
    assert found.startswith("搜索")
    with pytest.raises(AssertionError):
        await check_layout(page)


async def test_a_date_in_the_browsers_own_order_is_caught(page: Person) -> None:
    await spoil(page, "opacity: 1", ".date input[type=date]")
    assert len(await page.looks("foreignDates()")) == 1
    with pytest.raises(AssertionError):
        await check_layout(page)


async def test_a_button_without_a_name_is_caught(page: Person) -> None:
    button = page.page.locator("tk-library .date button").first
    await button.evaluate("each => each.removeAttribute('aria-label')")
    assert len(await page.looks("unnamed()")) == 1
    with pytest.raises(AssertionError):
        await check_layout(page)


async def test_text_too_small_for_the_back_row_is_caught(page: Person) -> None:
    await spoil(page, "font-size: 40px")
    before = await page.looks("smallText(0.04)")
    await spoil(page, "font-size: 30px")
    # The heading and the link to this page have the same word.
    assert sorted([*before, "资源库"]) == sorted(await page.looks("smallText(0.04)"))
