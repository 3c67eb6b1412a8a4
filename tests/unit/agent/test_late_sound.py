"""A microphone whose thread is starved: what it hands over late is sent once."""

import asyncio
import time
from itertools import pairwise
from typing import cast

from classroom_agent.capture import AudioCapture
from classroom_agent.devices.contract import Sound
from classroom_agent.devices.test_pattern import TestToneMicrophone
from classroom_agent.encode import Encoded, OpusEncoder
from classroom_agent.publish import AudioPublication
from classroom_agent.transport import Feedback, MediaPeer
from tests.support.guard import GUARD_S

STALL_S = 0.16
"""Longer than the publication waits, shorter than what the device gives up."""
EVERY_CHUNKS, STALLS = 20, 4


class StarvedMicrophone:
    def __init__(self) -> None:
        self._real = TestToneMicrophone("centre-101")
        self._reads = 0

    def open(self) -> None:
        self._real.open()

    def read(self) -> Sound:
        self._reads += 1
        if self._reads % EVERY_CHUNKS == 0 and self._reads <= STALLS * EVERY_CHUNKS:
            time.sleep(STALL_S)
        return self._real.read()

    def close(self) -> None:
        self._real.close()


class Line:
    """Where a connection would be."""

    mid = "0"

    def __init__(self) -> None:
        self.sent: list[Encoded] = []

    def publish(self, _kind: str, _feedback: Feedback) -> "Line":
        return self

    def send(self, frame: Encoded) -> None:
        self.sent.append(frame)


async def test_a_starved_microphone_sends_no_more_sound_than_time_passes() -> None:
    capture = AudioCapture("microphone", StarvedMicrophone)
    loop = asyncio.get_running_loop()
    publication = AudioPublication(capture, OpusEncoder(32_000), 32_000, loop)
    line = Line()
    publication.attach(cast(MediaPeer, line))
    publication.start()
    async with asyncio.timeout(GUARD_S):
        while capture.reads < (STALLS + 1) * EVERY_CHUNKS:
            await asyncio.sleep(0.02)
    publication.stop()
    slips = [
        abs((b.rtp_time - a.rtp_time) * 1e6 / 48_000 - (b.capture_us - a.capture_us))
        for a, b in pairwise(line.sent)
    ]
    first, last = line.sent[0], line.sent[-1]
    rtp_us = (last.rtp_time - first.rtp_time) * 1e6 / 48_000
    assert max(slips) < 5_000
    assert abs(rtp_us - (last.capture_us - first.capture_us)) < 20_000
