"""How many bits a layer may use: pure, told what the network says.

Three voices: the ceiling (configuration and the SFU's demand), REMB from the SFU
(draft-alvestrand-rmcat-remb-03) and loss in its receiver reports. The loss rule is
the sender side of draft-ietf-rmcat-gcc-02 §6: above 10 % back off by half the loss,
below 2 % grow by 8 %, between them hold.
"""

from classroom_agent.config import MIN_LAYER_BPS

_START = 0.3
"""Share of the maximum to begin with, so that a thin line is not flooded at once."""


class BitrateController:
    def __init__(self, max_bps: int, min_bps: int = MIN_LAYER_BPS) -> None:
        self._configured_bps = max_bps
        self._min_bps = min_bps
        self._demand_bps: int | None = None
        self._remb_bps: int | None = None
        self._loss_bps = max_bps * _START

    @property
    def target_bps(self) -> int:
        return int(max(self._min_bps, min(self._loss_bps, self._ceiling_bps)))

    def restart(self) -> None:
        """A new connection: what the old line said is not true of this one."""
        self._remb_bps = None
        self._loss_bps = min(self._loss_bps, self._configured_bps * _START)

    def on_demand(self, max_bps: int | None) -> None:
        self._demand_bps = max_bps

    def on_remb(self, bps: int) -> None:
        self._remb_bps = bps

    def on_loss(self, ratio: float) -> None:
        """One receiver report, about one a second. `ratio`: 0..1 since the last."""
        if ratio > 0.10:
            self._loss_bps *= 1 - 0.5 * ratio
        elif ratio < 0.02:
            # Not above what may be used: growth must be felt before it is trusted.
            self._loss_bps = min(self._loss_bps * 1.08, self._ceiling_bps)
        self._loss_bps = max(self._loss_bps, self._min_bps)

    @property
    def _ceiling_bps(self) -> int:
        voices = (self._configured_bps, self._demand_bps, self._remb_bps)
        return min(bps for bps in voices if bps is not None)
