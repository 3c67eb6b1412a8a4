"""What strangers and faulty peers send is dropped, counted, and hurts nobody."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable

import pytest
from aiortc import AudioStreamTrack, RTCPeerConnection

from rtc import Client, Closed, Connected, Forwarder, PeerConnected, RemoteError
from rtc import UsageError as EngineUsageError
from tests.support.guard import GUARD_S
from tests.support.loopback import loopback_ice
from tests.unit.rtc.support import LOOPBACK, Camera, End, Hub, wait_for
from tests.unit.rtc.test_aiortc import connect, new_connection


@pytest.fixture
async def hub() -> AsyncIterator[Hub]:
    async with Hub() as hub:
        yield hub


class Stranger:
    """A third socket that was never part of any exchange."""

    def __init__(self, hub: Hub) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._target = (LOOPBACK, hub.engine.port)

    def send(self, *datagrams: bytes) -> None:
        for datagram in datagrams:
            self._socket.sendto(datagram, self._target)


CLIENT_HELLO = (
    bytes.fromhex("16fefd0000000000000000003a0100002e000000000000002efefd")
    + b"\x11" * 32
    + bytes.fromhex("0000000200000100")
)
FATAL_ALERT = bytes.fromhex("15fefd000000000000000000020228")
STUN_COOKIE = bytes.fromhex("2112a442")


def binding_request(username: bytes) -> bytes:
    """A STUN request without MESSAGE-INTEGRITY (RFC 8489 §5)."""
    padded = username + b"\0" * (-len(username) % 4)
    attribute = b"\x00\x06" + len(username).to_bytes(2, "big") + padded
    head = b"\x00\x01" + len(attribute).to_bytes(2, "big")
    return head + STUN_COOKIE + b"transaction1" + attribute


def local_ufrag(answer_sdp: str) -> bytes:
    line = next(x for x in answer_sdp.splitlines() if x.startswith("a=ice-ufrag:"))
    return line.removeprefix("a=ice-ufrag:").encode()


async def test_a_forged_hello_before_the_handshake_stops_nobody(hub: Hub) -> None:
    client = Client(receive_video=1, bind=LOOPBACK)
    answer = hub.engine.accept("room", client.offer())
    stranger = Stranger(hub)
    for _ in range(20):
        stranger.send(CLIENT_HELLO, FATAL_ALERT)
    await wait_for(lambda: hub.dropped("unknown_source") == 40)
    end = End(client, answer)
    client.accept(answer.sdp)
    await wait_for(lambda: end.said(Connected))
    await wait_for(lambda: hub.said(PeerConnected, peer="room"))
    await end.close()


async def test_garbage_of_every_kind_is_counted_by_its_kind(hub: Hub) -> None:
    teacher, room = await hub.publisher(), await hub.viewer()
    hub.show("room", room, "teacher", teacher)
    camera = Camera(teacher)
    await wait_for(lambda: room.frames("video"))
    ufrag = local_ufrag(room.answer.sdp)
    Stranger(hub).send(
        b"",
        b"\xff" * 100,
        b"\x00" * 19,
        b"\x80",
        b"\x80\x60" + b"\x01" * 30,
        b"\x80\x60" + b"\x00" * 30,
        b"\x9f\x60" + b"\xff" * 30,
        binding_request(b"nobody:x"),
        binding_request(ufrag + b":x"),
        b"\x01\x01\x00\x00" + STUN_COOKIE + b"transaction1",
        CLIENT_HELLO,
    )
    await wait_for(lambda: hub.dropped("garbage") >= 3)
    await wait_for(lambda: hub.dropped("unknown_source") == 2)
    assert hub.dropped("empty") == 1
    assert hub.dropped("probe") == 1
    assert hub.dropped("bad_header") == 1
    assert hub.dropped("unknown_ufrag") == 1
    assert hub.dropped("bad_integrity") == 1
    assert hub.dropped("unexpected_stun") == 1
    seen = len(room.frames("video"))
    await wait_for(lambda: len(room.frames("video")) > seen + 10)
    await camera.stop()
    assert not room.closed()


async def test_a_broken_header_extension_from_a_known_peer_is_dropped(
    hub: Hub,
) -> None:
    with loopback_ice():
        agent: RTCPeerConnection = new_connection()
        sender = agent.addTransceiver(AudioStreamTrack(), direction="sendonly").sender
        answer = await connect(hub, "agent", agent)
        room = await hub.viewer()
        layer = ("agent", answer.sections[0].mid, None)
        hub.engine.connect_slot("room", room.mid("audio"), [layer])
        await wait_for(lambda: len(room.frames("audio")) > 5)
        header = b"\x90\x60\x00\x01" + b"\x01" * 8
        element_overruns = b"\xbe\xde\x00\x01\x1f\x7f\x00\x00"
        block_overruns = b"\xbe\xde\xff\xff\x10\x7f\x00\x00"
        ice = sender.transport.transport
        for extension in (element_overruns, block_overruns):
            await ice._send(header + extension + b"\x00" * 40)
        await ice._send(b"\x80\x60\x00\x01" + b"\x01" * 60)
        await ice._send(b"\x80\x60\x00\x01" + b"\x00" * 60)
        await wait_for(lambda: hub.dropped("bad_header") == 2)
        await wait_for(lambda: hub.dropped("probe") == 1)
        heard = len(room.frames("audio"))
        await wait_for(lambda: len(room.frames("audio")) > heard + 10)
        await agent.close()


async def test_garbage_over_tcp_closes_only_its_own_connection(hub: Hub) -> None:
    room = await hub.viewer(tcp_only=True)
    reader, writer = await asyncio.open_connection(LOOPBACK, hub.engine.port)
    writer.write(b"\xff\xff" + b"x" * 100)
    assert await asyncio.wait_for(reader.read(), GUARD_S) == b""
    writer.close()
    assert not room.closed()


async def test_a_second_peer_of_the_same_name_is_refused(hub: Hub) -> None:
    await hub.viewer()
    other = Client(receive_audio=1, bind=LOOPBACK)
    with pytest.raises(EngineUsageError) as raised:
        hub.engine.accept("room", other.offer())
    assert raised.value.code == "peer_exists"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda sdp: "", "no_fingerprint"),
        (lambda sdp: "hello", "no_fingerprint"),
        (lambda sdp: sdp.replace("a=fingerprint", "a=print"), "no_fingerprint"),
        (lambda sdp: sdp.replace("a=ice-ufrag", "a=frag"), "bad_sdp"),
        (lambda sdp: sdp[: len(sdp) // 2], "bad_sdp"),
        (lambda sdp: sdp.replace("H264", "H999").replace("VP8", "VP99"), "no_codec"),
        (lambda sdp: sdp + "a=x\r\n" * 100_000, "bad_sdp"),
    ],
)
async def test_an_unusable_offer_is_refused_with_a_code(
    hub: Hub, change: object, code: str
) -> None:
    assert callable(change)
    client = Client(receive_video=1, bind=LOOPBACK)
    with pytest.raises(RemoteError) as raised:
        hub.engine.accept("room", change(client.offer()))
    assert raised.value.code == code
    hub.engine.accept("room", client.offer())


async def test_a_client_refuses_a_broken_answer() -> None:
    client = Client(receive_video=1, bind=LOOPBACK)
    with pytest.raises(RemoteError) as raised:
        client.accept("v=0\r\n")
    assert raised.value.code == "bad_sdp"
    client.close()


async def test_unknown_peers_sections_and_layers_are_named(hub: Hub) -> None:
    teacher, room = await hub.publisher(), await hub.viewer()
    engine, slot = hub.engine, room.mid("video")
    mid = teacher.mid("video")
    calls: list[tuple[Callable[[], object], str]] = [
        (lambda: engine.connect_slot("ghost", slot, []), "no_such_peer"),
        (lambda: engine.connect_slot("room", "x", []), "no_such_section"),
        (
            lambda: engine.connect_slot("room", slot, [("ghost", mid, None)]),
            "no_such_peer",
        ),
        (
            lambda: engine.connect_slot("room", slot, [("teacher", mid, "hi")]),
            "no_such_section",
        ),
        (lambda: engine.connect_slot("teacher", mid, []), "no_such_section"),
        (lambda: engine.set_forwarding("room", slot, False), "no_such_section"),
        (lambda: engine.set_desired_bitrate("ghost", 1), "no_such_peer"),
        (lambda: engine.restart_estimate("ghost", 1), "no_such_peer"),
    ]
    for call, code in calls:
        with pytest.raises(EngineUsageError) as raised:
            call()
        assert raised.value.code == code


async def test_a_taken_port_is_an_os_error(hub: Hub) -> None:
    with pytest.raises(OSError, match="in use"):
        Forwarder(bind=LOOPBACK, port=hub.engine.port)


async def test_a_node_that_closes_says_goodbye() -> None:
    async with Hub() as hub:
        client = Client(receive_audio=1, bind=LOOPBACK)
        answer = hub.engine.accept("room", client.offer())
        end = End(client, answer)
        client.accept(answer.sdp)
        await wait_for(lambda: end.said(Connected))
    await wait_for(lambda: end.said(Closed))
    await end.close()
