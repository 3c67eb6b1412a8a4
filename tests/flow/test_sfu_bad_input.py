"""Whatever comes in at the door: a clear error, and the lesson goes on."""

import asyncio
import secrets
import socket as sockets
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import aiohttp
import pytest

from common.bus import Bus
from common.identity import AccessGrant, DeviceGrant
from common.protocol.signalling import (
    Join,
    LayerOffer,
    Ping,
    PublicationOffer,
    SetMuted,
    SetStage,
)
from tests.flow.sfu_house import SfuHouse, open_house
from tests.flow.sfu_peer import Peer, as_text
from tests.support.guard import GUARD_S


@pytest.fixture
async def house(bus: Bus, tmp_path: Path) -> AsyncIterator[SfuHouse]:
    async with open_house(bus, tmp_path) as opened:
        yield opened


Proof = Callable[[], Awaitable[None]]


@pytest.fixture
async def lesson_goes_on(house: SfuHouse) -> Proof:
    """A lesson with a teacher and a room; calling it proves that media still flows."""
    teacher = await house.master()
    north = await house.room("north", audio_slots=2, video_slots=2)
    picture = await north.slot_of(teacher.id, "camera")
    sound = await north.slot_of(teacher.id, "microphone")

    async def prove() -> None:
        await north.gets_frames(picture.mid, 10)
        await north.gets_frames(sound.mid, 20)

    await prove()
    return prove


async def knock(house: SfuHouse, text: str) -> Peer:
    peer = await house.peer("").open()
    await peer.say_text(text)
    return peer


async def test_a_made_up_token_is_refused(
    house: SfuHouse, lesson_goes_on: Proof
) -> None:
    peer = await knock(house, Join(token="made up").to_json())
    assert (await peer.refused("token_invalid")).fatal
    assert house.metric("classroom_sfu_signalling_errors_total", code="token_invalid")
    await lesson_goes_on()


async def test_an_expired_token_is_refused(house: SfuHouse) -> None:
    token = house.token("room", ttl_s=-60)
    peer = await knock(house, Join(token=token).to_json())
    assert (await peer.refused("token_expired")).fatal


async def test_a_token_of_another_kind_is_refused(house: SfuHouse) -> None:
    now = 2_000_000_000.0
    for token in (
        house.signer.access(AccessGrant(name="x", roles=["operator"]), 3600, now),
        house.signer.device(DeviceGrant(site_room="north"), 3600, now),
    ):
        peer = await knock(house, Join(token=token).to_json())
        assert (await peer.refused("token_wrong_kind")).fatal


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{ not json", "bad_json"),
        ("[]", "bad_message"),
        ('{"type": "fly"}', "unknown_message"),
        ('{"no": "type"}', "unknown_message"),
        ('{"type": "join"}', "bad_message"),
        ('{"type": "ping", "id": 1}', "join_first"),
        ('{"type": "join", "version": 0, "token": "t"}', "bad_version"),
        ("\ud83d\ude00" * 3, "bad_json"),
    ],
)
async def test_a_first_message_that_is_no_join_ends_the_socket(
    house: SfuHouse, text: str, code: str
) -> None:
    peer = await knock(house, text.encode("utf-16", "surrogatepass").decode("utf-16"))
    assert (await peer.refused(code)).fatal


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{ not json", "bad_json"),
        ('{"type": "fly"}', "unknown_message"),
        ('{"type": "set_stage", "participant": "x"}', "bad_message"),
        ('{"type": "report", "interval_s": -1}', "bad_message"),
        (
            SetStage(participant="nobody", on_stage=True).to_json(),
            "no_such_participant",
        ),
        (SetMuted(participant="nobody", muted=True).to_json(), "no_such_participant"),
        (Join(token="again").to_json(), "already_joined"),
    ],
)
async def test_a_bad_message_in_the_lesson_is_answered_and_the_socket_stays(
    house: SfuHouse, text: str, code: str
) -> None:
    teacher = await house.master()
    await teacher.say_text(text)
    assert not (await teacher.refused(code)).fatal
    north = await house.room("north")
    await teacher.sees(north.id, lambda p: True)
    assert not teacher.closed


async def test_a_room_may_not_do_what_the_teacher_does(house: SfuHouse) -> None:
    teacher = await house.master()
    north = await house.room("north")
    await north.say(SetMuted(participant=teacher.id, muted=True))
    assert not (await north.refused("needs_control")).fatal
    assert teacher.state is not None
    assert not teacher.state.participants[0].muted


NO_USE = (
    "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\n"
    "m=video 9 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 0.0.0.0\r\na=mid:0\r\n"
    "a=ice-ufrag:abcd\r\na=ice-pwd:abcdefghijklmnopqrstuvwx\r\n"
    "a=fingerprint:sha-256 " + ":".join(["AB"] * 32) + "\r\na=setup:actpass\r\n"
    "a=sendrecv\r\na=rtcp-mux\r\na=rtpmap:96 THEORA/90000\r\n"
)


@pytest.mark.parametrize(
    ("offer", "code"),
    [
        (NO_USE, "no_codec"),
        (NO_USE.replace("v=0", "v=what"), "bad_sdp"),
        ("this is no SDP", "no_fingerprint"),
    ],
)
async def test_an_offer_that_cannot_be_used_is_refused_and_leaves_nothing(
    house: SfuHouse, lesson_goes_on: Proof, offer: str, code: str
) -> None:
    token = house.token("room", "camera", name="south", site_room="south")
    peer = await knock(house, Join(token=token, offer=offer).to_json())
    assert (await peer.refused(code)).fatal
    assert len(house.service.node.rooms["ses-1"].seats) == 2  # type: ignore[index]
    assert house.service.node.media.counters()["peers"] == 2
    await lesson_goes_on()


async def offer_of(house: SfuHouse) -> tuple[str, str]:
    """A good offer of one camera track, and its mid."""
    from rtc import Client

    client = Client(send=[("video", "H264")], bind="127.0.0.1")
    offer, mid = client.offer(), client.send_mids[0]
    client.close()
    return offer, mid


async def test_publications_that_do_not_match_the_offer_are_refused(
    house: SfuHouse,
) -> None:
    offer, mid = await offer_of(house)
    token = house.token("room", "camera", "microphone", site_room="south")
    for layers, kind, source in (
        ([LayerOffer(name="low", mid="elsewhere")], "video", "camera"),
        ([LayerOffer(name="low", mid=mid, rid="q")], "video", "camera"),
        ([LayerOffer(name="low", mid=mid)], "audio", "microphone"),
        (
            [LayerOffer(name="high", mid=mid), LayerOffer(name="low", mid=mid)],
            "video",
            "camera",
        ),
    ):
        publication = PublicationOffer(source=source, kind=kind, layers=layers)
        join = Join(token=token, offer=offer, publications=[publication])
        peer = await knock(house, join.to_json())
        assert (await peer.refused("bad_publication")).fatal
    assert house.service.node.media.counters()["peers"] == 0


async def test_publishing_what_the_token_does_not_allow_is_refused(
    house: SfuHouse,
) -> None:
    offer, mid = await offer_of(house)
    camera = PublicationOffer(
        source="camera", kind="video", layers=[LayerOffer(name="high", mid=mid)]
    )
    for token in (house.token("room"), house.token("observer", "camera")):
        join = Join(token=token, offer=offer, publications=[camera])
        peer = await knock(house, join.to_json())
        assert (await peer.refused("publish_not_allowed")).fatal


async def test_a_second_master_is_refused(
    house: SfuHouse, lesson_goes_on: Proof
) -> None:
    token = house.token("master", "camera", name="李老师", site_room="centre-202")
    peer = await knock(house, Join(token=token).to_json())
    assert (await peer.refused("second_master")).fatal
    assert house.metric(
        "classroom_sfu_joins_total", role="master", outcome="second_master"
    )
    await lesson_goes_on()


async def test_a_socket_that_floods_loses_its_place(
    house: SfuHouse, lesson_goes_on: Proof
) -> None:
    south = await house.room("south")
    seats = house.service.node.rooms["ses-1"].seats  # type: ignore[index]
    for number in range(400):
        try:
            await south.say_text(Ping(id=number).to_json())
        except (ConnectionError, aiohttp.ClientError):
            break
    assert (await south.refused("flood")).fatal
    assert south.id not in seats
    await lesson_goes_on()


async def test_a_message_that_is_too_large_loses_the_socket(
    house: SfuHouse, lesson_goes_on: Proof
) -> None:
    south = await house.room("south")
    await south.say_text(
        as_text(SetMuted(participant=south.id, muted=True), x="x" * 300_000)
    )
    assert (await south.refused("message_too_large")).fatal
    await lesson_goes_on()


async def test_a_binary_message_loses_the_socket(house: SfuHouse) -> None:
    peer = await house.peer("").open()
    assert peer._socket is not None
    await peer._socket.send_bytes(b"\x00\x01")
    assert (await peer.refused("not_text")).fatal


async def test_a_socket_that_says_nothing_is_closed(
    house: SfuHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sfu.signalling.JOIN_DEADLINE_S", 0.2)
    peer = await house.peer("").open()
    assert (await peer.refused("join_timeout")).fatal


async def test_a_socket_that_does_not_read_is_dropped_and_nobody_waits_for_it(
    house: SfuHouse, lesson_goes_on: Proof, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sfu.door.QUEUE_MAX", 8)
    monkeypatch.setattr("sfu.door.SEND_DEADLINE_S", 0.5)
    reader, writer = await _raw_socket(house)
    await _send_text(
        writer, Join(token=house.token("assistant", name="x" * 60)).to_json()
    )
    await reader.readuntil(b"joined")
    transport = writer.transport
    transport.pause_reading()  # type: ignore[attr-defined]
    seats = house.service.node.rooms["ses-1"].seats  # type: ignore[index]
    slow = next(s for s in seats.values() if s.participant.role == "assistant")
    while slow.door is not None:
        for _ in range(50):
            slow.door.send_text("x" * 50_000)
        await asyncio.sleep(0.05)
    assert house.metric("classroom_sfu_slow_sockets_total") == 1
    await lesson_goes_on()
    transport.abort()


async def test_sockets_that_do_not_join_are_counted_and_limited(
    bus: Bus, tmp_path: Path
) -> None:
    async with open_house(bus, tmp_path, waiting_per_address=3) as house:
        teacher = await house.master()
        idle = [await house.peer("").open() for _ in range(3)]
        response = await house.session.get(house.ws_url, headers=UPGRADE)
        assert response.status == 503
        problem = await response.json()
        assert problem["code"] == "too_many_connections"
        assert problem["zh"]
        counted = house.metric(
            "classroom_sfu_signalling_errors_total", code="too_many_connections"
        )
        assert counted == 1

        await idle[0].close()
        async with asyncio.timeout(GUARD_S):
            while not await _is_welcome(house):
                await asyncio.sleep(0.05)
        north = await house.room("north", audio_slots=2, video_slots=2)
        picture = await north.slot_of(teacher.id, "camera")
        await north.gets_frames(picture.mid)


async def test_who_has_joined_takes_no_place_of_those_who_wait(
    bus: Bus, tmp_path: Path
) -> None:
    async with open_house(bus, tmp_path, waiting_total=1) as house:
        for number in range(4):
            await house.room(f"site-{number}", publish=())


UPGRADE = {
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


async def _is_welcome(house: SfuHouse) -> bool:
    try:
        socket = await house.session.ws_connect(house.ws_url)
    except aiohttp.WSServerHandshakeError:
        return False
    await socket.close()
    return True


async def _raw_socket(
    house: SfuHouse,
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A WebSocket by hand, which can be left unread."""
    host, port = house.server.host, house.server.port
    raw = sockets.socket()
    raw.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 4096)
    raw.setblocking(False)
    await asyncio.get_running_loop().sock_connect(raw, (host, port))
    reader, writer = await asyncio.open_connection(sock=raw, limit=65536)
    writer.write(
        b"GET /sfu/v1/ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
        b"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    await reader.readuntil(b"\r\n\r\n")
    return reader, writer


async def _send_text(writer: asyncio.StreamWriter, text: str) -> None:
    """RFC 6455 §5.2: a final text frame, masked with zeros."""
    data = text.encode()
    assert 125 < len(data) < 65536
    writer.write(b"\x81\xfe" + len(data).to_bytes(2, "big") + b"\0\0\0\0" + data)
    await writer.drain()


async def test_garbage_on_the_media_port_is_counted_and_the_lesson_goes_on(
    house: SfuHouse, lesson_goes_on: Proof
) -> None:
    port = house.service.node.media.port
    with sockets.socket(sockets.AF_INET, sockets.SOCK_DGRAM) as raw:
        for data in (
            b"",
            b"\x16",
            secrets.token_bytes(1200),
            # A DTLS 1.2 ClientHello header from nowhere (ASVS 17.2.6).
            bytes.fromhex("16feff0000000000000000002d010000210000000000000021fefd")
            + bytes(32),
            bytes.fromhex("80600001000000000000abcd") + b"\xbe\xde\xff\xff",
        ):
            for _ in range(20):
                raw.sendto(data, ("127.0.0.1", port))
    await lesson_goes_on()
    counters = house.service.node.media.counters()
    dropped = sum(v for k, v in counters.items() if k.startswith("dropped_"))
    assert dropped >= 60
