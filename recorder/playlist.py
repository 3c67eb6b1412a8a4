"""HLS playlists of a recording, written by us from the manifest. Pure.

RFC 8216 and draft-pantos-hls-rfc8216bis (EXT-X-GAP). One MAP per run, a
DISCONTINUITY where a track begins a new run: in the picture and in all sounds beside it
at the same place, because players pair picture and sound by discontinuity number,
PROGRAM-DATE-TIME from capture times, GAP for holes. EVENT while the lesson runs, then
VOD; every playlist counts time from the recording's origin, so that all stay in step.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from math import ceil

from common.errors import NotFoundError
from recorder.manifest import MIX, Manifest, Segment, TrackRecord

MEDIA_TYPE = "application/vnd.apple.mpegurl"
_TARGET_S = 6
"""Announced length of the longest segment; holes are cut into pieces of this."""
_NO_GAP_US = 60_000
_SAME_BREAK_US = 3_000_000
"""All tracks begin anew after a restart, each at its own keyframe: one break."""


@dataclass(frozen=True)
class _Item:
    start_us: int
    end_us: int
    segment: Segment | None
    """None: a hole."""


def media_playlist(
    manifest: Manifest, track: TrackRecord, beside: str | None = None
) -> str:
    """The playlist of one track, from the origin on.

    `beside`: the picture that a sound is played with, None for the usual one.
    """
    ended = manifest.ended is not None
    items = list(_items(track.segments, manifest.end_us if ended else None))
    longest = max((item.end_us - item.start_us for item in items), default=0)
    lines = [
        "#EXTM3U",
        "#EXT-X-VERSION:8",
        f"#EXT-X-TARGETDURATION:{max(_TARGET_S, ceil(longest / 1e6))}",
        "#EXT-X-MEDIA-SEQUENCE:0",
        f"#EXT-X-PLAYLIST-TYPE:{'VOD' if ended else 'EVENT'}",
        "#EXT-X-INDEPENDENT-SEGMENTS",
        *_body(manifest, track, items, _breaks(manifest, track, beside)),
    ]
    if ended:
        lines.append("#EXT-X-ENDLIST")
    return "\n".join(lines) + "\n"


def _body(
    manifest: Manifest, track: TrackRecord, items: Sequence[_Item], breaks: list[int]
) -> Iterator[str]:
    run = track.runs[0].run if track.runs else 0
    mapped = 0
    dated = False
    for item in items:
        while breaks and item.start_us >= breaks[0]:
            breaks.pop(0)
            yield "#EXT-X-DISCONTINUITY"
            dated = False
        run = item.segment.run if item.segment else run
        if run != mapped:
            yield f'#EXT-X-MAP:URI="{init_name(run)}"'
            mapped = run
        if not dated or item.segment is None:
            yield "#EXT-X-PROGRAM-DATE-TIME:" + _date(manifest, item.start_us)
        dated = item.segment is not None
        if item.segment is None:
            yield "#EXT-X-GAP"
        yield f"#EXTINF:{(item.end_us - item.start_us) / 1e6:.6f},"
        yield _uri_of(item.segment)


def _uri_of(segment: Segment | None) -> str:
    if segment is None:
        return "gap.m4s"
    return segment_name(segment.segment, segment.run)


def _breaks(manifest: Manifest, track: TrackRecord, beside: str | None) -> list[int]:
    """Where the picture or any sound played with it begins a new run."""
    picture = track if track.info.kind == "video" else chosen_video(manifest, beside)
    return breaks([*sounds(manifest), *([picture] if picture else [])])


def breaks(tracks: Iterable[TrackRecord]) -> list[int]:
    """Where any of the tracks begins a new run, in order; near ones are one."""
    starts = {run.start_us for part in tracks for run in part.runs[1:]}
    merged: list[int] = []
    for at in sorted(starts):
        if not merged or at - merged[-1] > _SAME_BREAK_US:
            merged.append(at)
    return merged


def _items(segments: Sequence[Segment], end_us: int | None) -> Iterator[_Item]:
    """Segments with their holes between them; neighbours touch exactly."""
    if not segments:
        return
    at = 0
    for index, segment in enumerate(segments):
        yield from _hole(at, segment.start_us)
        following = segments[index + 1].start_us if index + 1 < len(segments) else None
        end = segment.end_us
        if following is not None and following - end <= _NO_GAP_US:
            end = max(following, segment.start_us + 1)
        yield _Item(segment.start_us, end, segment)
        at = end
    if end_us is not None:
        yield from _hole(at, end_us)


def _hole(start_us: int, end_us: int) -> Iterator[_Item]:
    if end_us - start_us <= _NO_GAP_US:
        return
    pieces = ceil((end_us - start_us) / (_TARGET_S * 1_000_000))
    edges = [start_us + (end_us - start_us) * i // pieces for i in range(pieces + 1)]
    for start, end in pairwise(edges):
        yield _Item(start, end, None)


def _date(manifest: Manifest, position_us: int) -> str:
    at = datetime.fromtimestamp(0, UTC) + timedelta(
        microseconds=manifest.started.origin_us + position_us
    )
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def init_name(run: int) -> str:
    return f"run-{run}.mp4"


def segment_name(segment: int, run: int) -> str:
    return f"{segment:06d}-r{run}.m4s"


def main_video(manifest: Manifest, wanted: str | None = None) -> TrackRecord | None:
    """The picture to show: the wanted track, else the teacher's camera, else any."""
    tracks = [t for t in manifest.tracks.values() if t.info.kind == "video" and t.runs]
    if wanted is not None:
        return next((t for t in tracks if t.info.track == wanted), None)
    return min(tracks, key=_video_rank, default=None)


def chosen_video(manifest: Manifest, wanted: str | None) -> TrackRecord | None:
    """As `main_video`; raises NotFoundError(`no_such_track`) for an unknown wish."""
    found = main_video(manifest, wanted)
    if wanted is not None and found is None:
        raise NotFoundError(
            "no_such_track", zh="没有这一路视频", en="there is no such video track"
        )
    return found


def sounds(manifest: Manifest) -> list[TrackRecord]:
    """All sound as it was recorded, the teacher's first."""
    tracks = [t for t in manifest.tracks.values() if t.info.kind == "audio" and t.runs]
    return sorted(tracks, key=lambda t: (t.info.role != "master", t.info.track))


def _video_rank(track: TrackRecord) -> tuple[bool, int, str]:
    sources = ("camera", "screen", "board")
    order = sources.index(track.info.source) if track.info.source in sources else 9
    return (track.info.role != "master", order, track.info.track)


def master_playlist(manifest: Manifest, wanted: str | None = None) -> str:
    """The multivariant playlist: one picture, every sound as a rendition.

    The default sound has everybody in it once it is made; before, it is the teacher's.
    Without any picture the sound itself is the one variant. Raises
    NotFoundError(`no_such_track`).
    """
    video, audio = chosen_video(manifest, wanted), sounds(manifest)
    if MIX in manifest.derived:
        audio.insert(0, manifest.derived[MIX])
    lines = ["#EXTM3U", "#EXT-X-VERSION:8", "#EXT-X-INDEPENDENT-SEGMENTS"]
    if video is None:
        lines += [line for t in audio[:1] for line in _variant(t, [], grouped=False)]
        return "\n".join(lines) + "\n"
    names: set[str] = set()
    beside = f"?video={wanted}" if wanted else ""
    for index, track in enumerate(audio):
        default = "YES" if index == 0 else "NO"
        lines.append(
            f'#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="sound",NAME="{_name(track, names)}",'
            f'DEFAULT={default},AUTOSELECT={default},CHANNELS="2",'
            f'URI="{_uri(track)}{beside}"'
        )
    lines += _variant(video, audio[:1], grouped=bool(audio))
    return "\n".join(lines) + "\n"


def _variant(
    track: TrackRecord, beside: list[TrackRecord], *, grouped: bool
) -> list[str]:
    parts = [track, *beside]
    names = dict.fromkeys(run.codec for part in parts for run in part.runs)
    attributes = [
        f"BANDWIDTH={sum(_peak_bps(part) for part in parts)}",
        f'CODECS="{",".join(names)}"',
    ]
    largest = max(track.runs, key=lambda run: run.width * run.height)
    if largest.width:
        attributes.append(f"RESOLUTION={largest.width}x{largest.height}")
    if grouped:
        attributes.append('AUDIO="sound"')
    return ["#EXT-X-STREAM-INF:" + ",".join(attributes), _uri(track)]


def _peak_bps(track: TrackRecord) -> int:
    rates = (
        s.bytes * 8_000_000 // max(s.end_us - s.start_us, 20_000)
        for s in track.segments
    )
    return max(rates, default=1)


def _uri(track: TrackRecord) -> str:
    return f"tracks/{track.info.track}/index.m3u8"


def _name(track: TrackRecord, used: set[str]) -> str:
    """Unique in its group, without what would end a quoted string."""
    name = track.info.name or track.info.track
    name = "".join(c for c in name if c.isprintable() and c != '"')
    if name in used:
        name = f"{name} ({track.info.track})"
    used.add(name)
    return name
