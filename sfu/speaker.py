"""Who is speaking, from audio levels (RFC 6464), without jumping about. Pure."""

from collections.abc import Collection
from dataclasses import dataclass

from common.ids import ParticipantId

SPEAKING_DBOV = -50.0
LEAD_DB = 3.0
"""A challenger must be this much louder than the one who has the word,"""
TAKE_OVER_S = 0.6
"""for this long."""
SILENT_S = 2.0
"""After this the word is free."""
STALE_S = 1.0
_SMOOTHING = 0.5


@dataclass(slots=True)
class _Voice:
    level_dbov: float
    heard_s: float
    leads_since_s: float | None = None


class DominantSpeaker:
    """Levels come about four times a second per microphone."""

    def __init__(self) -> None:
        self._voices: dict[ParticipantId, _Voice] = {}
        self._current: ParticipantId | None = None
        self._spoke_at_s = 0.0

    def on_level(self, who: ParticipantId, level_dbov: float, now_s: float) -> None:
        voice = self._voices.get(who)
        if voice is None or now_s - voice.heard_s > STALE_S:
            self._voices[who] = _Voice(level_dbov, now_s)
            return
        voice.level_dbov += (level_dbov - voice.level_dbov) * _SMOOTHING
        voice.heard_s = now_s

    def decide(
        self, audible: Collection[ParticipantId], now_s: float
    ) -> ParticipantId | None:
        """`audible`: who may be heard at all; a muted room never has the word."""
        self._voices = {who: v for who, v in self._voices.items() if who in audible}
        if self._current not in audible:
            self._current = None
        speaking = {who: v for who, v in self._voices.items() if _speaks(v, now_s)}
        if self._current in speaking:
            self._spoke_at_s = now_s
        elif self._current is not None and now_s - self._spoke_at_s > SILENT_S:
            self._current = None
        self._take_over(speaking, now_s)
        return self._current

    def _take_over(self, speaking: dict[ParticipantId, _Voice], now_s: float) -> None:
        holder = speaking.get(self._current) if self._current else None
        needed = SPEAKING_DBOV if holder is None else holder.level_dbov + LEAD_DB
        ready = []
        for who, voice in self._voices.items():
            leads = who in speaking and who != self._current
            if not leads or voice.level_dbov < needed:
                voice.leads_since_s = None
                continue
            if voice.leads_since_s is None:
                voice.leads_since_s = now_s
            waited_s = now_s - voice.leads_since_s
            if self._current is None or waited_s >= TAKE_OVER_S:
                ready.append((voice.level_dbov, who))
        if ready:
            self._current = max(ready)[1]
            self._spoke_at_s = now_s


def _speaks(voice: _Voice, now_s: float) -> bool:
    return voice.level_dbov >= SPEAKING_DBOV and now_s - voice.heard_s <= STALE_S
