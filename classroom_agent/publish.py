"""What the room sends: capture → encode (a thread each) → senders (event loop).

A publication outlives connections: `attach` gives it the sections of a new one. A
layer is encoded only while somebody looks at it and the connection takes frames.
"""

import asyncio
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Protocol

from classroom_agent.bitrate import BitrateController
from classroom_agent.capture import AudioCapture, VideoCapture
from classroom_agent.devices.contract import Picture
from classroom_agent.encode import Encoded, H264Encoder, OpusEncoder, VideoSettings
from classroom_agent.sound_line import SoundLine, SoundPacket
from classroom_agent.transport import Feedback, MediaPeer, Sender
from common.protocol.signalling import (
    LayerName,
    LayerOffer,
    PublicationOffer,
    Source,
)

_SOUND_TIMEOUT_S = 0.1
_SILENCE_STEP_S = 0.02
_SILENCE_LAG_US = 60_000


class Publication(Protocol):
    source: Source

    def start(self) -> None: ...
    def stop(self) -> None: ...
    def attach(self, peer: MediaPeer) -> None:
        """Adds its sections to a peer that has made no offer yet."""

    def offer(self) -> PublicationOffer:
        """Only after the peer's offer: the mids are known then."""
        ...

    def detach(self) -> None: ...
    def on_demand(
        self, layers: Sequence[LayerName], max_bps: Mapping[LayerName, int]
    ) -> None: ...

    def encoded_frames(self) -> dict[str, int]:
        """Layer -> pictures or packets encoded so far."""
        ...


class VideoPublication:
    """`layers`: lowest first."""

    def __init__(
        self,
        source: Source,
        capture: VideoCapture,
        layers: Sequence[tuple[LayerName, VideoSettings]],
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self.source: Source = source
        self._capture = capture
        self._layers = [_Layer(name, settings) for name, settings in layers]
        self._loop = loop
        self._running = False

    def start(self) -> None:
        self._running = True
        self._capture.start()
        threading.Thread(
            target=self._run, name=f"encode-{self.source}", daemon=True
        ).start()

    def stop(self) -> None:
        self._running = False
        self._capture.stop()

    def attach(self, peer: MediaPeer) -> None:
        for layer in self._layers:
            layer.attach(peer)

    def offer(self) -> PublicationOffer:
        return PublicationOffer(
            source=self.source,
            kind="video",
            layers=[layer.offer() for layer in self._layers],
        )

    def detach(self) -> None:
        for layer in self._layers:
            layer.sender = None

    def on_demand(
        self, layers: Sequence[LayerName], max_bps: Mapping[LayerName, int]
    ) -> None:
        for layer in self._layers:
            layer.demand(layer.name in layers, max_bps.get(layer.name))

    def encoded_frames(self) -> dict[str, int]:
        return {layer.name: layer.encoded for layer in self._layers}

    def target_bps(self) -> dict[str, int]:
        return {layer.name: layer.controller.target_bps for layer in self._layers}

    def _run(self) -> None:
        seen = 0
        while self._running:
            numbered = self._capture.next_picture(seen)
            seen = numbered.number
            for layer in self._layers:
                if not layer.active:
                    continue
                encoded = layer.encode(numbered.picture)
                if encoded is not None and self._running:
                    _to_loop(self._loop, layer, encoded)


class _Layer:
    def __init__(self, name: LayerName, settings: VideoSettings) -> None:
        self.name: LayerName = name
        self.controller = BitrateController(settings.max_bps)
        self.sender: Sender | None = None
        self.encoded = 0
        self._settings = settings
        self._encoder = H264Encoder(settings)
        self._wanted = True
        self._set_bitrate()

    @property
    def active(self) -> bool:
        sender = self.sender
        return self._wanted and sender is not None and sender.is_open

    def attach(self, peer: MediaPeer) -> None:
        self.controller.restart()
        self._wanted = True
        self._set_bitrate()
        self.sender = peer.publish(
            "video",
            Feedback(
                on_keyframe_request=self._encoder.request_keyframe,
                on_remb=self._on_remb,
                on_loss=self._on_loss,
            ),
        )

    def offer(self) -> LayerOffer:
        assert self.sender is not None
        return LayerOffer(
            name=self.name,
            mid=self.sender.mid,
            width=self._settings.width,
            height=self._settings.height,
            max_bps=self._settings.max_bps,
        )

    def demand(self, wanted: bool, max_bps: int | None) -> None:
        if wanted and not self._wanted:
            self._encoder.request_keyframe()
        self._wanted = wanted
        self.controller.on_demand(max_bps)
        self._set_bitrate()

    def encode(self, picture: Picture) -> Encoded | None:
        return self._encoder.encode(picture)

    def deliver(self, encoded: Encoded) -> None:
        self.encoded += 1
        if self.sender is not None:
            self.sender.send(encoded)

    def _on_remb(self, bps: int) -> None:
        self.controller.on_remb(bps)
        self._set_bitrate()

    def _on_loss(self, ratio: float) -> None:
        self.controller.on_loss(ratio)
        self._set_bitrate()

    def _set_bitrate(self) -> None:
        self._encoder.bitrate_bps = self.controller.target_bps


class AudioPublication:
    """One microphone. Silence is sent while it is lost, so nobody waits for it."""

    def __init__(
        self,
        capture: AudioCapture,
        encoder: OpusEncoder,
        bitrate_bps: int,
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self.source: Source = "microphone"
        self._capture = capture
        self._encoder = encoder
        self._bitrate_bps = bitrate_bps
        self._loop = loop
        self._line = SoundLine()
        self._sender: Sender | None = None
        self._encoded = 0
        self._running = False

    def start(self) -> None:
        self._running = True
        self._capture.start()
        threading.Thread(
            target=self._run, name="encode-microphone", daemon=True
        ).start()

    def stop(self) -> None:
        self._running = False
        self._capture.stop()

    def attach(self, peer: MediaPeer) -> None:
        self._sender = peer.publish("audio", Feedback(lambda: None))

    def offer(self) -> PublicationOffer:
        assert self._sender is not None
        layer = LayerOffer(name="high", mid=self._sender.mid, max_bps=self._bitrate_bps)
        return PublicationOffer(source=self.source, kind="audio", layers=[layer])

    def detach(self) -> None:
        self._sender = None

    def on_demand(
        self, layers: Sequence[LayerName], max_bps: Mapping[LayerName, int]
    ) -> None:
        """Sound is always wanted."""

    def encoded_frames(self) -> dict[str, int]:
        return {"high": self._encoded}

    def deliver(self, encoded: Encoded) -> None:
        self._encoded += 1
        if self._sender is not None:
            self._sender.send(encoded)

    def _run(self) -> None:
        while self._running:
            lost = self._capture.fault is not None
            wait_s = _SILENCE_STEP_S if lost else _SOUND_TIMEOUT_S
            sound = self._capture.next_sound(wait_s)
            if sound is not None:
                packets = self._line.add(sound)
            else:
                # A little before now: a device hands over what was heard just then.
                until_us = time.time_ns() // 1000 - _SILENCE_LAG_US
                packets = self._line.fill(until_us)
            for packet in packets:
                self._encode(packet)

    def _encode(self, packet: SoundPacket) -> None:
        encoded = self._encoder.encode(
            packet.samples, packet.capture_us, packet.rtp_time
        )
        if encoded is not None and self._running:
            _to_loop(self._loop, self, encoded)


class _Takes(Protocol):
    def deliver(self, encoded: Encoded) -> None: ...


def _to_loop(loop: asyncio.AbstractEventLoop, taker: _Takes, encoded: Encoded) -> None:
    try:
        loop.call_soon_threadsafe(taker.deliver, encoded)
    except RuntimeError:
        # The loop closed while this picture was being encoded: the program ends.
        return
