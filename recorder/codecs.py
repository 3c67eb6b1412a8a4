"""What the recorder must know about H.264 and Opus to remux them: pure functions.

H.264: ITU-T H.264 (08/2021) §7.3.2.1, Annex B. Opus: RFC 6716 §3.1.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from common.errors import ParseError

_NAL_SPS = 7
_NAL_PPS = 8
_NAL_DELIMITER = 9
# Profiles whose SPS carries chroma format and scaling lists (§7.3.2.1.1).
_HIGH_PROFILES = {100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135}

OPUS_RATE = 48_000
OPUS_SILENCE_TICKS = 960
_OPUS_SILENCE_MONO = b"\xf8\xff\xfe"
_OPUS_SILENCE_STEREO = b"\xfc\xff\xfe"


@dataclass(frozen=True)
class AvcParameters:
    """The parameter sets of one run. Equal values decode with one init segment."""

    sps: bytes
    pps: bytes
    width: int
    height: int

    @property
    def codec(self) -> str:
        """RFC 6381 §3.3: `avc1.` and profile, constraints, level in hex."""
        return "avc1." + self.sps[1:4].hex()


def split_annex_b(data: bytes) -> list[bytes]:
    """NAL units of one access unit, start codes and trailing zeros removed."""
    starts: list[tuple[int, int]] = []
    at = data.find(b"\x00\x00\x01")
    while at >= 0:
        starts.append((at, at + 3))
        at = data.find(b"\x00\x00\x01", at + 3)
    ends = [code for code, _ in starts[1:]] + [len(data)]
    units = (
        data[begin:end].rstrip(b"\x00")
        for (_, begin), end in zip(starts, ends, strict=True)
    )
    return [unit for unit in units if unit]


def avc_parameters(units: list[bytes]) -> AvcParameters | None:
    """The parameter sets inside an access unit, None when there are none.

    Raises ParseError(`bad_sps`).
    """
    sps = next((unit for unit in units if unit[0] & 31 == _NAL_SPS), None)
    pps = next((unit for unit in units if unit[0] & 31 == _NAL_PPS), None)
    if sps is None or pps is None:
        return None
    try:
        width, height = _dimensions(sps)
    except (IndexError, StopIteration) as error:
        raise ParseError(
            "bad_sps", zh="视频参数集无法解析", en="the SPS does not parse"
        ) from error
    return AvcParameters(sps, pps, width, height)


def avc_sample(units: list[bytes]) -> bytes:
    """An access unit as `avc1` wants it: 4-byte lengths, parameter sets left out
    (ISO/IEC 14496-15 §5.3.3: they live in `avcC`)."""
    skipped = {_NAL_SPS, _NAL_PPS, _NAL_DELIMITER}
    return b"".join(
        len(unit).to_bytes(4, "big") + unit
        for unit in units
        if unit[0] & 31 not in skipped
    )


class _Bits:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def read(self, count: int = 1) -> int:
        value = 0
        for _ in range(count):
            byte = self._data[self._at >> 3]
            value = value << 1 | byte >> (7 - (self._at & 7)) & 1
            self._at += 1
        return value

    def ue(self) -> int:
        """Exp-Golomb, H.264 §9.1."""
        zeros = 0
        while not self.read():
            zeros += 1
        return (1 << zeros) - 1 + self.read(zeros)

    def se(self) -> int:
        code = self.ue()
        return (code + 1) // 2 if code & 1 else -(code // 2)


def _dimensions(sps: bytes) -> tuple[int, int]:
    """Width and height after cropping."""
    bits = _Bits(sps[1:].replace(b"\x00\x00\x03", b"\x00\x00"))
    profile = bits.read(8)
    bits.read(16)
    bits.ue()
    chroma = _read_chroma(bits) if profile in _HIGH_PROFILES else 1
    bits.ue()
    _skip_picture_order(bits)
    bits.ue()
    bits.read()
    width_mbs, height_units = bits.ue() + 1, bits.ue() + 1
    frames_only = bits.read()
    if not frames_only:
        bits.read()
    bits.read()
    left = right = top = bottom = 0
    if bits.read():
        left, right, top, bottom = bits.ue(), bits.ue(), bits.ue(), bits.ue()
    unit_x = 2 if chroma in (1, 2) else 1
    unit_y = (2 if chroma == 1 else 1) * (2 - frames_only)
    width = width_mbs * 16 - unit_x * (left + right)
    height = height_units * 16 * (2 - frames_only) - unit_y * (top + bottom)
    return width, height


def _read_chroma(bits: _Bits) -> int:
    chroma = bits.ue()
    if chroma == 3:
        bits.read()
    bits.ue()
    bits.ue()
    bits.read()
    if bits.read():
        for index in range(12 if chroma == 3 else 8):
            if bits.read():
                _skip_scaling_list(bits, 16 if index < 6 else 64)
    return chroma


def _skip_scaling_list(bits: _Bits, size: int) -> None:
    last = following = 8
    for _ in range(size):
        if following:
            following = (last + bits.se()) % 256
        last = following or last


def _skip_picture_order(bits: _Bits) -> None:
    kind = bits.ue()
    if kind == 0:
        bits.ue()
    elif kind == 1:
        bits.read()
        bits.se()
        bits.se()
        for _ in range(bits.ue()):
            bits.se()


# Frame length in 48 kHz ticks by TOC config (RFC 6716 table 2).
_SILK = (480, 960, 1920, 2880)
_HYBRID = (480, 960)
_CELT = (120, 240, 480, 960)


def opus_ticks(packet: bytes) -> int:
    """Length of one Opus packet in 48 kHz ticks. Raises ParseError(`bad_opus`)."""
    if not packet:
        raise _bad_opus()
    config, code = packet[0] >> 3, packet[0] & 3
    if config < 12:
        frame = _SILK[config & 3]
    elif config < 16:
        frame = _HYBRID[config & 1]
    else:
        frame = _CELT[config & 3]
    if code == 3 and len(packet) < 2:
        raise _bad_opus()
    count = (1, 2, 2)[code] if code < 3 else packet[1] & 63
    if not 0 < count * frame <= 5760:
        raise _bad_opus()
    return count * frame


def _bad_opus() -> ParseError:
    return ParseError("bad_opus", zh="音频包无法解析", en="the Opus packet is broken")


def opus_silence(like: bytes, ticks: int) -> Iterator[tuple[bytes, int]]:
    """Packets of digital silence (CELT, 20 ms) of about `ticks`, with their lengths.

    The last one's length takes the remainder, so that the sum is exact; what a
    decoder makes of them is never longer.
    """
    stereo = bool(like) and bool(like[0] & 4)
    packet = _OPUS_SILENCE_STEREO if stereo else _OPUS_SILENCE_MONO
    count = max(ticks // OPUS_SILENCE_TICKS, 0)
    for index in range(count):
        rest = ticks - index * OPUS_SILENCE_TICKS
        yield packet, rest if index == count - 1 else OPUS_SILENCE_TICKS
