"""Who stands in the way, in sentences: Chinese and English, naming who and how long."""

from collections.abc import Callable
from dataclasses import dataclass

from scheduler.catalogue.bells import clock_text, day_zh
from scheduler.edition.values import Place, Step
from scheduler.solver.check import Violation
from scheduler.solver.heatmap import Blocker
from scheduler.solver.holdings import holdings
from scheduler.solver.problem import Problem, Resource, Stream
from scheduler.words import Words

DAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_KIND_ZH = {"teacher": "教师", "class": "班级", "room": "教室", "site": "学校", "": ""}
_KIND_EN = {"teacher": "teacher ", "class": "class ", "room": "room "}


@dataclass(frozen=True, slots=True)
class Who:
    """Somebody or something with its name; `kind` as in `problem.Resource`, empty:
    a course, or the district."""

    kind: str
    id: str
    name: str

    @property
    def zh(self) -> str:
        return f"{_KIND_ZH[self.kind]}“{self.name}”"

    @property
    def en(self) -> str:
        return f"{_KIND_EN.get(self.kind, '')}{self.name}"


def at_words(weekday: int, start: int) -> Words:
    clock = clock_text(start)
    return Words(f"{day_zh(weekday)} {clock}", f"{DAYS_EN[weekday - 1]} {clock}")


def resource_name(problem: Problem, resource: Resource) -> str:
    """Rooms and classes with their school; unknown ids as they are."""
    kind, id = resource
    if kind == "teacher" and id in problem.teacher_by_id:
        return problem.teacher_by_id[id].name
    if kind == "site" and id in problem.site_by_id:
        return problem.site_by_id[id].name
    row = problem.room_by_id.get(id) if kind == "room" else problem.class_by_id.get(id)
    if row is None:
        return id
    return f"{problem.site_by_id[row.site].name} {row.name}"


def course_name(problem: Problem, course: str) -> str:
    stream = problem.stream_by_id.get(course)
    return stream.title if stream else course


def who_of(problem: Problem, id: str, streams: tuple[Stream, ...]) -> Who:
    """`check` and `heatmap` name who is at fault by id alone: what that is follows
    from the lessons concerned."""
    for stream in streams:
        for resource, _ in holdings(stream):
            if resource.id == id:
                return Who(resource.kind, id, resource_name(problem, resource))
    if id in problem.site_by_id:
        return Who("site", id, problem.site_by_id[id].name)
    return Who("", id, course_name(problem, id))


# ---- blockers ----------------------------------------------------------------------


def blocker_words(problem: Problem, blocker: Blocker, who: Who, by: str) -> Words:
    """`by`: the name of what takes the time."""
    return _BLOCKERS[blocker.kind](blocker, who, by)


def _lesson(b: Blocker, who: Who, by: str) -> Words:
    locked = ("（已锁定）", " (locked)") if b.locked else ("", "")
    return Words(
        f"{who.zh}要上“{by}”{locked[0]}，重叠 {b.minutes} 分钟",
        f"{who.en} has {by}{locked[1]}, {b.minutes} min overlap",
    )


def _local(b: Blocker, who: Who, by: str) -> Words:
    return Words(
        f"{who.zh}有本地课“{by}”，重叠 {b.minutes} 分钟",
        f"{who.en} has the local lesson {by}, {b.minutes} min overlap",
    )


def _closed(b: Blocker, who: Who, by: str) -> Words:
    return Words(
        f"{who.zh}这个时间不可用（{by}），重叠 {b.minutes} 分钟",
        f"{who.en} is not available ({by}), {b.minutes} min overlap",
    )


def _day(b: Blocker, who: Who, by: str) -> Words:
    return Words(
        f"{who.zh}有 {b.minutes} 分钟不在学生在校时间内",
        f"{b.minutes} min lie outside the school day of {who.en}",
    )


def _travel(b: Blocker, who: Who, by: str) -> Words:
    return Words(
        f"{who.zh}与“{by}”之间路上还差 {b.minutes} 分钟",
        f"{who.en} lacks {b.minutes} min on the way from or to {by}",
    )


def _one_a_day(b: Blocker, who: Who, by: str) -> Words:
    return Words(
        f"“{by}”这一天已经有一节，同一课程一天最多一节",
        f"{by} has a lesson on this day already; one a day at most",
    )


def _uplink(b: Blocker, who: Who, by: str) -> Words:
    return Words(
        f"{who.zh}的上行带宽不够，缺 {b.minutes} 分钟",
        f"the uplink of {who.en} is full for {b.minutes} min",
    )


def _media(b: Blocker, who: Who, by: str) -> Words:
    return Words(
        f"全区媒体服务器路数不够，缺 {b.minutes} 分钟",
        f"the district's media servers are full for {b.minutes} min",
    )


_BLOCKERS: dict[str, Callable[[Blocker, Who, str], Words]] = {
    "lesson": _lesson,
    "local": _local,
    "closed": _closed,
    "day": _day,
    "travel": _travel,
    "one_a_day": _one_a_day,
    "uplink": _uplink,
    "media": _media,
}

# ---- broken rules ------------------------------------------------------------------


def violation_words(problem: Problem, v: Violation, who: Who) -> Words:
    """What is wrong, and what a person can do about it."""
    names = [course_name(problem, stream) for stream in dict.fromkeys(v.streams)]
    zh = "、".join(f"“{name}”" for name in names)
    en = " and ".join(names)
    at = at_words(v.weekday, v.time.start) if v.weekday and v.time else Words("", "")
    said = _VIOLATIONS.get(v.rule, _other)
    return said(who, Words(zh, en), at)


def _count(who: Who, names: Words, at: Words) -> Words:
    return Words(
        f"{names.zh}每周的节数排多了，请去掉多余的",
        f"{names.en} has too many lessons a week; take some off",
    )


def _twice_a_day(who: Who, names: Words, at: Words) -> Words:
    return Words(
        f"{names.zh}同一天排了两节，请移到另一天",
        f"{names.en} is twice on one day; move one of them",
    )


def _start(who: Who, names: Words, at: Words) -> Words:
    return Words(
        f"{names.zh}{at.zh} 不是{who.zh}的上课铃时间，请移到铃声上",
        f"{names.en} at {at.en}: no bell of {who.en} rings then; move it to a bell",
    )


def _outside(who: Who, names: Words, at: Words) -> Words:
    return Words(
        f"{names.zh}{at.zh} 超出{who.zh}的在校时间，请移动",
        f"{names.en} at {at.en} is outside the school day of {who.en}; move it",
    )


def _double(who: Who, names: Words, at: Words) -> Words:
    return Words(
        f"{who.zh}{at.zh} 同时要上{names.zh}，请移动其中一节",
        f"{who.en} is in {names.en} at once, {at.en}; move one of them",
    )


def _taken(who: Who, names: Words, at: Words) -> Words:
    return Words(
        f"{who.zh}{at.zh} 已被占用，{names.zh}要移动",
        f"{who.en} is taken at {at.en}; move {names.en}",
    )


def _way(who: Who, names: Words, at: Words) -> Words:
    return Words(
        f"{who.zh}{at.zh} 赶不到，{names.zh}之间路上时间不够，请移动其中一节",
        f"{who.en} cannot be there in time at {at.en} ({names.en}); move one of them",
    )


def _line(who: Who, names: Words, at: Words) -> Words:
    return Words(
        f"{who.zh}{at.zh} 上行带宽不够，同时有{names.zh}，请移动一些",
        f"the uplink of {who.en} is too small at {at.en} for {names.en}; move some",
    )


def _servers(who: Who, names: Words, at: Words) -> Words:
    return Words(
        f"{at.zh} 全区媒体服务器路数不够，请移动一些课",
        f"the district's media servers are full at {at.en}; move some lessons",
    )


def _gone(who: Who, names: Words, at: Words) -> Words:
    return Words(
        f"课程“{who.id}”已不在本学期，请从课表中去掉",
        f"course {who.id} is no longer in this term; take it off",
    )


def _other(who: Who, names: Words, at: Words) -> Words:
    return Words(f"{who.zh}{names.zh}{at.zh}", f"{who.en} {names.en} {at.en}")


_VIOLATIONS: dict[str, Callable[[Who, Words, Words], Words]] = {
    "lessons_a_week": _count,
    "one_a_day": _twice_a_day,
    "start": _start,
    "day": _outside,
    "resource": _double,
    "busy": _taken,
    "travel": _way,
    "uplink": _line,
    "media": _servers,
    "unknown_stream": _gone,
}

# ---- changes -----------------------------------------------------------------------


def step_words(problem: Problem, step: Step) -> Words:
    """One change as a line of the history."""
    gone, come = step.gone, step.come
    if len(step.courses) != 1 or max(len(gone), len(come)) > 1:
        count = max(len(gone), len(come))
        return Words(f"{count} 处改动", f"{count} changes")
    name = course_name(problem, next(iter(step.courses)))
    if not gone:
        there = at_words(*come[0].place[1:])
        return Words(f"排入“{name}”：{there.zh}", f"place {name} on {there.en}")
    here = at_words(*gone[0].place[1:])
    if not come:
        return Words(f"移出“{name}”：{here.zh}", f"take {name} off {here.en}")
    if gone[0].place != come[0].place:
        there = at_words(*come[0].place[1:])
        return Words(
            f"移动“{name}”：{here.zh} → {there.zh}",
            f"move {name} from {here.en} to {there.en}",
        )
    if come[0].locked != gone[0].locked:
        verb = ("锁定", "lock") if come[0].locked else ("解锁", "unlock")
        return Words(f"{verb[0]}“{name}”：{here.zh}", f"{verb[1]} {name}, {here.en}")
    return Words(f"改动“{name}”：{here.zh}", f"change {name}, {here.en}")


def place_words(problem: Problem, place: Place) -> Words:
    at = at_words(place.weekday, place.start)
    name = course_name(problem, place.course)
    return Words(f"“{name}”{at.zh}", f"{name}, {at.en}")
