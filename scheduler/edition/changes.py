"""From what a person wants to the step that does it, or a refusal that says why not.
Pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import NoReturn

from common.errors import ConflictError, NotFoundError, ParseError
from common.ids import CourseId
from scheduler.catalogue.bells import Minutes
from scheduler.catalogue.value import MINUTES_A_DAY
from scheduler.edition.picture import Picture
from scheduler.edition.present import blocker_views
from scheduler.edition.values import Place, Placed, Step, step_between
from scheduler.edition.views import Wish
from scheduler.edition.words import at_words, course_name
from scheduler.solver.problem import Placement, Stream, StreamId


def step_of(picture: Picture, wishes: Sequence[Wish]) -> Step:
    """All wishes one after the other, or none.

    Raises ConflictError (`blocked` with the blockers, `locked`, `not_placed`,
    `already_there`, `enough_lessons`, `not_a_start`), NotFoundError
    (`no_such_course`), ParseError (`bad_time`).
    """
    changing = _Changing(picture)
    try:
        for number, wish in enumerate(wishes):
            changing.take(number, wish)
    finally:
        changing.put_back()
    return step_between(picture.draft.rows, changing.rows)


class _Changing:
    """Tries wishes on the picture's board, which is put back afterwards."""

    def __init__(self, picture: Picture) -> None:
        self._picture = picture
        self._problem = picture.frame.problem
        self.rows = dict(picture.draft.rows)
        self._placed = Counter(place.course for place in self.rows)

    def put_back(self) -> None:
        board, before = self._picture.board, self._picture.placements
        for placement in board.placements - before:
            board.remove(placement)
        for placement in before - board.placements:
            board.add(placement)

    def take(self, number: int, wish: Wish) -> None:
        course = CourseId(wish.course)
        place = Place(course, wish.weekday, wish.start)
        match wish.kind:
            case "place":
                stream = self._stream(course)
                self._count(stream, wish)
                self._put(number, wish, stream, Placed(*place))
            case "move":
                assert wish.to_weekday is not None
                assert wish.to_start is not None
                stream = self._stream(course)
                row = self._pick_up(place)
                moved = replace(
                    row,
                    weekday=wish.to_weekday,
                    start=wish.to_start,
                    origin="person",
                )
                self._put(number, wish, stream, moved)
            case "remove":
                self._pick_up(place)
            case "lock" | "unlock":
                row = self._row(place)
                self.rows[place] = replace(row, locked=wish.kind == "lock")

    def _stream(self, course: CourseId) -> Stream:
        stream = self._problem.stream_by_id.get(course)
        if stream is None:
            raise NotFoundError(
                "no_such_course",
                zh=f"本学期没有编号为 {course} 的课程",
                en=f"there is no course {course} in this term",
            )
        return stream

    def _row(self, place: Place) -> Placed:
        row = self.rows.get(place)
        if row is None:
            name = course_name(self._problem, place.course)
            at = at_words(place.weekday, place.start)
            raise ConflictError(
                "not_placed",
                zh=f"“{name}”不在{at.zh}，请刷新后再试",
                en=f"{name} is not on {at.en}; reload and try again",
            )
        return row

    def _pick_up(self, place: Place) -> Placed:
        row = self._row(place)
        if row.locked:
            name = course_name(self._problem, place.course)
            raise ConflictError(
                "locked",
                zh=f"“{name}”已锁定，请先解锁再移动",
                en=f"{name} is locked; unlock it first",
            )
        del self.rows[place]
        self._placed[place.course] -= 1
        if place.course in self._problem.stream_by_id:
            self._picture.board.remove(row.placement)
        return row

    def _count(self, stream: Stream, wish: Wish) -> None:
        if self._placed[CourseId(stream.id)] >= stream.lessons and not wish.force:
            raise ConflictError(
                "enough_lessons",
                zh=f"“{stream.title}”每周 {stream.lessons} 节已排满；"
                "请移动已有的课，或修改课程的周课时",
                en=f"{stream.title} has its {stream.lessons} lessons a week; move one "
                "of them, or change the course",
            )

    def _put(self, number: int, wish: Wish, stream: Stream, row: Placed) -> None:
        if row.start + stream.minutes > MINUTES_A_DAY:
            raise ParseError(
                "bad_time", zh="课不能跨过午夜", en="a lesson does not cross midnight"
            )
        if row.place in self.rows:
            at = at_words(row.weekday, row.start)
            raise ConflictError(
                "already_there",
                zh=f"“{stream.title}”{at.zh} 已经有一节了",
                en=f"{stream.title} is on {at.en} already",
            )
        if not wish.force:
            self._refuse_blocked(number, stream, row)
        self.rows[row.place] = row
        self._placed[row.course] += 1
        self._picture.board.add(Placement(StreamId(row.course), *row.place[1:]))

    def _refuse_blocked(self, number: int, stream: Stream, row: Placed) -> None:
        time = Minutes(row.start, row.start + stream.minutes)
        starts = set(self._picture.frame.space.grids.starts(stream))
        if (row.weekday, row.start) not in starts:
            self._not_a_start(stream, row)
        found = list(self._picture.board.blockers(stream, row.weekday, time))
        if found:
            view = blocker_views(self._picture, stream)
            views = [view(row.weekday, one) for one in found]
            at = at_words(row.weekday, row.start)
            raise ConflictError(
                "blocked",
                zh=f"“{stream.title}”不能排在{at.zh}：{views[0].zh}；"
                "请换一个时间，或先移开它",
                en=f"{stream.title} cannot be on {at.en}: {views[0].en}; choose "
                "another time or move that first",
                more={
                    "change": number,
                    "blockers": [view.model_dump() for view in views],
                },
            )

    def _not_a_start(self, stream: Stream, row: Placed) -> NoReturn:
        at = at_words(row.weekday, row.start)
        raise ConflictError(
            "not_a_start",
            zh=f"{at.zh} 不是主讲学校的上课铃，“{stream.title}”不能从这时开始",
            en=f"no bell of the master school rings on {at.en}; {stream.title} cannot "
            "start then",
        )
