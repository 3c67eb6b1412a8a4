"""A microphone that is open and brings nothing is said, before a class waits for it."""

import pytest
from playwright.async_api import expect

from tests.browser.school import School
from tests.browser.test_pages import check_layout

pytestmark = pytest.mark.asyncio(loop_scope="session")

DEAD_MICROPHONE = """
const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = async (wanted) => {
  if (!wanted.audio) return ask(wanted);
  const context = new AudioContext();
  const out = context.createMediaStreamDestination();
  const gain = context.createGain();
  gain.gain.value = 0;
  const tone = context.createOscillator();
  tone.connect(gain).connect(out);
  tone.start();
  window.plugIn = () => { gain.gain.value = 0.3; };
  return out.stream;
};
"""


async def test_a_teacher_is_told_that_the_microphone_is_silent(school: School) -> None:
    lesson = await school.new_lesson(starts_in_s=5, long_s=600)
    session = lesson["session"]
    await school.until_state(session, "preparing", "ready", "live")
    teacher = await school.person("王老师", "teacher")
    page = teacher.page
    await page.add_init_script(DEAD_MICROPHONE)
    await teacher.go(f"/teach?session={session}&role=master")
    await page.locator("#enter").click()
    hint = page.locator("tk-teach .silent")
    await expect(hint).to_contain_text("听不到您的声音")
    await teacher.picture("teach-silent")
    await check_layout(teacher)
    await page.evaluate("plugIn()")
    await expect(hint).to_have_count(0)
    # Muted, silence is what is wanted.
    await page.keyboard.press("m")
    await expect(page.locator("#microphone")).to_have_attribute("aria-pressed", "false")
    await expect(hint).to_have_count(0)
    await school.server.post(f"/api/v1/sessions/{session}/end", {})
    await school.until_state(session, "ended")
    await page.close()
