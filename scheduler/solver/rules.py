"""The rules a timetable can break, as people speak of them.

Times of one kind at one resource are one rule: a person lifts "the local timetable of
that class", not its eleventh lesson.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from scheduler.catalogue.bells import Minutes, clock_text, day_zh
from scheduler.solver.holdings import holdings
from scheduler.solver.problem import (
    LAST_WEEK,
    Placement,
    Problem,
    Resource,
    Site,
    Stream,
)
from scheduler.solver.space import Space, within

RuleKind = Literal[
    "lessons", "total", "lock", "local", "closed", "day", "uplink", "media"
]
_KIND_ZH = {"teacher": "教师", "class": "班级", "room": "教室", "site": "学校"}


@dataclass(frozen=True, slots=True, order=True)
class Rule:
    """`id`: the resource (with `resource_kind`), site or stream; a lock also has its
    weekday and minute. `total`: all lessons of a resource together; `uplink` and
    `media` stand for the line and all lessons that want it."""

    kind: RuleKind
    id: str = ""
    resource_kind: str = ""
    weekday: int = 0
    start: int = 0


@dataclass(frozen=True, slots=True)
class Sentence:
    rule: Rule
    zh: str
    en: str


def blocking_rules(
    space: Space, stream: Stream, weekday: int, start: int
) -> Iterator[Rule]:
    """The rules that each alone keep a lesson of the stream from this start."""
    time = Minutes(start, start + stream.minutes)
    home = space.problem.master_site(stream).id
    for site in space.sites_of(stream):
        if not within(time, site.open_on(weekday)):
            yield Rule("day", site.id)
    for resource, may in space.with_sites(stream):
        for busy in space.problem.busy_by.get((resource, weekday), ()):
            if not busy.weeks & stream.weeks or (may and busy.kind == "local"):
                continue
            if space.reach(busy, home).overlap(time):
                yield Rule(busy.kind, resource.id, resource.kind)


def all_rules(problem: Problem) -> set[Rule]:
    """Every rule the problem holds; an explanation names only these."""
    found = {Rule("lessons", s.id) for s in problem.streams}
    found |= {lock_rule(p) for p in problem.locks}
    for stream in problem.streams:
        for resource, _ in holdings(stream):
            found.add(Rule("total", resource.id, resource.kind))
    found |= {Rule(b.kind, b.resource.id, b.resource.kind) for b in problem.busy}
    found |= {Rule("day", s.id) for s in problem.sites}
    found |= {Rule("uplink", s.id) for s in problem.sites if s.uplink_kbps is not None}
    if problem.media_seats is not None:
        found.add(Rule("media"))
    return found


def fullest_week(amounts: Iterable[tuple[int, int]]) -> int:
    """The largest sum over the weeks of the term; `amounts`: (weeks, amount)."""
    by_mask: dict[int, int] = {}
    for weeks, amount in amounts:
        by_mask[weeks] = by_mask.get(weeks, 0) + amount
    return max(
        sum(n for mask, n in by_mask.items() if mask >> week & 1)
        for week in range(LAST_WEEK)
    )


def lock_rule(lock: Placement) -> Rule:
    return Rule("lock", lock.stream, "", lock.weekday, lock.start)


def sentence(problem: Problem, rule: Rule) -> Sentence:
    zh, en = _WORDS[rule.kind](problem, rule)
    return Sentence(rule, zh, en)


def _lessons(problem: Problem, rule: Rule) -> tuple[str, str]:
    stream = problem.stream_by_id[rule.id]
    teacher = problem.teacher_by_id[stream.teacher].name
    return (
        f"课程“{stream.title}”（{teacher}，{len(stream.receivers)}个接收班）"
        f"每周要上{stream.lessons}节",
        f"course {stream.title} ({teacher}, {len(stream.receivers)} receiving rooms) "
        f"meets {stream.lessons} times a week",
    )


def _total(problem: Problem, rule: Rule) -> tuple[str, str]:
    resource = (rule.resource_kind, rule.id)
    mine = [s for s in problem.streams if resource in {r for r, _ in holdings(s)}]
    lessons = fullest_week((s.weeks, s.lessons) for s in mine)
    name, kind = _name(problem, rule), _KIND_ZH[rule.resource_kind]
    return (
        f"{kind}“{name}”的{len(mine)}门课程每周共{lessons}节，不能同时上两节",
        f"{rule.resource_kind} {name} has {len(mine)} courses with {lessons} lessons "
        "a week, one at a time",
    )


def _lock(problem: Problem, rule: Rule) -> tuple[str, str]:
    title = problem.stream_by_id[rule.id].title
    at = clock_text(rule.start)
    return (
        f"课程“{title}”被锁定在{day_zh(rule.weekday)}{at}",
        f"course {title} is locked to weekday {rule.weekday}, {at}",
    )


def _times(problem: Problem, rule: Rule) -> tuple[str, str]:
    rows = [
        b
        for b in problem.busy
        if b.resource.id == rule.id
        and b.resource.kind == rule.resource_kind
        and b.kind == rule.kind
    ]
    name = _name(problem, rule)
    kind = _KIND_ZH[rule.resource_kind]
    days = sorted({b.weekday for b in rows})
    zh_days = "、".join(day_zh(d) for d in days)
    en_days = ", ".join(map(str, days))
    if rule.kind == "local":
        return (
            f"{kind}“{name}”已有{len(rows)}节本地课（{zh_days}）",
            f"{rule.resource_kind} {name} has {len(rows)} local lessons "
            f"(weekdays {en_days})",
        )
    titles = "、".join(sorted({b.title for b in rows}))
    return (
        f"{kind}“{name}”有{len(rows)}段时间不可用（{zh_days}：{titles}）",
        f"{rule.resource_kind} {name} is away at {len(rows)} times "
        f"(weekdays {en_days}: {titles})",
    )


def _day(problem: Problem, rule: Rule) -> tuple[str, str]:
    name = problem.site_by_id[rule.id].name
    return (
        f"“{name}”的课必须在学生在校时间内",
        f"lessons at {name} must lie within its school day",
    )


def _uplink(problem: Problem, rule: Rule) -> tuple[str, str]:
    site = problem.site_by_id[rule.id]
    mine = [s for s in problem.streams if site in _sites(problem, s)]
    lessons = fullest_week((s.weeks, s.lessons) for s in mine)
    return (
        f"“{site.name}”的上行带宽只有{site.uplink_kbps}kbit/s，"
        f"而每周有{lessons}节课要用它",
        f"the uplink of {site.name} carries only {site.uplink_kbps} kbit/s, and "
        f"{lessons} lessons a week want it",
    )


def _sites(problem: Problem, stream: Stream) -> list[Site]:
    receiving = [problem.receiving_site(r) for r in stream.receivers]
    return [problem.master_site(stream), *receiving]


def _media(problem: Problem, rule: Rule) -> tuple[str, str]:
    seats = problem.media_seats
    wanted = fullest_week(
        (s.weeks, s.lessons * s.seats * s.minutes) for s in problem.streams
    )
    return (
        f"全区媒体服务器同时最多{seats}路，而课程每周共需{wanted}路分钟",
        f"the district's media servers carry {seats} connections at once, and the "
        f"courses need {wanted} connection minutes a week",
    )


def _name(problem: Problem, rule: Rule) -> str:
    match Resource(rule.resource_kind, rule.id):  # type: ignore[arg-type]
        case Resource("teacher", name) if name in problem.teacher_by_id:
            return problem.teacher_by_id[name].name
        case Resource("class", name) if name in problem.class_by_id:
            group = problem.class_by_id[name]
            return f"{problem.site_by_id[group.site].name}{group.name}"
        case Resource("room", name) if name in problem.room_by_id:
            room = problem.room_by_id[name]
            return f"{problem.site_by_id[room.site].name}{room.name}"
        case Resource("site", name):
            return problem.site_by_id[name].name
    return rule.id


_WORDS = {
    "lessons": _lessons,
    "total": _total,
    "lock": _lock,
    "local": _times,
    "closed": _times,
    "day": _day,
    "uplink": _uplink,
    "media": _media,
}
