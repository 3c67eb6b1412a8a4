"""What teachers, classrooms and schools are told of a new edition. Pure."""

from datetime import date, datetime

from common.ids import new_id
from scheduler.edition.compare import (
    Comparison,
    concerns,
    difference_views,
    difference_words,
)
from scheduler.edition.notice_store import Notice
from scheduler.edition.picture import Picture

_KINDS = {"teacher": "teacher", "room": "site_room", "site": "school"}
_LINES = 8


def notices_of(
    picture: Picture, found: Comparison, from_day: date, at: datetime
) -> list[Notice]:
    """One for everybody whose week becomes different."""
    problem, edition = picture.frame.problem, picture.draft.edition
    notices: list[Notice] = []
    for concern in concerns(problem, found.all):
        kind = _KINDS.get(concern.resource.kind)
        if kind is None:
            continue
        words = [difference_words(problem, d) for d in concern.differences]
        count = len(words)
        more = count > _LINES
        zh = "；".join(w.zh for w in words[:_LINES]) + ("……" if more else "")
        en = "; ".join(w.en for w in words[:_LINES]) + (" …" if more else "")
        views = difference_views(problem, concern.differences)
        notices.append(
            Notice(
                id=new_id("ntc"),
                kind=kind,
                concerns=concern.resource.id,
                edition=edition.id,
                at=at,
                from_day=from_day,
                zh=f"从 {from_day} 起课表有 {count} 处变动：{zh}",
                en=f"{count} changes of the timetable from {from_day}: {en}",
                lessons=[view.model_dump() for view in views],
            )
        )
    return notices
