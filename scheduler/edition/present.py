"""Makes the views that people look at of a judged edition. Pure."""

from collections.abc import Callable, Iterable

from scheduler.edition.frame import RESOURCE_NAMES
from scheduler.edition.picture import Picture
from scheduler.edition.values import Edition, Entry, Place, Placed, Step
from scheduler.edition.views import (
    BlockerView,
    BoardChanges,
    BoardView,
    CellView,
    CostView,
    EditionView,
    HistoryView,
    PlacedView,
    PlaceView,
    ProblemView,
    UnplacedView,
    WhoKind,
)
from scheduler.edition.words import (
    Who,
    blocker_words,
    course_name,
    violation_words,
    who_of,
)
from scheduler.solver.check import Violation
from scheduler.solver.heatmap import Blocker
from scheduler.solver.problem import Placement, Stream, StreamId


def edition_view(edition: Edition, placed: int, job: str | None) -> EditionView:
    published = edition.published_at
    return EditionView(
        id=edition.id,
        term=edition.term,
        name=edition.name,
        state=edition.state,
        revision=edition.revision,
        week=edition.week,
        made_at=edition.made_at.timestamp(),
        made_by=edition.made_by,
        published_at=published.timestamp() if published else None,
        published_by=edition.published_by,
        from_day=edition.from_day,
        placed=placed,
        can_undo=edition.can_undo,
        can_redo=edition.can_redo,
        job=job,
    )


def history_view(edition: Edition, entry: Entry) -> HistoryView:
    return HistoryView(
        number=entry.number,
        zh=entry.label.zh,
        en=entry.label.en,
        by=entry.by,
        at=entry.at.timestamp(),
        gone=len(entry.step.gone),
        come=len(entry.step.come),
        done=entry.number <= edition.done,
    )


# ---- the board ---------------------------------------------------------------------


def board_view(picture: Picture, own_week: int, last: Entry | None) -> BoardView:
    """`last`: what an undo would take back."""
    frame, edition = picture.frame, picture.draft.edition
    shown_by_own_bells = frame.week == own_week
    return BoardView(
        id=edition.id,
        term=edition.term,
        name=edition.name,
        state=edition.state,
        revision=edition.revision,
        week=frame.week,
        own_week=own_week,
        editable=edition.state == "draft" and shown_by_own_bells,
        courses=frame.courses,
        placements=placed_views(picture, picture.draft.rows.values()),
        unplaced=unplaced_views(picture),
        busy=frame.busy,
        schools=frame.schools,
        rooms=frame.rooms,
        teachers=frame.teachers,
        class_groups=frame.class_groups,
        problems=problem_views(picture, picture.violations),
        warnings=frame.warnings,
        cost=cost_view(picture),
        can_undo=edition.can_undo,
        can_redo=edition.can_redo,
        undo_zh=last.label.zh if last else "",
        undo_en=last.label.en if last else "",
    )


def board_changes(picture: Picture, step: Step, last: Entry | None) -> BoardChanges:
    edition = picture.draft.edition
    come = {row.place for row in step.come}
    gone = [row.place for row in step.gone if row.place not in come]
    return BoardChanges(
        revision=edition.revision,
        gone=[place_view(place) for place in gone],
        placed=placed_views(picture, step.come),
        unplaced=unplaced_views(picture),
        problems=problem_views(picture, picture.violations),
        cost=cost_view(picture),
        can_undo=edition.can_undo,
        can_redo=edition.can_redo,
        undo_zh=last.label.zh if last else "",
        undo_en=last.label.en if last else "",
    )


def place_view(place: Place) -> PlaceView:
    return PlaceView(course=place.course, weekday=place.weekday, start=place.start)


def placed_views(picture: Picture, rows: Iterable[Placed]) -> list[PlacedView]:
    return [_placed_view(picture, row) for row in sorted(rows)]


def _placed_view(picture: Picture, row: Placed) -> PlacedView:
    stream = picture.frame.problem.stream_by_id.get(row.course)
    end, cost = row.start, 0
    if stream is not None:
        end = row.start + stream.minutes
        cost = picture.lone_cost(stream, row)
    return PlacedView(
        course=row.course,
        weekday=row.weekday,
        start=row.start,
        end=end,
        origin=row.origin,
        locked=row.locked,
        cost=cost,
    )


def unplaced_views(picture: Picture) -> list[UnplacedView]:
    return [
        UnplacedView(course=course, missing=missing)
        for course, missing in picture.missing.items()
    ]


def cost_view(picture: Picture) -> CostView:
    cost = picture.cost
    return CostView(
        total=cost.total,
        misfit=cost.misfit,
        edge=cost.edge,
        subject=cost.subject,
        spread=cost.spread,
        gap=cost.gap,
        load=cost.load,
        move=cost.move,
    )


def problem_views(
    picture: Picture, violations: Iterable[Violation]
) -> list[ProblemView]:
    return [_problem_view(picture, violation) for violation in violations]


def _problem_view(picture: Picture, v: Violation) -> ProblemView:
    problem = picture.frame.problem
    who = who_of(problem, v.who, _streams(picture, v.streams))
    words = violation_words(problem, v, who)
    return ProblemView(
        kind=v.rule,
        who_kind=resource_name_of(who),
        who=v.who,
        who_name=who.name,
        weekday=v.weekday or None,
        start=v.time.start if v.time else None,
        end=v.time.end if v.time else None,
        lessons=[place_view(place) for place in picture.places_of(v)],
        zh=words.zh,
        en=words.en,
    )


def resource_name_of(who: Who) -> WhoKind:
    return RESOURCE_NAMES.get(who.kind) or ""


def _streams(picture: Picture, names: Iterable[str]) -> tuple[Stream, ...]:
    known = picture.frame.problem.stream_by_id
    return tuple(known[name] for name in names if name in known)


# ---- why not here ------------------------------------------------------------------


def cell_views(
    picture: Picture, stream: Stream, moving: Placement | None
) -> list[CellView]:
    """Every start of the week for a lesson of the stream; `moving` is in hand."""
    blocked = blocker_views(picture, stream)
    return [
        CellView(
            weekday=cell.weekday,
            start=cell.time.start,
            end=cell.time.end,
            cost=cell.cost,
            blockers=[blocked(cell.weekday, blocker) for blocker in cell.blockers],
            mine=cell.mine,
        )
        for cell in picture.board.cells(stream, moving)
    ]


def blocker_views(
    picture: Picture, stream: Stream
) -> Callable[[int, Blocker], BlockerView]:
    """Words for who blocks lessons of the stream, by weekday; the same few are in the
    way of most of a week."""
    problem = picture.frame.problem
    whos: dict[str, Who] = {}

    def view(weekday: int, blocker: Blocker) -> BlockerView:
        who = whos.get(blocker.who)
        if who is None:
            who = whos[blocker.who] = who_of(problem, blocker.who, (stream,))
        by_course = problem.stream_by_id.get(StreamId(blocker.by))
        locked = by_course is not None and picture.lock_on(by_course.id, weekday)
        known = Blocker(blocker.kind, blocker.who, blocker.by, blocker.minutes, locked)
        name = course_name(problem, blocker.by)
        words = blocker_words(problem, known, who, name)
        return BlockerView(
            kind=blocker.kind,
            who_kind=resource_name_of(who),
            who=blocker.who,
            who_name=who.name,
            by=blocker.by,
            by_name=name,
            minutes=blocker.minutes,
            locked=locked,
            zh=words.zh,
            en=words.en,
        )

    return view
