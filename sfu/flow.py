"""What is known about one publication's layers while they flow. Pure.

A layer costs what was measured lately (peaks are remembered, because a screen is
still for a minute and then turns a page), else what its sender announced, else what
such a picture usually takes.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from common.protocol.signalling import LayerName, Source
from sfu.model import Publication, PublishedLayer

SOUND_BPS = 100_000
"""Reserved per audible slot: 64 kbit/s of Opus and 50 packet headers a second."""
SILENT_AFTER_S = 3.0
GONE_AFTER_S = 6.0
_PEAK_KEPT_PER_S = 0.95

_USUAL_BPS: Mapping[tuple[Source, LayerName], int] = {
    ("camera", "low"): 300_000,
    ("camera", "mid"): 700_000,
    ("camera", "high"): 1_400_000,
    ("screen", "low"): 300_000,
    ("screen", "mid"): 600_000,
    ("screen", "high"): 1_000_000,
    ("board", "low"): 300_000,
    ("board", "mid"): 600_000,
    ("board", "high"): 1_000_000,
}


def usual_bps(publication: Publication, layer: PublishedLayer) -> int:
    """A ceiling for senders and a first guess for receivers."""
    if publication.kind == "audio":
        return SOUND_BPS
    name: LayerName = "high" if len(publication.layers) == 1 else layer.name
    usual = _USUAL_BPS.get((publication.source, name), 1_000_000)
    return min(usual, layer.max_bps) if layer.max_bps else usual


@dataclass(slots=True)
class _LayerFlow:
    peak_bps: float | None = None
    last_packet_s: float | None = None
    asked_since_s: float | None = None


class PublicationFlow:
    """Fed once a second with bitrates, and with what is asked of the publisher."""

    def __init__(self, publication: Publication, now_s: float) -> None:
        self.publication = publication
        self._layers = [_LayerFlow() for _ in publication.layers]
        self.on_demand(now_s, range(len(publication.layers)))

    def on_demand(self, now_s: float, layers: Iterable[int]) -> None:
        asked = set(layers)
        for index, flow in enumerate(self._layers):
            if index not in asked:
                flow.asked_since_s = None
            elif flow.asked_since_s is None:
                flow.asked_since_s = now_s

    def on_bitrate(self, now_s: float, layer: int, bps: int) -> None:
        flow = self._layers[layer]
        if flow.peak_bps is not None:
            flow.peak_bps *= _PEAK_KEPT_PER_S
        if bps > 0:
            flow.last_packet_s = now_s
            flow.peak_bps = max(flow.peak_bps or 0.0, float(bps))

    def costs_bps(self, now_s: float) -> tuple[int, ...]:
        """Nothing for a publication that sends nothing: it takes no room."""
        if self.gone(now_s):
            return (0,) * len(self._layers)
        return tuple(
            int(flow.peak_bps)
            if flow.peak_bps is not None and self.flowing(now_s, index)
            else usual_bps(self.publication, self.publication.layers[index])
            for index, flow in enumerate(self._layers)
        )

    def flowing(self, now_s: float, layer: int) -> bool:
        last_s = self._layers[layer].last_packet_s
        return last_s is not None and now_s - last_s < SILENT_AFTER_S

    def gone(self, now_s: float) -> bool:
        """Asked for, yet nothing came for a while: camera off, sharing stopped."""
        asked = [f for f in self._layers if f.asked_since_s is not None]
        return bool(asked) and all(
            now_s - max(f.last_packet_s or 0.0, f.asked_since_s or 0.0) > GONE_AFTER_S
            for f in asked
        )

    def reachable(self, now_s: float, wished: int, current: int | None) -> int:
        """The layer to point a slot at, so that it is never dark without need.

        The engine changes layers at a keyframe and sends the `current` one until
        then; a slot that sends nothing yet begins with a layer that flows. A browser
        may leave its high layer out on a thin uplink: then the next lower one.
        """
        if self.flowing(now_s, wished):
            return wished
        flowing = [i for i in range(len(self._layers)) if self.flowing(now_s, i)]
        if not flowing or (current in flowing and self._may_begin(now_s, wished)):
            return wished
        return max((i for i in flowing if i < wished), default=min(flowing))

    def _may_begin(self, now_s: float, layer: int) -> bool:
        since_s = self._layers[layer].asked_since_s
        return since_s is None or now_s - since_s < SILENT_AFTER_S
