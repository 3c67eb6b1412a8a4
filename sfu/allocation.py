"""Which layer each video slot of one participant gets, from its estimate. Pure.

Sound is reserved first and is never given up; it is not even a candidate here. Then
screen > teacher > room on stage > other rooms, in three passes: the lowest layer of
the important pictures, then their better layers, then the tiles. Read backwards this
is the ladder by which pictures are given up: tiles vanish, the stage gets smaller,
the teacher gets smaller, the stage stops, the teacher stops, the screen stops.

Down at once, up only after the room for it has been there for a while.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from sfu.policy import Priority

UP_MARGIN = 0.85
"""An upgrade must fit into this share of the estimate."""
UP_HOLD_S = 3.0
UP_HOLD_MAX_S = 48.0
FAILED_UPGRADE_S = 10.0
"""A step down this soon after a step up doubles the wait before the next one."""
SETTLED_S = 60.0


@dataclass(frozen=True, slots=True)
class Candidate:
    """A video slot that should show something.

    `costs_bps`: what each layer takes, lowest first. `best`: highest layer of use.
    """

    mid: str
    publication: str
    priority: Priority
    costs_bps: tuple[int, ...]
    best: int


@dataclass(frozen=True, slots=True)
class GivenUp:
    """One picture that the line had no room for."""

    mid: str
    priority: Priority
    what: Literal["paused", "smaller"]


@dataclass(frozen=True, slots=True)
class Allocation:
    layers: Mapping[str, int | None]
    """Mid -> layer, None = paused."""
    desired_bps: int
    """What everything at its best would take, sound included."""
    given_up: tuple[GivenUp, ...]


Layers = dict[str, int | None]


def fill(
    budget_bps: int,
    candidates: Sequence[Candidate],
    ceilings: Mapping[str, int | None] | None = None,
) -> Layers:
    """The best choice within `budget_bps`, no slot above its ceiling.

    A picture that does not fit is left out and the next one is tried.
    """
    limits = {c.mid: _limit(c, ceilings) for c in candidates}
    ordered = sorted(candidates, key=lambda c: c.priority)
    important = [c for c in ordered if c.priority != Priority.OTHER]
    tiles = [c for c in ordered if c.priority == Priority.OTHER]
    layers: Layers = {c.mid: None for c in candidates}
    left = budget_bps
    for candidate in important:
        left -= _raise(candidate, layers, min(0, limits[candidate.mid]), left)
    for candidate in [c for c in important if layers[c.mid] is not None] + tiles:
        left -= _raise(candidate, layers, limits[candidate.mid], left)
    return layers


def _limit(candidate: Candidate, ceilings: Mapping[str, int | None] | None) -> int:
    """Highest layer allowed, -1 for none."""
    if ceilings is None or candidate.mid not in ceilings:
        return candidate.best
    ceiling = ceilings[candidate.mid]
    return -1 if ceiling is None else min(ceiling, candidate.best)


def _raise(candidate: Candidate, layers: Layers, highest: int, left_bps: int) -> int:
    """Takes the highest layer that fits; says what it costs more than before."""
    held = layers[candidate.mid]
    paid = 0 if held is None else candidate.costs_bps[held]
    lowest = 0 if held is None else held + 1
    for layer in range(highest, lowest - 1, -1):
        more = candidate.costs_bps[layer] - paid
        if more <= left_bps:
            layers[candidate.mid] = layer
            return more
    return 0


Rank = tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]


def rank(layers: Mapping[str, int | None], candidates: Sequence[Candidate]) -> Rank:
    """Orders choices as a class would: the ladder, from its foot up."""
    ordered = sorted(candidates, key=lambda c: c.priority)
    values = [(c.priority, _number(layers.get(c.mid))) for c in ordered]
    important = [value for priority, value in values if priority != Priority.OTHER]
    tiles = [value for priority, value in values if priority == Priority.OTHER]
    return tuple(min(v, 0) for v in important), tuple(important), tuple(tiles)


def _number(layer: int | None) -> int:
    return -1 if layer is None else layer


class Allocator:
    """Remembers one participant's choice, so that pictures do not flicker."""

    def __init__(self) -> None:
        self._held: dict[str, tuple[Candidate, int | None]] = {}
        self._room_since_s: float | None = None
        self._raised_at_s: float | None = None
        self._hold_s = UP_HOLD_S

    def decide(
        self,
        now_s: float,
        estimate_bps: int,
        sound_bps: int,
        candidates: Sequence[Candidate],
    ) -> Allocation:
        """`sound_bps` is taken off the estimate before any picture is thought of."""
        held = {
            c.mid: self._held[c.mid][1]
            for c in candidates
            if c.mid in self._held and _same_wish(self._held[c.mid][0], c)
        }
        kept = fill(max(0, estimate_bps - sound_bps), candidates, held)
        # A picture comes back small: less is at stake if the line is still thin.
        paused = {mid: 0 for mid, layer in held.items() if layer is None}
        roomy_bps = max(0, int(estimate_bps * UP_MARGIN) - sound_bps)
        could = fill(roomy_bps, candidates, paused)
        self._learn(now_s, _fell(held, kept, candidates))
        better = rank(could, candidates) > rank(kept, candidates)
        layers = could if self._may_raise(now_s, better) else kept
        self._held = {c.mid: (c, layers[c.mid]) for c in candidates}
        desired_bps = sound_bps + sum(c.costs_bps[c.best] for c in candidates)
        return Allocation(layers, desired_bps, _lost(layers, candidates))

    def _learn(self, now_s: float, fell: bool) -> None:
        """A step up that did not last makes the next one wait longer."""
        if fell:
            self._room_since_s = None
        if self._raised_at_s is None:
            return
        since_s = now_s - self._raised_at_s
        if fell and since_s < FAILED_UPGRADE_S:
            self._hold_s = min(self._hold_s * 2, UP_HOLD_MAX_S)
            self._raised_at_s = None
        elif since_s > SETTLED_S:
            self._hold_s = UP_HOLD_S

    def _may_raise(self, now_s: float, better: bool) -> bool:
        if not better:
            self._room_since_s = None
            return False
        if self._room_since_s is None:
            self._room_since_s = now_s
        if now_s - self._room_since_s < self._hold_s:
            return False
        self._room_since_s = None
        self._raised_at_s = now_s
        return True


def _same_wish(before: Candidate, now: Candidate) -> bool:
    """A tile that becomes the stage is a new wish, and waits for nothing."""
    return before.publication == now.publication and before.best >= now.best


def _fell(held: Layers, kept: Layers, candidates: Sequence[Candidate]) -> bool:
    """Did the line (not a change of wishes) take a layer away?"""
    best = {c.mid: c.best for c in candidates}
    return any(
        _number(kept[mid]) < min(_number(layer), best[mid])
        for mid, layer in held.items()
    )


def _lost(
    layers: Mapping[str, int | None], candidates: Sequence[Candidate]
) -> tuple[GivenUp, ...]:
    lost = []
    for candidate in sorted(candidates, key=lambda c: c.priority):
        layer = layers[candidate.mid]
        if layer is None:
            lost.append(GivenUp(candidate.mid, candidate.priority, "paused"))
        elif layer < candidate.best:
            lost.append(GivenUp(candidate.mid, candidate.priority, "smaller"))
    return tuple(lost)


_NAMES = {
    Priority.SCREEN: ("屏幕画面", "screen"),
    Priority.TEACHER: ("教师画面", "teacher's picture"),
    Priority.STAGE: ("台上教室画面", "picture of the room on stage"),
    Priority.OTHER: ("其他教室画面", "other rooms' pictures"),
}
_WHAT = {"paused": ("已暂停", "paused"), "smaller": ("已缩小", "made smaller")}


def in_words(given_up: Sequence[GivenUp]) -> str | None:
    """For the room and the operator, None when nothing was given up."""
    kinds = list(dict.fromkeys((g.priority, g.what) for g in given_up))
    if not kinds:
        return None
    zh = "，".join(_NAMES[priority][0] + _WHAT[what][0] for priority, what in kinds)
    en = ", ".join(
        f"{_NAMES[priority][1]} {_WHAT[what][1]}" for priority, what in kinds
    )
    return f"网络较慢，优先保证声音：{zh} / slow line, sound comes first: {en}"
