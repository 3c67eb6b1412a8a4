"""How good a lesson is at one seat, 0..100: pure arithmetic on one report.

Three scores, the worst counts, as LiveKit's connection scorer does (livekit
pkg/sfu/connectionquality: a simplified ITU-T G.107 E-model):

    line    = 100 - delay_effect - 10 * loss%      what the SFU saw of the network
    picture = 100 - 10 * frozen%                   what the receiver's screen showed
    sound   = 100 - 16/3 * concealed%              what the receiver's speaker played

`delay_effect` is d/40 up to d = 160 ms and (d - 120)/10 above, d = round trip / 2.
The weights are LiveKit's per percent lost: 10 for video, 8/1.5 for Opus with FEC
(which every sender here uses). Frozen time and concealed samples are what is left
after retransmission and FEC, so the same weight is kept for them. As there, nothing
that still plays scores below 20; 0 is neither picture nor sound.
"""

from typing import Literal, NamedTuple

from common.protocol.base import Message
from common.protocol.signalling import Report

_VIDEO_WEIGHT = 10.0
_OPUS_FEC_WEIGHT = 8.0 / 1.5
_LEAST = 20.0

# One bad window must be seen at once, one good one must not hide the bad ones.
_FALL = 0.8
_RISE = 0.4

Grade = Literal["excellent", "good", "poor", "lost"]


class Words(Message):
    """One thing said in both languages."""

    zh: str
    en: str


GRADE_WORDS: dict[Grade, Words] = {
    "excellent": Words(zh="优", en="excellent"),
    "good": Words(zh="良", en="good"),
    "poor": Words(zh="差", en="poor"),
    "lost": Words(zh="中断", en="lost"),
}


class Scores(NamedTuple):
    """Each 20..100; picture and sound are 0 when neither came."""

    line: float
    picture: float
    sound: float

    @property
    def worst(self) -> float:
        return min(self)


def score(report: Report, *, rtt_ms: float | None, loss_ratio: float | None) -> Scores:
    """Scores of one report's interval. What was not measured costs nothing."""
    if report.video_frames == 0 and report.audio_samples == 0:
        return Scores(_line(rtt_ms, loss_ratio), 0.0, 0.0)
    return Scores(
        line=_line(rtt_ms, loss_ratio),
        picture=_clamp(100 - _VIDEO_WEIGHT * 100 * freeze_ratio(report)),
        sound=_clamp(100 - _OPUS_FEC_WEIGHT * 100 * concealed_ratio(report)),
    )


def smooth(before: float | None, now: float) -> float:
    """The shown score: falls fast, rises slowly."""
    if before is None:
        return now
    factor = _FALL if now < before else _RISE
    return before + factor * (now - before)


def grade(value: float) -> Grade:
    if value > 80:
        return "excellent"
    if value > 40:
        return "good"
    return "poor" if value >= _LEAST else "lost"


def freeze_ratio(report: Report) -> float:
    """Share of the interval in which the picture stood still, 0..1."""
    return min(report.freeze_s / report.interval_s, 1.0)


def concealed_ratio(report: Report) -> float:
    """Share of the played samples that were made up, 0..1."""
    return min(report.concealed_samples / max(report.audio_samples, 1), 1.0)


def _line(rtt_ms: float | None, loss_ratio: float | None) -> float:
    delay_ms = (rtt_ms or 0.0) / 2
    effect = delay_ms / 40 if delay_ms <= 160 else (delay_ms - 120) / 10
    return _clamp(100 - effect - _VIDEO_WEIGHT * 100 * (loss_ratio or 0.0))


def _clamp(value: float) -> float:
    return max(_LEAST, min(100.0, value))
