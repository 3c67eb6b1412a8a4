"""What forwarding costs: one publisher to many subscribers, over real sockets.

The Forwarder and its publisher run here, the subscribers in a process of their own.
Measured is the CPU time of the forwarder's engine thread, which does everything that
happens per packet: socket, demultiplexing, decryption, routing, encryption, feedback
and bandwidth estimation for every subscriber. One more subscriber here looks at the
clock: how long a picture takes from `send_frame` until it can be drained whole.

Run by `make bench-forward`; with REPORT=path the figures are also written as JSON.
"""

import argparse
import json
import multiprocessing
import os
import select
import statistics
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from benchmarks.machine import describe_machine
from rtc import Client, Connected, Forwarder, Frame

LOOPBACK = "127.0.0.1"
FRAME_INTERVAL_S = 1 / 30
AUDIO_INTERVAL_S = 0.02
VIDEO_BPS = 1_200_000
KEYFRAME_EVERY = 120
KEYFRAME_BYTES = 40_000
AUDIO_BYTES = 120
WARM_UP_S = 3.0
TARGET_US = 8.0
STAMP_DIGITS = 20
START = b"\0\0\0\1"
PARAMETER_SETS = (
    START + bytes.fromhex("6742e01f8c8d40501e90f00f08846a")
    + START + bytes.fromhex("68ce3c80")
)  # fmt: skip


@dataclass(frozen=True)
class Run:
    """One measured interval."""

    cpu_us_per_packet: float
    packets_per_second: float
    engine_load: float
    """Share of one core."""
    egress_mbps: float
    packets_forwarded: int
    received_frames_ratio: float
    picture_ms: tuple[float, float]
    """From frame to frame: the median, and what nine of ten stay below."""
    dropped: dict[str, int]


def video_frame(number: int) -> bytes:
    if number % KEYFRAME_EVERY == 0:
        return PARAMETER_SETS + START + b"\x65" + b"\x55" * KEYFRAME_BYTES
    # What keyframes take, the others save.
    per_group = VIDEO_BPS / 8 * FRAME_INTERVAL_S * KEYFRAME_EVERY
    size = int((per_group - KEYFRAME_BYTES) / (KEYFRAME_EVERY - 1))
    return START + b"\x41" + b"\x55" * size


def stamped(frame: bytes) -> bytes:
    return frame + f"{time.monotonic_ns():0{STAMP_DIGITS}}".encode()


def wait_until(condition: Callable[[], bool], seconds: float, what: str) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise SystemExit(f"not within {seconds} s: {what}")
        time.sleep(0.05)


def subscribers(pipe: Connection, count: int) -> None:
    """The other process: offers out, answers in, then counts until told to stop."""
    clients = [
        Client(receive_audio=1, receive_video=1, bind=LOOPBACK, discard_media=True)
        for _ in range(count)
    ]
    pipe.send([(c.offer(), c.receive_mids) for c in clients])
    for client, answer in zip(clients, pipe.recv(), strict=True):
        client.accept(answer)
    waiting = set(range(count))
    while waiting:
        for index in list(waiting):
            if any(isinstance(e, Connected) for e in clients[index].drain()):
                waiting.discard(index)
        time.sleep(0.02)
    pipe.send("connected")
    while pipe.recv() != "stop":
        for client in clients:
            client.drain()
        pipe.send(sum(c.counters()["frames_in"] for c in clients))
    for client in clients:
        client.close()


class Publisher:
    """Sends 720p-like video and Opus-like audio at a steady pace."""

    def __init__(self, forwarder: Forwarder) -> None:
        self._client = Client(
            send=[("audio", "opus"), ("video", "H264")], bind=LOOPBACK
        )
        answer = forwarder.accept("publisher", self._client.offer())
        self._client.accept(answer.sdp)
        self.audio, self.video = self._client.send_mids
        self.frames = 0

    def wait_connected(self) -> None:
        def connected() -> bool:
            return any(isinstance(e, Connected) for e in self._client.drain())

        wait_until(connected, 10, "publisher connected")

    def send_for(self, seconds: float) -> None:
        start = time.monotonic()
        next_video = next_audio = start
        number = 0
        while (now := time.monotonic()) < start + seconds:
            if now >= next_video:
                self._send(self.video, stamped(video_frame(number)))
                number += 1
                next_video += FRAME_INTERVAL_S
            if now >= next_audio:
                self._send(self.audio, b"\xfc" + b"\x55" * AUDIO_BYTES)
                next_audio += AUDIO_INTERVAL_S
            self._client.drain()
            time.sleep(max(0.0, min(next_video, next_audio) - time.monotonic()))

    def _send(self, mid: str, data: bytes) -> None:
        self._client.send_frame(mid, data, time.time_ns() // 1000)
        self.frames += 1

    def close(self) -> None:
        self._client.close()


class Watcher(threading.Thread):
    """One more subscriber, for the time a picture takes."""

    def __init__(self, forwarder: Forwarder, publisher: "Publisher") -> None:
        super().__init__(daemon=True)
        self._client = Client(receive_video=1, bind=LOOPBACK)
        answer = forwarder.accept("watcher", self._client.offer())
        self._client.accept(answer.sdp)
        ((mid, _),) = self._client.receive_mids
        layer = ("publisher", publisher.video, None)
        forwarder.connect_slot("watcher", mid, [layer])
        self.took_ms: list[float] = []
        self._over = threading.Event()

    def run(self) -> None:
        while not self._over.is_set():
            select.select([self._client], [], [], 0.5)
            events = self._client.drain()
            now = time.monotonic_ns()
            for event in events:
                if isinstance(event, Frame):
                    stamp = int(event.data[-STAMP_DIGITS:])
                    self.took_ms.append((now - stamp) / 1e6)

    def close(self) -> None:
        self._over.set()
        self.join()
        self._client.close()


def connect_subscribers(
    forwarder: Forwarder, publisher: Publisher, pipe: Connection
) -> None:
    answers = []
    offers = pipe.recv()
    for index, (offer, _) in enumerate(offers):
        answers.append(forwarder.accept(f"subscriber-{index}", offer).sdp)
    pipe.send(answers)
    if pipe.recv() != "connected":
        raise SystemExit("subscribers did not connect")
    sources = {"audio": publisher.audio, "video": publisher.video}
    for index, (_, mids) in enumerate(offers):
        for mid, kind in mids:
            layer = ("publisher", sources[kind], None)
            forwarder.connect_slot(f"subscriber-{index}", mid, [layer])


def received_frames(pipe: Connection) -> int:
    pipe.send("count")
    return int(pipe.recv())


def measure(count: int, seconds: float) -> Run:
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(
        target=subscribers, args=(theirs, count)
    )
    process.start()
    forwarder = Forwarder(bind=LOOPBACK)
    publisher = Publisher(forwarder)
    publisher.wait_connected()
    connect_subscribers(forwarder, publisher, ours)
    watcher = Watcher(forwarder, publisher)
    watcher.start()
    publisher.send_for(WARM_UP_S)
    watcher.took_ms.clear()
    frames, sent = received_frames(ours), publisher.frames
    before, started = forwarder.counters(), time.monotonic()
    publisher.send_for(seconds)
    after, elapsed = forwarder.counters(), time.monotonic() - started
    time.sleep(0.3)
    frames = received_frames(ours) - frames
    sent = publisher.frames - sent
    ours.send("stop")
    process.join(10)
    watcher.close()
    publisher.close()
    forwarder.close()
    took_ms = statistics.quantiles(watcher.took_ms, n=10)
    change = {name: after[name] - before[name] for name in after}
    return Run(
        cpu_us_per_packet=change["engine_cpu_us"] / change["packets_forwarded"],
        packets_per_second=change["packets_forwarded"] / elapsed,
        engine_load=change["engine_cpu_us"] / 1e6 / elapsed,
        egress_mbps=change["bytes_out"] * 8 / 1e6 / elapsed,
        packets_forwarded=change["packets_forwarded"],
        received_frames_ratio=frames / (sent * count),
        picture_ms=(took_ms[4], took_ms[8]),
        dropped={n: c for n, c in change.items() if n.startswith("dropped_") and c},
    )


def spread(values: list[float]) -> dict[str, float]:
    return {
        "min": round(min(values), 2),
        "median": round(statistics.median(values), 2),
        "max": round(max(values), 2),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--subscribers", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--runs", type=int, default=3)
    arguments = parser.parse_args()
    runs = []
    for number in range(arguments.runs):
        run = measure(arguments.subscribers, arguments.seconds)
        runs.append(run)
        print(
            f"run {number + 1}: {run.cpu_us_per_packet:.2f} us/packet, "
            f"{run.packets_per_second:.0f} packets/s, "
            f"{run.engine_load:.1%} of a core, {run.egress_mbps:.0f} Mbit/s, "
            f"{run.received_frames_ratio:.2%} of frames received, "
            f"a picture in {run.picture_ms[0]:.1f} ms ({run.picture_ms[1]:.1f} ms), "
            f"dropped {run.dropped or 'nothing'}"
        )
    machine = describe_machine()
    cost = spread([r.cpu_us_per_packet for r in runs])
    report = {
        "name": "forward",
        "machine": machine,
        "subscribers": arguments.subscribers,
        "seconds": arguments.seconds,
        "cpu_us_per_packet": cost,
        "packets_per_second": spread([r.packets_per_second for r in runs]),
        "target_us": TARGET_US,
        "picture_ms": spread([r.picture_ms[0] for r in runs]),
        "runs": [asdict(r) for r in runs],
    }
    print(
        f"1 -> {arguments.subscribers}: {cost['median']} us per forwarded packet "
        f"(min {cost['min']}, max {cost['max']}; target {TARGET_US}) on {machine}"
    )
    if path := os.environ.get("REPORT"):
        Path(path).write_text(json.dumps(report, indent=2), encoding="utf-8")
    return 0 if cost["median"] <= TARGET_US else 1


if __name__ == "__main__":
    sys.exit(main())
