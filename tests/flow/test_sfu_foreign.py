"""Clients that are not ours: FFmpeg's WHIP muxer, plain WHIP over HTTP, aiortc."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import aiortc
import pytest
from aiortc.contrib.media import MediaPlayer

from common.bus import Bus
from common.identity import AccessGrant
from common.protocol.signalling import Join, Joined, LayerOffer, PublicationOffer
from rtc import Client
from tests.flow.sfu_house import SfuHouse, open_house
from tests.support.guard import GUARD_S
from tests.support.loopback import loopback_ice


@pytest.fixture
async def house(bus: Bus, tmp_path: Path) -> AsyncIterator[SfuHouse]:
    async with open_house(bus, tmp_path) as opened:
        yield opened


def whip_token(house: SfuHouse) -> str:
    return house.token(
        "master", "camera", "microphone", name="OBS", site_room="centre-101"
    )


async def test_ffmpeg_publishes_into_a_room_by_whip(
    house: SfuHouse, tmp_path: Path
) -> None:
    north = await house.room("north", audio_slots=2, video_slots=2)
    url = str(house.server.make_url("/sfu/v1/whip/ses-1"))
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.flow.whip_publisher"),
        *(url, whip_token(house), str(tmp_path)),
        stdin=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    try:
        joined = await house.ear.event("room.participant_joined", role="master")
        picture = await north.slot_of(joined.participant, "camera")
        sound = await north.slot_of(joined.participant, "microphone")
        await north.gets_frames(picture.mid, 50)
        await north.gets_frames(sound.mid, 50)
        assert process.stdin is not None
        process.stdin.close()
        left = await house.ear.event("room.participant_left")
        assert (left.participant, left.reason) == (joined.participant, "left")
        async with asyncio.timeout(GUARD_S):
            assert await process.wait() == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def camera_offer() -> str:
    client = Client(send=[("video", "H264")], bind="127.0.0.1")
    offer = client.offer()
    client.close()
    return offer


async def whip(
    house: SfuHouse,
    room: str,
    token: str,
    data: str | bytes = "",
    content_type: str = "application/sdp",
) -> tuple[int, str, Mapping[str, str]]:
    """(status, code of the problem, headers) of one POST."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": content_type}
    url = house.server.make_url(f"/sfu/v1/whip/{room}")
    data = data or camera_offer()
    async with house.session.post(url, headers=headers, data=data) as answer:
        code = ""
        if answer.content_type == "application/problem+json":
            problem = await answer.json()
            assert problem["zh"]
            code = problem["code"]
        return answer.status, code, answer.headers


async def test_whip_answers_with_a_place_that_can_be_deleted(house: SfuHouse) -> None:
    token = whip_token(house)
    status, _, headers = await whip(house, "ses-1", token)
    assert status == 201
    assert headers["Content-Type"].startswith("application/sdp")
    assert headers["ETag"].startswith('"')
    place = house.server.make_url(headers["Location"])
    seats = house.service.node.rooms["ses-1"].seats  # type: ignore[index]
    assert len(seats) == 1
    stranger = {"Authorization": f"Bearer {house.token('room', name='other')}"}
    async with house.session.delete(place, headers=stranger) as answer:
        assert answer.status == 404
    assert len(seats) == 1
    owner = {"Authorization": f"Bearer {token}"}
    async with house.session.delete(place, headers=owner) as answer:
        assert answer.status == 200
    assert seats == {}
    async with house.session.delete(place, headers=owner) as answer:
        assert answer.status == 404
    async with house.session.patch(place, headers=owner) as answer:
        assert answer.status == 405


async def test_what_whip_cannot_use_is_refused_with_a_problem(house: SfuHouse) -> None:
    token = whip_token(house)
    assert (await whip(house, "ses-2", token))[:2] == (403, "token_wrong_room")
    assert (await whip(house, "ses-1", "made up"))[:2] == (401, "token_invalid")
    assert (await whip(house, "ses-1", token, content_type="text/plain"))[:2] == (
        415,
        "not_sdp",
    )
    too_much = await whip(house, "ses-1", token, data="x" * 300_000)
    assert too_much[:2] == (413, "offer_too_large")
    assert (await whip(house, "ses-1", token, data=b"\xff"))[:2] == (400, "bad_sdp")
    nothing = await whip(house, "ses-1", token, data="v=0")
    assert nothing[:2] == (400, "no_fingerprint")
    looker = house.token("observer", name="巡课")
    assert (await whip(house, "ses-1", looker))[:2] == (403, "publish_not_allowed")
    assert house.service.node.media.counters()["peers"] == 0


async def test_an_aiortc_peer_is_seen_heard_and_has_the_word(
    house: SfuHouse,
) -> None:
    """aiortc sends audio levels (RFC 6464), so the room learns who speaks."""
    north = await house.room("north", audio_slots=2, video_slots=2)
    picture_source = MediaPlayer("testsrc2=size=320x180:rate=15", format="lavfi")
    sound_source = MediaPlayer("sine=frequency=440:sample_rate=48000", format="lavfi")
    with loopback_ice():
        peer = aiortc.RTCPeerConnection(aiortc.RTCConfiguration(iceServers=[]))
        for track in (picture_source.video, sound_source.audio):
            assert track is not None
            peer.addTrack(track)
        await peer.setLocalDescription(await peer.createOffer())
        mids = {t.kind: t.mid for t in peer.getTransceivers()}
        teacher = await house.peer(
            house.token("master", "camera", "microphone", name="王老师")
        ).open()
        await teacher.say(
            Join(
                token=teacher._token,
                offer=peer.localDescription.sdp,
                publications=[
                    PublicationOffer(
                        source=source,
                        kind=kind,
                        layers=[LayerOffer(name="high", mid=mids[kind])],
                    )
                    for source, kind in (("camera", "video"), ("microphone", "audio"))
                ],
            )
        )
        joined = await teacher.heard(Joined)
        await peer.setRemoteDescription(
            aiortc.RTCSessionDescription(sdp=joined.answer or "", type="answer")
        )
        picture = await north.slot_of(joined.participant, "camera")
        sound = await north.slot_of(joined.participant, "microphone")
        await north.gets_frames(picture.mid, 20)
        await north.gets_frames(sound.mid, 20)
        await north.until(
            lambda: north.state and north.state.dominant_speaker == joined.participant,
            "the teacher has the word",
        )
        await peer.close()


async def test_an_operator_sees_all_rooms_and_a_stranger_none(house: SfuHouse) -> None:
    await house.master()
    await house.peer(house.token("observer", name="巡课")).join()
    url = house.server.make_url("/sfu/v1/rooms")
    async with house.session.get(url) as answer:
        assert answer.status == 401
    grant = AccessGrant(name="operator", roles=["operator"])
    key = house.signer.access(grant, 60, time.time())
    headers = {"Authorization": f"Bearer {key}"}
    async with house.session.get(url, headers=headers) as answer:
        (room,) = await answer.json()
    people = room["state"]["participants"]
    assert [p["role"] for p in people] == ["master", "observer"]
    assert room["lines"][people[0]["id"]]["estimate_bps"] > 0


async def test_metrics_and_health_tell_of_the_node(house: SfuHouse) -> None:
    await house.master()
    assert await house.service.health() == {"bus": True, "media": True}
    async with house.session.get(house.server.make_url("/metrics")) as answer:
        text = await answer.text()
    assert 'classroom_sfu_sessions{role="master"} 1.0' in text
    assert "classroom_sfu_rooms 1.0" in text
    assert 'classroom_rtp_packets_total{direction="in"}' in text
    assert "classroom_sfu_load_ratio" in text
