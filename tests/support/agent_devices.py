"""Devices without hardware: an RTSP server, an X display, a sound card of files."""

import asyncio
import os
import socket
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from subprocess import DEVNULL, Popen

import av
import numpy as np

from classroom_agent.devices.contract import SAMPLE_RATE
from classroom_agent.devices.test_pattern import TestPatternCamera
from tests.support.guard import GUARD_S
from tongke.demo.ports import free_port


def write_clip(path: Path, seconds: int) -> None:
    """An MP4 with H.264 of the test pattern, 320x180 at 25 fps, a keyframe a second."""
    camera = TestPatternCamera("clip", 320, 180, 25)
    start_us = time.time_ns() // 1000
    with av.open(str(path), "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
        stream.codec_context.options = {"preset": "ultrafast", "bf": "0", "g": "25"}
        for i in range(seconds * 25):
            frame = camera.draw(start_us + i * 40_000)
            frame.pts = i
            container.mux(stream.encode(frame))
        container.mux(stream.encode())


class RtspServer:
    """The PyPI server as a process of its own, so that it can be killed."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self.port = free_port()
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        script = Path(sys.executable).with_name("rtsp-server")
        self._process = await asyncio.create_subprocess_exec(
            script,
            *("--dir", str(self._directory)),
            *("--host", "127.0.0.1", "--port", str(self.port)),
            stdout=DEVNULL,
            stderr=DEVNULL,
        )
        async with asyncio.timeout(GUARD_S):
            while not _listens(self.port):
                await asyncio.sleep(0.02)

    async def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            await self._process.wait()
            self._process = None


@asynccontextmanager
async def rtsp_server(directory: Path) -> AsyncIterator[RtspServer]:
    server = RtspServer(directory)
    await server.start()
    try:
        yield server
    finally:
        await server.kill()


@contextmanager
def x_display(width: int, height: int) -> Iterator[str]:
    """Xvfb with one screen; yields its name, such as `:3`."""
    reader, writer = os.pipe()
    process = Popen(
        ["Xvfb", "-displayfd", str(writer), "-screen", "0", f"{width}x{height}x24"],
        pass_fds=[writer],
        stdout=DEVNULL,
        stderr=DEVNULL,
    )
    os.close(writer)
    try:
        with os.fdopen(reader) as answer:
            yield f":{answer.readline().strip()}"
    finally:
        process.terminate()
        process.wait()


def write_sound_card(directory: Path, frequency_hz: int) -> Path:
    """An ALSA configuration whose `plughw`-like device `card` plays a tone for ever
    (ALSA's own `file` plug-in). Returns the configuration file."""
    n = np.arange(SAMPLE_RATE * 30)
    tone = np.sin(2 * np.pi * frequency_hz * n / SAMPLE_RATE) * 8000
    raw = directory / "tone.raw"
    tone.astype("<i2").tofile(raw)
    config = directory / "asound.conf"
    config.write_text(
        "pcm.null { type null }\n"
        'pcm.tape { type file slave.pcm "null" file "/dev/null" format raw '
        f'infile "{raw}" }}\n'
        "pcm.card { type plug slave { pcm tape rate 48000 channels 1 "
        "format S16_LE } }\n"
    )
    return config


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
