"""A session's reason as a sentence. Pure."""

from collections.abc import Mapping

from scheduler.lifecycle import CAUSES, Cause, Words

_SILENT = {
    "room": Words("课堂", "the room"),
    "recording": Words("录像", "the recorder"),
}


def reason_words(reason: str, names: Mapping[str, str]) -> Words:
    """`reason` as the life cycle writes it: a cause and its detail, such as
    `bell missing huli`. `names`: of the lesson's rooms."""
    cause, _, detail = reason.partition(" ")
    if cause not in list(Cause):
        return Words("", "")
    words = CAUSES[Cause(cause)]
    kind, _, rest = detail.partition(" ")
    match kind:
        case "missing":
            rooms = [names.get(id, id) for id in rest.split()]
            zh, en = f"，缺 {'、'.join(rooms)}", f"; missing: {', '.join(rooms)}"
        case "no_answer":
            silent = [_SILENT[part] for part in rest.split()]
            zh = f"，没有回音：{'、'.join(s.zh for s in silent)}"
            en = f"; no answer from {', '.join(s.en for s in silent)}"
        case "by":
            zh, en = f"（{rest}）", f" ({rest})"
        case _:
            zh, en = "", ""
    return Words(words.zh + zh, words.en + en)
