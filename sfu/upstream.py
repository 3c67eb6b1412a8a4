"""One publication as the node sees it: what flows, what is asked, its ceilings. Pure.

`IngressStats` are totals once a second and layer; here they become rates.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from common.protocol.signalling import Demand
from sfu.demand import LayerDemand
from sfu.flow import PublicationFlow, usual_bps
from sfu.model import Publication
from sfu.uplink import UplinkCap


@dataclass(frozen=True, slots=True)
class LayerReport:
    """One second of one received layer; `packets` and `lost` are totals."""

    mid: str
    rid: str | None
    packets: int
    lost: int
    bitrate_bps: int


class Upstream:
    def __init__(
        self, publication: Publication, now_s: float, estimates_uplink: bool
    ) -> None:
        """`estimates_uplink`: the publisher has transport-cc and needs no ceiling
        from us (a browser would take REMB as one for everything it sends)."""
        self.publication = publication
        self.flow = PublicationFlow(publication, now_s)
        self.asked: tuple[int, ...] = tuple(range(len(publication.layers)))
        self._demand = LayerDemand(publication, now_s)
        self._totals: dict[int, tuple[int, int]] = {}
        self._caps: dict[int, UplinkCap] = {}
        if not estimates_uplink:
            self._caps = {
                index: UplinkCap(publication.kind, usual_bps(publication, layer))
                for index, layer in enumerate(publication.layers)
                if layer.rid is None
            }

    def on_second(self, now_s: float, report: LayerReport) -> tuple[int, int] | None:
        """Packets and losses since the last report, None for a foreign layer."""
        index = self._index(report)
        if index is None:
            return None
        self.flow.on_bitrate(now_s, index, report.bitrate_bps)
        packets, lost = self._totals.get(index, (0, 0))
        self._totals[index] = (report.packets, report.lost)
        came, missed = max(0, report.packets - packets), max(0, report.lost - lost)
        if index in self._caps:
            self._caps[index].on_second(report.bitrate_bps, came, missed)
        return came, missed

    def ask(
        self, now_s: float, wanted: Collection[int], *, paused: bool = False
    ) -> Demand | None:
        """Says which layers somebody wants; answers what the publisher must hear.

        `paused`: its owner sends nothing, so nothing is asked of it.
        """
        self.asked = () if paused else self._demand.update(now_s, wanted)
        self.flow.on_demand(now_s, self.asked)
        return self._demand.message(self.asked)

    def ceilings(self) -> Iterator[tuple[str, int]]:
        """(mid, bit/s) for each section whose ceiling should be told now."""
        for index, cap in self._caps.items():
            bps = cap.to_tell()
            if bps is not None:
                yield self.publication.layers[index].mid, bps

    def _index(self, report: LayerReport) -> int | None:
        for index, layer in enumerate(self.publication.layers):
            if (layer.mid, layer.rid) == (report.mid, report.rid):
                return index
        return None
