"""What differs between two editions, and whom it concerns. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from common.ids import CourseId
from scheduler.edition.frame import RESOURCE_NAMES
from scheduler.edition.publish_views import CompareView, ConcernView, DifferenceView
from scheduler.edition.values import Placed, Rows, Step
from scheduler.edition.views import PlaceView
from scheduler.edition.words import at_words, course_name, resource_name
from scheduler.solver.holdings import holdings
from scheduler.solver.problem import Problem, Resource
from scheduler.words import Words


@dataclass(frozen=True, slots=True)
class Difference:
    """One lesson of the week; one of the two may be None, not both."""

    before: Placed | None
    after: Placed | None

    @property
    def course(self) -> CourseId:
        row = self.after or self.before
        assert row is not None
        return row.course


@dataclass(frozen=True)
class Comparison:
    """`marked`: where only the lock or who placed it differs."""

    moved: tuple[Difference, ...]
    added: tuple[Difference, ...]
    removed: tuple[Difference, ...]
    marked: tuple[Difference, ...]
    same: int

    @property
    def all(self) -> tuple[Difference, ...]:
        """What people notice."""
        return (*self.moved, *self.added, *self.removed)

    @property
    def step(self) -> Step:
        """Makes the second edition of the first."""
        every = (*self.all, *self.marked)
        return Step(
            tuple(sorted(d.before for d in every if d.before)),
            tuple(sorted(d.after for d in every if d.after)),
        )


def compare(before: Rows, after: Rows) -> Comparison:
    """A lesson has moved when its course lost one place and won another; those of the
    same day are matched first, the others in order of the week."""
    gone: dict[CourseId, list[Placed]] = defaultdict(list)
    come: dict[CourseId, list[Placed]] = defaultdict(list)
    for place, row in sorted(before.items()):
        if place not in after:
            gone[row.course].append(row)
    for place, row in sorted(after.items()):
        if place not in before:
            come[row.course].append(row)
    pairs = [
        pair
        for course in sorted(gone.keys() | come.keys())
        for pair in _pairs(gone[course], come[course])
    ]
    both = [place for place in sorted(before) if place in after]
    marked = [
        Difference(before[place], after[place])
        for place in both
        if before[place] != after[place]
    ]
    return Comparison(
        moved=tuple(d for d in pairs if d.before and d.after),
        added=tuple(d for d in pairs if not d.before),
        removed=tuple(d for d in pairs if not d.after),
        marked=tuple(marked),
        same=len(both),
    )


def _pairs(gone: list[Placed], come: list[Placed]) -> Iterator[Difference]:
    left = list(come)
    rest: list[Placed] = []
    for row in gone:
        near = next((r for r in left if r.weekday == row.weekday), None)
        if near is None:
            rest.append(row)
        else:
            left.remove(near)
            yield Difference(row, near)
    for row in rest:
        yield Difference(row, left.pop(0) if left else None)
    for row in left:
        yield Difference(None, row)


# ---- whom it concerns --------------------------------------------------------------


@dataclass
class Concern:
    """The differences in the week of one teacher, class, room or school."""

    resource: Resource
    differences: list[Difference] = field(default_factory=list)


def concerns(problem: Problem, differences: Iterable[Difference]) -> list[Concern]:
    found: dict[Resource, Concern] = {}
    for one in differences:
        for resource in _held(problem, one.course):
            found.setdefault(resource, Concern(resource)).differences.append(one)
    return [found[resource] for resource in sorted(found)]


def _held(problem: Problem, course: CourseId) -> list[Resource]:
    stream = problem.stream_by_id.get(course)
    if stream is None:
        return []
    held = [resource for resource, _ in holdings(stream)]
    sites = [
        Resource("site", problem.room_by_id[resource.id].site)
        for resource in held
        if resource.kind == "room"
    ]
    return list(dict.fromkeys([*held, *sites]))


# ---- views -------------------------------------------------------------------------


def compare_view(
    problem: Problem, edition: str, compared_with: str, found: Comparison
) -> CompareView:
    return CompareView(
        edition=edition,
        compared_with=compared_with,
        moved=difference_views(problem, found.moved),
        added=difference_views(problem, found.added),
        removed=difference_views(problem, found.removed),
        same=found.same,
        concerns=[
            _concern_view(problem, concern) for concern in concerns(problem, found.all)
        ],
    )


def difference_views(
    problem: Problem, differences: Iterable[Difference]
) -> list[DifferenceView]:
    return [_difference_view(problem, one) for one in differences]


def _difference_view(problem: Problem, one: Difference) -> DifferenceView:
    words = difference_words(problem, one)
    return DifferenceView(
        course=one.course,
        name=course_name(problem, one.course),
        before=_place_view(one.before),
        after=_place_view(one.after),
        zh=words.zh,
        en=words.en,
    )


def _place_view(row: Placed | None) -> PlaceView | None:
    if row is None:
        return None
    return PlaceView(course=row.course, weekday=row.weekday, start=row.start)


def difference_words(problem: Problem, one: Difference) -> Words:
    name = course_name(problem, one.course)
    before = one.before and at_words(one.before.weekday, one.before.start)
    after = one.after and at_words(one.after.weekday, one.after.start)
    if before and after:
        return Words(
            f"“{name}”从{before.zh} 改到{after.zh}",
            f"{name} moves from {before.en} to {after.en}",
        )
    if after:
        return Words(f"“{name}”新增{after.zh}", f"{name} is new on {after.en}")
    assert before
    return Words(f"“{name}”不再上{before.zh}", f"{name} is no longer on {before.en}")


def _concern_view(problem: Problem, concern: Concern) -> ConcernView:
    rows = concern.differences
    return ConcernView(
        kind=RESOURCE_NAMES[concern.resource.kind],
        id=concern.resource.id,
        name=resource_name(problem, concern.resource),
        moved=sum(1 for d in rows if d.before and d.after),
        added=sum(1 for d in rows if not d.before),
        removed=sum(1 for d in rows if not d.after),
    )
