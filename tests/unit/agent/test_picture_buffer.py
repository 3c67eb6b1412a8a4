"""Packets in, whole pictures out: the part of the transport that decides a freeze."""

from aiortc.rtp import RtpPacket

from classroom_agent.transport.receiver import PATIENCE_S, PictureBuffer

IDR, SLICE = b"\x00\x00\x00\x01\x65", b"\x00\x00\x00\x01\x41"


def packet(number: int, picture: int, last: bool, data: bytes) -> RtpPacket:
    made = RtpPacket(
        payload_type=99,
        sequence_number=number & 0xFFFF,
        timestamp=picture * 3600,
        marker=int(last),
    )
    made._data = data  # type: ignore[attr-defined]
    return made


class Line:
    """Sends pictures of three packets, one every 40 ms; loses what it is told to."""

    def __init__(self, first_number: int = 0) -> None:
        self.buffer = PictureBuffer()
        self.number = first_number
        self.now_s = 0.0
        self.shown: list[int] = []
        self.asked = 0
        self.kept: dict[int, RtpPacket] = {}

    def send(self, picture: int, key: bool = False, lose: tuple[int, ...] = ()) -> None:
        self.now_s += 0.04
        for part in range(3):
            head = (IDR if key else SLICE) if part == 0 else b""
            made = packet(self.number, picture, part == 2, head + bytes([picture]))
            self.number += 1
            if part in lose:
                self.kept[made.sequence_number] = made
            else:
                self.arrive(made)

    def arrive(self, made: RtpPacket) -> None:
        ask, frame = self.buffer.add_at(made, self.now_s)
        self.asked += ask
        if frame is not None:
            self.shown.append(frame.timestamp // 3600)


def test_a_picture_comes_out_with_its_last_packet() -> None:
    line = Line()
    line.send(0, key=True)
    assert line.shown == [0]
    line.send(1)
    assert line.shown == [0, 1]
    assert line.asked == 0


def test_sequence_numbers_may_wrap() -> None:
    line = Line(first_number=0xFFFE)
    for picture in range(5):
        line.send(picture, key=picture == 0)
    assert line.shown == [0, 1, 2, 3, 4]


def test_a_retransmitted_packet_closes_the_hole_and_order_is_kept() -> None:
    line = Line()
    line.send(0, key=True)
    line.send(1, lose=(1,))
    line.send(2)
    assert line.shown == [0]
    (lost,) = line.kept.values()
    line.arrive(lost)
    line.send(3)
    line.send(4)
    assert line.shown == [0, 1, 2, 3, 4]


def test_what_stays_lost_is_given_up_and_a_keyframe_asked_for() -> None:
    line = Line()
    line.send(0, key=True)
    line.send(1, lose=(0,))
    lost_s = line.now_s
    picture = 2
    while line.asked == 0:
        line.send(picture)
        picture += 1
    assert line.now_s - lost_s < PATIENCE_S + 0.1
    assert line.shown == [0], "broken pictures are not shown"
    line.send(picture, key=True)
    line.send(picture + 1)
    assert line.shown == [0, picture, picture + 1]


def test_a_keyframe_already_there_ends_the_wait_for_a_hole() -> None:
    line = Line()
    line.send(0, key=True)
    line.send(1, lose=(1,))
    for picture in range(2, 30):
        line.send(picture, key=picture == 5)
        if len(line.shown) > 3:
            break
    assert line.shown[-1] - line.shown[-2] == 1
    assert line.now_s < 2 * PATIENCE_S


def test_joining_in_mid_stream_waits_for_a_keyframe_and_asks() -> None:
    line = Line(first_number=5000)
    line.send(7)
    assert line.shown == []
    assert line.asked == 1
    line.send(8, key=True)
    assert line.shown == [8]


def test_a_duplicate_or_ancient_packet_changes_nothing() -> None:
    line = Line()
    line.send(0, key=True)
    line.arrive(packet(1, 0, False, b"\x00"))
    line.send(1)
    assert line.shown == [0, 1]


def test_a_stream_that_starts_over_far_away_is_followed() -> None:
    line = Line()
    line.send(0, key=True)
    line.number = 30_000
    line.send(1, key=True)
    assert line.shown == [0, 1]
