"""Fragmented MP4 of one track, written and read: pure bytes in, pure bytes out.

Written by hand and not by FFmpeg's muxer because a fragment must be closed when *we*
say so (at most half a second of media may be unwritten), with exact lesson times in
`tfdt`; PyAV has no call that flushes a fragment. ISO/IEC 14496-12 (boxes),
14496-15 (`avc1`), the Opus in ISOBMFF encapsulation (`Opus`, `dOps`).
"""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from common.errors import ParseError
from recorder.codecs import OPUS_RATE, AvcParameters

VIDEO_TIMESCALE = 90_000
AUDIO_TIMESCALE = OPUS_RATE

_SYNC = 0x02000000
"""sample_depends_on = 2: a keyframe."""
_DELTA = 0x01010000
"""sample_depends_on = 1, sample_is_non_sync_sample."""
_MATRIX = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)


@dataclass(frozen=True)
class Sample:
    data: bytes
    ticks: int
    """Duration in the track's timescale."""
    sync: bool


def _box(kind: bytes, *parts: bytes) -> bytes:
    size = 8 + sum(map(len, parts))
    return struct.pack(">I", size) + kind + b"".join(parts)


def _full(kind: bytes, version: int, flags: int, *parts: bytes) -> bytes:
    return _box(kind, struct.pack(">I", version << 24 | flags), *parts)


def video_init(avc: AvcParameters) -> bytes:
    """The init segment of an H.264 run."""
    config = _box(
        b"avcC",
        bytes([1, *avc.sps[1:4], 0xFF, 0xE1]),
        struct.pack(">H", len(avc.sps)) + avc.sps,
        b"\x01" + struct.pack(">H", len(avc.pps)) + avc.pps,
    )
    entry = _box(
        b"avc1",
        bytes(6) + b"\x00\x01" + bytes(16),
        struct.pack(">HHIIIH", avc.width, avc.height, 72 << 16, 72 << 16, 0, 1),
        bytes(32) + struct.pack(">Hh", 24, -1),
        config,
    )
    header = _full(b"vmhd", 0, 1, bytes(8))
    return _init(entry, header, b"vide", VIDEO_TIMESCALE, (avc.width, avc.height))


def audio_init(channels: int) -> bytes:
    """The init segment of an Opus run."""
    # Version 0, no pre-skip: a live stream is cut anywhere, there is no encoder start.
    config = _box(b"dOps", struct.pack(">BBHIhB", 0, channels, 0, OPUS_RATE, 0, 0))
    entry = _box(
        b"Opus",
        bytes(6) + b"\x00\x01" + bytes(8),
        struct.pack(">HHII", channels, 16, 0, OPUS_RATE << 16),
        config,
    )
    header = _full(b"smhd", 0, 0, bytes(4))
    return _init(entry, header, b"soun", AUDIO_TIMESCALE, (0, 0))


def _init(
    entry: bytes, media_header: bytes, handler: bytes, scale: int, size: tuple[int, int]
) -> bytes:
    empty = struct.pack(">I", 0)
    table = _box(
        b"stbl",
        _full(b"stsd", 0, 0, struct.pack(">I", 1), entry),
        _full(b"stts", 0, 0, empty),
        _full(b"stsc", 0, 0, empty),
        _full(b"stsz", 0, 0, empty, empty),
        _full(b"stco", 0, 0, empty),
    )
    references = _full(b"dref", 0, 0, struct.pack(">I", 1), _full(b"url ", 0, 1))
    information = _box(b"minf", media_header, _box(b"dinf", references), table)
    media = _box(
        b"mdia",
        _full(b"mdhd", 0, 0, struct.pack(">IIIIHH", 0, 0, scale, 0, 0x55C4, 0)),
        _full(b"hdlr", 0, 0, bytes(4), handler, bytes(12), b"\x00"),
        information,
    )
    volume = 0x0100 if handler == b"soun" else 0
    track_header = _full(
        b"tkhd",
        0,
        3,
        struct.pack(">IIIII", 0, 0, 1, 0, 0),
        struct.pack(">IIhhHH", 0, 0, 0, 0, volume, 0),
        _MATRIX,
        struct.pack(">II", size[0] << 16, size[1] << 16),
    )
    movie_header = _full(
        b"mvhd",
        0,
        0,
        struct.pack(">IIIIIH", 0, 0, 1000, 0, 0x10000, 0x0100),
        bytes(10) + _MATRIX + bytes(24),
        struct.pack(">I", 2),
    )
    extends = _full(b"trex", 0, 0, struct.pack(">IIIII", 1, 1, 0, 0, 0))
    return _box(b"ftyp", b"iso6", bytes(4), b"iso6mp41") + _box(
        b"moov",
        movie_header,
        _box(b"trak", track_header, media),
        _box(b"mvex", extends),
    )


def fragment(sequence: int, start_ticks: int, samples: Sequence[Sample]) -> bytes:
    """One `moof` + `mdat`. `start_ticks` is the decode time of the first sample."""
    entries = b"".join(
        struct.pack(">III", s.ticks, len(s.data), _SYNC if s.sync else _DELTA)
        for s in samples
    )
    header = _full(b"mfhd", 0, 0, struct.pack(">I", sequence))
    times = _full(b"tfhd", 0, 0x020000, struct.pack(">I", 1)) + _full(
        b"tfdt", 1, 0, struct.pack(">Q", start_ticks)
    )
    # moof(8) mfhd(16) traf(8) tfhd+tfdt trun(20 + entries), then mdat's own header.
    offset = 8 + len(header) + 8 + len(times) + 20 + len(entries) + 8
    run = _full(b"trun", 0, 0x000701, struct.pack(">Ii", len(samples), offset), entries)
    movie = _box(b"moof", header, _box(b"traf", times, run))
    return movie + _box(b"mdat", *(s.data for s in samples))


@dataclass(frozen=True)
class FragmentFacts:
    """What a fragment says about itself, read back from its bytes."""

    start_ticks: int
    ticks: int
    samples: int
    starts_with_sync: bool
    end: int
    """Offset of the first byte after the fragment."""


def whole_fragments(data: bytes) -> Iterator[FragmentFacts]:
    """The whole fragments at the head of a file; a torn tail is left out."""
    at = 0
    while True:
        movie = _whole_box(data, at, b"moof")
        if movie is None:
            return
        media = _whole_box(data, movie, b"mdat")
        if media is None:
            return
        yield _read_fragment(data[at:movie], media)
        at = media


def _whole_box(data: bytes, at: int, kind: bytes) -> int | None:
    """The end of the box at `at`, None when it is torn or another kind."""
    if at + 8 > len(data) or data[at + 4 : at + 8] != kind:
        return None
    end = at + int.from_bytes(data[at : at + 4], "big")
    return end if at + 8 <= end <= len(data) else None


def _read_fragment(movie: bytes, end: int) -> FragmentFacts:
    decode_at, run_at = movie.find(b"tfdt"), movie.find(b"trun")
    if decode_at < 0 or run_at < 0:
        raise ParseError("bad_fragment", zh="录制片段损坏", en="a fragment is damaged")
    (start,) = struct.unpack_from(">Q", movie, decode_at + 8)
    (count,) = struct.unpack_from(">I", movie, run_at + 8)
    entries = list(struct.iter_unpack(">III", movie[run_at + 16 :]))[:count]
    return FragmentFacts(
        start_ticks=start,
        ticks=sum(ticks for ticks, _, _ in entries),
        samples=len(entries),
        starts_with_sync=bool(entries) and entries[0][2] == _SYNC,
        end=end,
    )
