"""Is the room fit for the lesson? One line per part, in words a teacher understands."""

import asyncio
import time
from email.utils import parsedate_to_datetime
from pathlib import Path

import aiohttp
import numpy as np
import numpy.typing as npt
import psutil

from classroom_agent.capture import AudioCapture, VideoCapture
from classroom_agent.config import RoomConfig
from classroom_agent.devices.contract import Picture
from classroom_agent.room_media import RoomMedia
from common.protocol.control import CheckName, CheckResult

WATCH_S = 1.0
FIRST_PICTURE_S = 4.0
MIC_FLOOR = 8
"""Largest sample in `WATCH_S`: even a quiet room with an open microphone has more."""
_CLOCK_LIMIT_S = 2.0
_SERVER_TIMEOUT_S = 3.0
_DARK_LUMA, _FLAT_LUMA = 20.0, 3.0


async def run(
    config: RoomConfig,
    media: RoomMedia,
    *,
    server_url: str = "",
    skew_s: float | None = None,
) -> list[CheckResult]:
    """Devices must be running. Takes about `WATCH_S` seconds when all is well.

    `server_url`: whose answer is asked for, when not the configured one. `skew_s`: how
    far our clock is ahead of the scheduler's, where that has been compared.
    """
    checks = [check_network(server_url or config.server.url, skew_s)]
    if media.camera is not None:
        checks.append(check_camera(media.camera))
    if media.screen is not None:
        checks.append(check_screen(media.screen))
    if media.microphone is not None:
        checks.append(check_microphone(media.microphone))
    groups = await asyncio.gather(*checks)
    results = [result for group in groups for result in group]
    return [*results, check_disk(config.state_dir, config.min_free_bytes)]


async def check_camera(capture: VideoCapture) -> list[CheckResult]:
    pictures = await asyncio.to_thread(_watch, capture)
    if not pictures:
        return [_lost("camera", capture)]
    thumbnails = [thumbnail(picture) for picture in pictures]
    return [judge_camera(thumbnails)]


async def check_screen(capture: VideoCapture) -> list[CheckResult]:
    """A desktop may be dark and still: it must only be there."""
    if not await asyncio.to_thread(_watch, capture):
        return [_lost("screen", capture)]
    return [CheckResult(name="screen", ok=True, zh="屏幕正常", en="screen ok")]


def judge_camera(thumbnails: list[npt.NDArray[np.uint8]]) -> CheckResult:
    """Black: dark and flat. Frozen: not one pixel moves, which a sensor's noise
    never does."""
    newest = thumbnails[-1].astype(int)
    if newest.mean() < _DARK_LUMA and newest.std() < _FLAT_LUMA:
        return _bad("camera", "画面全黑，请取下镜头盖或开灯", "the picture is black")
    same = all(np.array_equal(thumbnails[0], other) for other in thumbnails[1:])
    if len(thumbnails) > 2 and same:
        return _bad("camera", "画面不动，请重新插拔摄像头", "the picture is frozen")
    fps = len(thumbnails) / WATCH_S
    return CheckResult(
        name="camera",
        ok=True,
        zh=f"摄像头正常，每秒 {fps:.0f} 帧",
        en=f"camera ok, {fps:.0f} pictures a second",
    )


async def check_microphone(capture: AudioCapture) -> list[CheckResult]:
    capture.take_peak()
    await asyncio.sleep(WATCH_S)
    peak = capture.take_peak()
    if capture.fault is not None:
        return [_bad("microphone", capture.fault.zh, capture.fault.en)]
    if peak < MIC_FLOOR:
        zh = "麦克风没有声音，请检查静音键和音量"
        return [_bad("microphone", zh, "the microphone is silent: mute key? volume?")]
    return [CheckResult(name="microphone", ok=True, zh="麦克风正常", en="mic ok")]


def check_disk(directory: Path, min_free_bytes: int) -> CheckResult:
    directory.mkdir(parents=True, exist_ok=True)
    free = psutil.disk_usage(str(directory)).free
    megabytes = free // 1_000_000
    if free < min_free_bytes:
        zh = f"磁盘只剩 {megabytes} MB，请清理"
        return _bad("disk", zh, f"only {megabytes} MB free on disk")
    return CheckResult(
        name="disk", ok=True, zh=f"磁盘剩余 {megabytes} MB", en=f"{megabytes} MB free"
    )


async def check_network(
    server_url: str, skew_s: float | None = None
) -> list[CheckResult]:
    """Also looks at the clock: by `skew_s`, else by the server's `Date` header."""
    known = [] if skew_s is None else [judge_skew(skew_s)]
    began_s = time.monotonic()
    timeout = aiohttp.ClientTimeout(total=_SERVER_TIMEOUT_S)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.get(f"{server_url}/healthz") as response,
        ):
            date = response.headers.get("Date", "")
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        zh = "连不上服务器，请检查网线"
        return [_bad("network", zh, f"the server does not answer: {error!r}"), *known]
    ms = (time.monotonic() - began_s) * 1000
    network = CheckResult(
        name="network",
        ok=True,
        zh=f"网络正常，{ms:.0f} 毫秒",
        en=f"network {ms:.0f} ms",
    )
    return [network, *(known or [judge_clock(date, time.time())])]


def judge_clock(date_header: str, now_s: float) -> CheckResult:
    """By a `Date` header, which has whole seconds."""
    try:
        server_s = parsedate_to_datetime(date_header).timestamp()
    except ValueError:
        return _bad("clock", "无法核对时间", "the server did not tell its time")
    # `Date` is cut to whole seconds: on average it is half a second behind.
    return judge_skew(now_s - server_s - 0.5)


def judge_skew(skew_s: float) -> CheckResult:
    """Our clock minus the server's."""
    if abs(skew_s) > _CLOCK_LIMIT_S:
        zh = f"本机时间差 {skew_s:+.0f} 秒，请开启自动对时"
        return _bad("clock", zh, f"this clock is off by {skew_s:+.0f} s")
    return CheckResult(name="clock", ok=True, zh="时间准确", en="clock ok")


def thumbnail(picture: Picture) -> npt.NDArray[np.uint8]:
    small = picture.frame.reformat(width=160, height=90, format="gray")
    return small.to_ndarray().astype(np.uint8)


def _watch(capture: VideoCapture) -> list[Picture]:
    """Real pictures of `WATCH_S`, none when there is none in `FIRST_PICTURE_S`."""
    pictures: list[Picture] = []
    seen, deadline = 0, time.monotonic() + FIRST_PICTURE_S
    while time.monotonic() < deadline:
        numbered = capture.next_picture(seen, timeout_s=0.2)
        seen = numbered.number
        if not numbered.real:
            continue
        if not pictures:
            deadline = time.monotonic() + WATCH_S
        pictures.append(numbered.picture)
    return pictures


def _lost(name: CheckName, capture: VideoCapture) -> CheckResult:
    if capture.fault is not None:
        return _bad(name, capture.fault.zh, capture.fault.en)
    return _bad(name, "没有画面", "no picture")


def _bad(name: CheckName, zh: str, en: str) -> CheckResult:
    return CheckResult(name=name, ok=False, zh=zh, en=en)
