"""The bus is news, not the lesson: without it people still see and hear each other."""

from pathlib import Path

from common.bus import Bus
from common.protocol.signalling import SetStage
from common.valkey import ValkeyChild
from tests.flow.sfu_house import open_house


async def test_a_lesson_goes_on_while_the_bus_is_away(tmp_path: Path) -> None:
    server = ValkeyChild(tmp_path / "bus")
    await server.start()
    bus = Bus(server.url)
    await bus.connect()
    try:
        async with open_house(bus, tmp_path) as house:
            teacher = await house.master(audio_slots=1, video_slots=1)
            await server.stop()
            north = await house.room("north", video_slots=2)
            await teacher.say(SetStage(participant=north.id, on_stage=True))
            sound = await teacher.slot_of(north.id, "microphone", reason=None)
            await teacher.gets_frames(sound.mid, 10)
            picture = await north.slot_of(teacher.id, "camera")
            await north.gets_frames(picture.mid)
            assert await house.service.health() == {"bus": False, "media": True}
    finally:
        await bus.close()
        await server.stop()
