"""A scheduler process killed in mid-lesson, and started again."""

import time
from pathlib import Path

import pytest

from common.bus import Bus
from common.protocol.base import parse_message
from common.protocol.control import AgentReport, Prepare, Start, control_message
from common.protocol.events import RecordingState, RoomClosed
from common.valkey import ValkeyChild
from scheduler.sample import DEMO_ROOMS, demo_lesson
from tests.flow.scheduler_probe import listening
from tests.support.guard import GUARD_S
from tests.support.scheduler_process import SchedulerProcess
from tests.support.today import send_sample_of_today

LIFE = ["preparing", "ready", "live", "ending", "ended"]


@pytest.mark.slow
async def test_a_scheduler_killed_in_mid_lesson_finds_it_again(tmp_path: Path) -> None:
    valkey = ValkeyChild(tmp_path / "bus")
    await valkey.start()
    bus = Bus(valkey.url)
    scheduler = SchedulerProcess(tmp_path, valkey.url)
    await scheduler.start()
    try:
        async with listening(bus) as heard:
            async with scheduler.client() as http:
                await send_sample_of_today(http)
                now = time.time()
                body = demo_lesson(now, now + 45)
                async with http.post("/api/v1/lessons", json=body) as answer:
                    session = (await answer.json())["session"]
            async with scheduler.agent(DEMO_ROOMS[0]) as channel:
                report = AgentReport(state="in_lesson", session=session)
                await channel.send_str(report.to_json())
                await heard.says(session, "state:live")
                await scheduler.kill()
            starts = heard.kinds(session).count("session.start")
            await scheduler.start()
            await heard.says(session, "session.start", times=starts + 1)
            async with scheduler.agent(DEMO_ROOMS[0], joined=session) as channel:
                for kind in (Prepare, Start):
                    text = await channel.receive_str(timeout=GUARD_S)
                    message = parse_message(control_message, text)
                    assert isinstance(message, kind)
                    assert message.session == session
            async with scheduler.client() as http:
                url = f"/api/v1/sessions/{session}/end"
                async with http.post(url) as answer:
                    assert answer.status == 200
            await bus.publish(RoomClosed(at=0, session=session, node="n"))
            done = RecordingState(
                at=0, session=session, recording="r", state="finished"
            )
            await bus.publish(done)
            await heard.says(session, "state:ended")
            # Killed between saying and noting that it was said, it says it again.
            told = [kind for kind in heard.kinds(session) if kind.startswith("state:")]
            assert list(dict.fromkeys(told)) == [f"state:{state}" for state in LIFE]
            async with (
                scheduler.client() as http,
                http.get(f"/api/v1/sessions/{session}") as answer,
            ):
                history = (await answer.json())["history"]
            assert [line["to_state"] for line in history] == LIFE
    finally:
        await scheduler.kill()
        await bus.close()
        await valkey.stop()
