"""What is asked of a publisher: which layers somebody looks at, and their ceilings.

Pure. A layer that nobody wants any more is kept for a few seconds, so that a picture
going to and fro does not stop and start an encoder.
"""

from collections.abc import Collection

from common.protocol.signalling import Demand
from sfu.flow import usual_bps
from sfu.model import Publication

RELEASE_AFTER_S = 5.0


class LayerDemand:
    """Of one publication."""

    def __init__(self, publication: Publication, now_s: float) -> None:
        self._publication = publication
        self._wanted_at_s = dict.fromkeys(range(len(publication.layers)), now_s)
        self._told: Demand | None = None

    def update(self, now_s: float, wanted: Collection[int]) -> tuple[int, ...]:
        """The layers to be sent now, lowest first. Sound is always wanted."""
        for layer in wanted:
            self._wanted_at_s[layer] = now_s
        return tuple(
            layer
            for layer, at_s in sorted(self._wanted_at_s.items())
            if self._publication.kind == "audio" or now_s - at_s < RELEASE_AFTER_S
        )

    def message(self, layers: Collection[int]) -> Demand | None:
        """What to tell the publisher, None when it knows already."""
        chosen = [self._publication.layers[layer] for layer in sorted(layers)]
        demand = Demand(
            publication=self._publication.id,
            layers=[layer.name for layer in chosen],
            max_bps={
                layer.name: usual_bps(self._publication, layer) for layer in chosen
            },
        )
        if demand == self._told:
            return None
        self._told = demand
        return demand
