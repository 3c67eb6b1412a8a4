"""The only user of `rtc.Forwarder`: brings the engine to the state that is wanted.

Every call is idempotent and cheap when nothing changes, so that callers may say the
whole wish again and again. A peer that the engine has given up meanwhile is no error:
its `PeerClosed` is on the way.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from common import log
from common.errors import RemoteError
from common.ids import ParticipantId
from rtc import Answer, Forwarder
from rtc import RemoteError as EngineRemoteError
from rtc import UsageError as EngineUsageError
from rtc.aio import WatchedForwarder
from sfu.model import Publication

if TYPE_CHECKING:
    from rtc._engine import ForwarderEvent, Layer

_log = log.get("media")
_DESIRED_STEP = 0.05


@dataclass(slots=True)
class _Applied:
    """What the engine was told about one peer."""

    slots: dict[str, tuple[str | None, int | None]] = field(default_factory=dict)
    open: dict[str, bool] = field(default_factory=dict)
    desired_bps: int = 0


class Media:
    """One shard. `on_event` is called on the event loop, one event at a time."""

    def __init__(
        self, forwarder: Forwarder, on_event: "Callable[[ForwarderEvent], None]"
    ) -> None:
        self._forwarder = forwarder
        self._applied: dict[ParticipantId, _Applied] = {}
        self._watched = WatchedForwarder(forwarder, on_event)

    @property
    def port(self) -> int:
        return self._forwarder.port

    def accept(self, peer: ParticipantId, offer: str) -> Answer:
        """Raises RemoteError: `bad_sdp`, `no_codec`, `no_fingerprint`."""
        try:
            answer = self._forwarder.accept(peer, offer)
        except EngineRemoteError as error:
            raise RemoteError(
                error.code,
                zh=_REFUSED_ZH.get(error.code, "媒体描述 (SDP) 有误"),
                en=str(error),
            ) from error
        self._applied[peer] = _Applied()
        return answer

    def remove(self, peer: ParticipantId) -> None:
        if self._applied.pop(peer, None) is not None:
            self._forwarder.remove(peer)

    def show(
        self,
        peer: ParticipantId,
        mid: str,
        publication: Publication | None,
        layer: int | None,
    ) -> None:
        """Points a slot at a publication; None silences it, `layer` None pauses it."""
        applied = self._applied[peer].slots
        shown = publication.id if publication else None
        before, layer_before = applied.get(mid, (None, None))
        if shown != before:
            done = self._try(
                self._forwarder.connect_slot, peer, mid, _layers(publication), layer
            )
        elif shown is not None and layer != layer_before:
            done = self._try(self._forwarder.select_layer, peer, mid, layer)
        else:
            return
        if done:
            applied[mid] = (shown, layer)

    def set_open(self, peer: ParticipantId, mid: str, is_open: bool) -> None:
        """Hard mute: what is not open is dropped where it comes in."""
        applied = self._applied[peer].open
        if applied.get(mid, True) != is_open and self._try(
            self._forwarder.set_forwarding, peer, mid, is_open
        ):
            applied[mid] = is_open

    def desire(self, peer: ParticipantId, bps: int) -> None:
        applied = self._applied[peer]
        if abs(bps - applied.desired_bps) > applied.desired_bps * _DESIRED_STEP and (
            self._try(self._forwarder.set_desired_bitrate, peer, bps)
        ):
            applied.desired_bps = bps

    def probe(self, peer: ParticipantId, bps: int) -> None:
        """Looks for more than the `bps` that are believed in."""
        self._try(self._forwarder.restart_estimate, peer, bps)

    def cap(self, peer: ParticipantId, mid: str, bps: int) -> None:
        self._try(self._forwarder.cap_ingress, peer, mid, bps)

    def counters(self) -> dict[str, int]:
        return self._forwarder.counters()

    async def close(self) -> None:
        """Stops the engine. Idempotent."""
        await self._watched.close()

    @staticmethod
    def _try(call: Callable[..., None], *args: object) -> bool:
        try:
            call(*args)
        except EngineUsageError as error:
            if error.code != "no_such_peer":
                raise
            _log.debug("x engine", call=call.__name__, reason=error.code)
            return False
        return True


def _layers(publication: Publication | None) -> "list[Layer]":
    if publication is None:
        return []
    return [(publication.owner, layer.mid, layer.rid) for layer in publication.layers]


_REFUSED_ZH = {
    "no_codec": "没有可用的编码：需要 H.264 或 VP8 视频和 Opus 声音",
    "no_fingerprint": "SDP 缺少 DTLS 指纹",
    "bad_sdp": "媒体描述 (SDP) 无法解析",
}
