"""Recordings made by hand for the pure tests."""

from common.protocol.events import LessonFacts
from recorder.manifest import Ended, Expect, Manifest, Run, Segment, Started, Track

ORIGIN_US = 1_795_312_800_000_000


def lesson_facts(session: str = "ses-1", **changes: object) -> LessonFacts:
    base = LessonFacts(
        lesson="les-1",
        session=session,
        title="分数的加减法",
        kind="delivery",
        stage="小学",
        subject="数学",
        grade="五年级",
        textbook="人教版",
        volume="下册",
        chapter="第六单元 分数的加法和减法",
        class_hour=2,
        week=12,
        period="第3节",
        teacher="王老师",
        district="定远县",
        school="定远县中心小学",
        master_room="room-master",
        site_rooms={"room-master": "主讲教室", "room-a": "桑涧教学点"},
        starts_at=ORIGIN_US / 1e6,
        ends_at=ORIGIN_US / 1e6 + 2400,
    )
    return base.model_copy(update=changes)


def new_manifest(**changes: object) -> Manifest:
    started = Started(
        recording="rec-1",
        resource="res-1",
        origin_us=ORIGIN_US,
        facts=lesson_facts(**changes),  # type: ignore[arg-type]
    )
    return Manifest(started=started)


def add_track(
    manifest: Manifest,
    track: str,
    kind: str,
    spans: list[tuple[int, int]],
    *,
    role: str = "master",
    source: str = "",
    expected_from: int = 0,
) -> None:
    """`spans`: segments in milliseconds, all of one run."""
    info = {
        "track": track,
        "participant": role + "-1",
        "name": f"名字 {track}",
        "role": role,
        "source": source or ("camera" if kind == "video" else "microphone"),
        "kind": kind,
    }
    manifest.apply(Track.model_validate(info))
    codec, size = ("avc1.42c01f", 1280) if kind == "video" else ("opus", 0)
    manifest.apply(Expect(track=track, at_us=expected_from * 1000, expected=True))
    if spans:
        start = spans[0][0] * 1000
        shape = {"width": size, "height": size * 9 // 16}
        manifest.apply(Run(track=track, run=1, codec=codec, start_us=start, **shape))
    for number, (start_ms, end_ms) in enumerate(spans, 1):
        add_segment(manifest, track, number, start_ms, end_ms)


def add_segment(
    manifest: Manifest, track: str, number: int, start: int, end: int, run: int = 1
) -> None:
    manifest.apply(
        Segment(
            track=track,
            segment=number,
            run=run,
            start_us=start * 1000,
            end_us=end * 1000,
            bytes=(end - start) * 100,
            sha256="0" * 64,
            frames=1,
        )
    )


def end(manifest: Manifest, at_ms: int) -> Manifest:
    manifest.apply(Ended(at_us=at_ms * 1000, reason="bell"))
    return manifest
