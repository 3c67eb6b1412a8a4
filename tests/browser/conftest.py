"""One house and one Chromium for all tests of pages."""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright, expect

from tests.browser.school import School
from tests.support.guard import GUARD_MS

FLAGS = [
    "--use-fake-device-for-media-stream=fps=15",
    "--use-fake-ui-for-media-stream",
    "--allow-loopback-in-peer-connection",
    # The room screen's own flag: nobody is there to touch it.
    "--autoplay-policy=no-user-gesture-required",
]

expect.set_options(timeout=GUARD_MS)

SPEAKS = {"LANGUAGE": "zh_CN", "LC_ALL": "zh_CN.UTF-8"}
"""As on a computer in a school: it chooses the fonts."""


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Debian's Chromium with a fake camera, microphone and screen."""
    executable = shutil.which("chromium")
    if executable is None:
        pytest.skip("no chromium on this machine: apt install chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=executable, args=FLAGS, env={**os.environ, **SPEAKS}
        )
        yield browser
        await browser.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def school(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[School]:
    async with opened(School(tmp_path_factory.mktemp("school"), browser)) as school:
        yield school


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def own_school(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[School]:
    """For one file: its tests and others would change each other's weeks."""
    async with opened(School(tmp_path_factory.mktemp("own"), browser)) as school:
        yield school


@asynccontextmanager
async def opened(school: School) -> AsyncIterator[School]:
    try:
        await school.open()
        yield school
    finally:
        await school.close()
