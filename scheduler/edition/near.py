"""Which courses may move when a draft is mended near where it broke. Pure."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from common.ids import CourseId
from scheduler.edition.job_views import NEAR, Keep
from scheduler.edition.jobs import kept_rows
from scheduler.edition.picture import Picture
from scheduler.edition.values import Placed
from scheduler.solver.holdings import holdings
from scheduler.solver.problem import Placement, Problem, Resource, Stream

MOVE_COST = 100
"""More than the soft cost of any lesson: what need not move stays."""


def near_courses(picture: Picture, keep: Keep | None) -> frozenset[CourseId]:
    """Courses with a broken rule and, for `far`, with a lesson without a place, and
    those that share a teacher, class or room with them."""
    problem = picture.frame.problem
    places = [p for v in picture.violations for p in picture.places_of(v)]
    wrong = {place.course for place in places}
    if keep == "far":
        wrong |= picture.missing.keys()
    hit = [stream for stream in problem.streams if CourseId(stream.id) in wrong]
    held = {resource for stream in hit for resource in _held(stream)}
    return frozenset(
        CourseId(stream.id) for stream in problem.streams if held & _held(stream)
    )


def kept_of(picture: Picture, keep: Keep | None) -> list[Placed]:
    """Rows that the solver may not touch."""
    near = near_courses(picture, keep) if keep in NEAR else frozenset()
    return kept_rows(picture.draft, keep, near)


def asked_problem(picture: Picture, keep: Keep | None) -> Problem:
    """What the solver is asked: the picture's problem, with what is to be kept."""
    problem = picture.frame.problem
    rows = [r for r in kept_of(picture, keep) if r.course in problem.stream_by_id]
    if keep in NEAR:
        problem = staying(problem, picture.placements)
    if keep == "unbroken":
        problem = without_more(problem, picture.placements)
    return replace(problem, locks=frozenset(row.placement for row in rows))


def staying(problem: Problem, placements: Iterable[Placement]) -> Problem:
    """The problem in which it costs much to leave a present place."""
    weights = replace(problem.weights, move=MOVE_COST)
    return replace(problem, published=frozenset(placements), weights=weights)


def without_more(problem: Problem, placements: Iterable[Placement]) -> Problem:
    """The problem that asks for no more lessons than have a place now: what was out
    before is no part of mending."""
    placed = Counter(placement.stream for placement in placements)
    streams = tuple(
        replace(stream, lessons=min(stream.lessons, placed[stream.id]))
        for stream in problem.streams
        if placed[stream.id]
    )
    return replace(problem, streams=streams)


def _held(stream: Stream) -> set[Resource]:
    return {resource for resource, _ in holdings(stream)}
