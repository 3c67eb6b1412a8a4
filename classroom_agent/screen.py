"""What the room's own page says while the server's page cannot be shown. Pure."""

import html
import json
from dataclasses import dataclass
from datetime import datetime, tzinfo
from pathlib import Path

from classroom_agent.agenda import BEIJING, Kept, next_lesson
from classroom_agent.attendance import Wish
from common.protocol.control import AgentState, RoomLesson

_WORDS: dict[str, dict[str, str]] = json.loads(
    (Path(__file__).parent / "words" / "screen.json").read_text(encoding="utf-8")
)
_PAGE = """<!doctype html><html lang="zh-CN"><meta charset="utf-8">
<meta http-equiv="refresh" content="3"><title>同课</title>
<style>html{{background:#10151c;color:#eef;font:5vh sans-serif;height:100%}}
body{{display:flex;flex-direction:column;justify-content:center;height:90%;
text-align:center;margin:5%}}b{{font-size:14vh}}h1{{font-size:10vh;margin:2vh}}
small{{color:#9ab;display:block;font-size:3vh}}p{{margin:1.5vh}}</style>
<b>{clock}</b>{body}</html>"""


@dataclass(frozen=True, slots=True)
class Sentence:
    zh: str
    en: str


def words(key: str, **holes: str) -> Sentence:
    both = _WORDS[key]
    return Sentence(both["zh"].format(**holes), both["en"].format(**holes))


@dataclass(frozen=True, slots=True)
class Screen:
    """`lesson`: the one that the room is in or about to be."""

    lesson: RoomLesson | None = None
    sentences: tuple[Sentence, ...] = (words("connecting"),)
    zone: tzinfo = BEIJING

    @classmethod
    def of(
        cls, kept: Kept, wish: Wish, state: AgentState, now: float, *, clock_wrong: bool
    ) -> "Screen":
        said: list[Sentence] = []
        if not wish.alone:
            said.append(words("connecting"))
        else:
            # A room that has not got in yet is trying: the bell alone lets nobody in.
            said.append(words(state))
            said.append(_source(kept, clock_wrong))
        ahead = next_lesson(kept.lessons, now)
        if ahead is not None and wish.lesson is None:
            at = _clock(ahead.starts_at, kept.clock)
            said.append(words("next_lesson", time=at, title=ahead.title))
        return cls(wish.lesson, tuple(said), kept.clock)

    def page(self, now: float) -> str:
        body = ""
        if self.lesson is not None:
            lesson, zone = self.lesson, self.zone
            start, end = _clock(lesson.starts_at, zone), _clock(lesson.ends_at, zone)
            body = f"<h1>{html.escape(self.lesson.title)}</h1>"
            teacher = html.escape(self.lesson.teacher)
            body += f"<p>{start}-{end} {teacher}</p>"
        for one in self.sentences:
            body += f"<p>{html.escape(one.zh)}<small>{html.escape(one.en)}</small></p>"
        return _PAGE.format(clock=_clock(now, self.zone), body=body)


def _source(kept: Kept, clock_wrong: bool) -> Sentence:
    if clock_wrong:
        return words("clock_wrong")
    if kept.told_at is None:
        return words("no_agenda")
    told = datetime.fromtimestamp(kept.told_at, kept.clock)
    return words("by_agenda", told=f"{told:%m-%d %H:%M}")


def _clock(at: float, zone: tzinfo) -> str:
    return f"{datetime.fromtimestamp(at, zone):%H:%M}"
