"""A session's reason as a sentence. Pure."""

from collections.abc import Iterator, Mapping

from scheduler.sessions.lifecycle import CAUSES, Cause
from scheduler.words import Words

_KNOWN = frozenset(Cause)
_SILENT = {
    "room": Words("课堂", "the room"),
    "recording": Words("录像", "the recorder"),
}


def reason_words(reason: str, names: Mapping[str, str]) -> Words:
    """`reason` as the life cycle writes it: a cause and its details, such as
    `bell late 320; missing huli`. `names`: of the lesson's rooms."""
    cause, _, detail = reason.partition(" ")
    if cause not in _KNOWN:
        return Words("", "")
    words = [CAUSES[Cause(cause)], *_details(detail, names)]
    return Words("".join(w.zh for w in words), "".join(w.en for w in words))


def _details(detail: str, names: Mapping[str, str]) -> Iterator[Words]:
    while detail:
        kind, _, rest = detail.partition(" ")
        if kind == "by":  # A name may hold anything: it comes last.
            yield Words(f"（{rest}）", f" ({rest})")
            return
        said, _, detail = rest.partition("; ")
        yield _detail(kind, said, names)


def _detail(kind: str, said: str, names: Mapping[str, str]) -> Words:
    rooms = [names.get(id, id) for id in said.split()]
    match kind:
        case "late":
            return Words(f"，迟了{_span_zh(said)}", f", {_span_en(said)} late")
        case "minutes":
            return Words(f" {said} 分钟", f" by {said} min")
        case "missing":
            return Words(f"，缺 {'、'.join(rooms)}", f"; missing: {', '.join(rooms)}")
        case "handover":
            return Words(
                f"，从上一节课转来：{'、'.join(rooms)}",
                f"; handed over by the lesson before: {', '.join(rooms)}",
            )
        case "no_answer":
            silent = [_SILENT[part] for part in said.split()]
            return Words(
                f"，没有回音：{'、'.join(s.zh for s in silent)}",
                f"; no answer from {', '.join(s.en for s in silent)}",
            )
        case _:
            return Words("", "")


def _span_zh(seconds: str) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f" {minutes} 分 {rest} 秒" if minutes else f" {rest} 秒"


def _span_en(seconds: str) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
