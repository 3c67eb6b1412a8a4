"""Times exchanged and people chosen, by annealing."""

import random
from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.xhstt.annealing import Annealing
from benchmarks.xhstt.bundles import bundled
from benchmarks.xhstt.grid import Grid
from benchmarks.xhstt.hands import Hands
from benchmarks.xhstt.instance import Cost, Instance, Meet, Solution
from benchmarks.xhstt.judge import judge
from benchmarks.xhstt.reader import read
from benchmarks.xhstt.roles import Crew
from benchmarks.xhstt.staff import Staff
from benchmarks.xhstt.stages import without_roles
from benchmarks.xhstt.wishes import Wishes
from tests.unit.xhstt.texts import (
    archive,
    constraint,
    days,
    event,
    events,
    groups,
    limits,
    people,
    times,
)

TEACHERS = '<ResourceGroups><ResourceGroup Reference="teachers"/></ResourceGroups>'
STAFFED = constraint("AssignResource", groups("all"), "<Role>who</Role>", required=True)
ALONE = constraint("AvoidClashes", people("c1", "c2") + TEACHERS, required=True)
TIMED = constraint("AssignTime", groups("all"), required=True)
ONLY_T1 = constraint(
    "PreferResources",
    groups("all"),
    people("t1") + "<Role>who</Role>",
    required=True,
)


def instance_of(happenings: list[str], *rules: str) -> Instance:
    return read(archive(happenings, [STAFFED, ALONE, TIMED, *rules])).instances[0]


def board(instance: Instance, *meets: Meet) -> tuple[Grid, Crew]:
    bundles = bundled(instance)
    crew = Crew(instance, bundles)
    return Grid(without_roles(bundles.instance), meets, crew.people), crew


def whole(instance: Instance, *meets: Meet) -> Hands:
    return Hands(*board(instance, *meets), apart=False)


def staffed(instance: Instance, *meets: Meet) -> tuple[Grid, Staff]:
    grid, crew = board(instance, *meets)
    hands = Hands(grid, crew, apart=False)
    wishes = Wishes(instance, bundled(instance).instance, grid, crew.people)
    return grid, Staff(grid, crew, wishes, random.Random(1), hands.has())


def cooling(seconds: float = 5.0) -> Annealing:
    return Annealing(seconds, 1.0, 0.1, random.Random(1))


def only(name: str, who: Iterable[str]) -> str:
    chosen = people(*sorted(who)) + "<Role>who</Role>"
    return constraint("PreferResources", events(name), chosen, required=True)


def most_hours(wants: list[tuple[int, set[str]]], left: dict[str, int]) -> int:
    """Of lessons, each at a time with those who could take it: every way tried."""
    if not wants:
        return 0
    (time, could), *others = wants
    tried = [most_hours(others, left)]
    for who in could:
        if left[who]:
            after = [(t, c - {who} if t == time else c) for t, c in others]
            tried.append(1 + most_hours(after, {**left, who: left[who] - 1}))
    return max(tried)


LESSONS = st.lists(
    st.tuples(st.integers(0, 2), st.sets(st.sampled_from(["t1", "t2", "t3"]))),
    min_size=1,
    max_size=7,
)


@settings(max_examples=60, deadline=None)
@given(LESSONS, st.integers(1, 3))
def test_no_choice_of_people_leaves_fewer_lessons_open(
    wants: list[tuple[int, set[str]]], most: int
) -> None:
    limit = constraint("LimitWorkload", TEACHERS, limits(0, most), required=True)
    names = [f"x{place}" for place in range(len(wants))]
    rules = [
        only(name, who or {"c1"}) for name, (_, who) in zip(names, wants, strict=True)
    ]
    instance = instance_of([event(n, 1, "who=Teacher") for n in names], limit, *rules)
    meets = [Meet(name, 1, time) for name, (time, _) in zip(names, wants, strict=True)]
    limited = dict.fromkeys(("t1", "t2", "t3"), most)
    hands = whole(instance, *meets)
    assert hands.open_hours == len(wants) - most_hours(wants, limited)
    assert hands.has().count(None) == hands.open_hours


def test_an_exchange_takes_along_whoever_it_would_disturb() -> None:
    lessons = [event("x", 1, "c1"), event("y", 1, "c1", "c2"), event("z", 1, "c2")]
    grid, _ = board(
        instance_of(lessons), Meet("x", 1, 0), Meet("y", 1, 3), Meet("z", 1, 0)
    )
    moves = grid.exchange(0, here=0, there=3, length=1)
    assert moves == {0: 3, 1: 0, 2: 3}
    back = grid.move(moves)
    assert grid.starts == [3, 0, 3]
    assert grid.at[3] == {0, 2}
    grid.move(back)
    assert grid.starts == [0, 3, 0]


def test_no_exchange_cuts_a_meet_or_puts_it_where_it_may_not_be() -> None:
    never = constraint("PreferTimes", events("z"), times("a1", "a2"), required=True)
    lessons = [event("x", 1, "c1"), event("y", 2, "c1"), event("z", 1, "c2")]
    grid, _ = board(
        instance_of(lessons, never), Meet("x", 1, 0), Meet("y", 2, 3), Meet("z", 1, 0)
    )
    assert grid.exchange(0, here=0, there=3, length=1) is None
    assert grid.exchange(2, here=0, there=5, length=1) is None
    assert grid.exchange(2, here=0, there=1, length=1) == {2: 1}


def test_meets_that_want_the_same_person_are_spread_over_the_times() -> None:
    lessons = [event("x", 1, "c1", "who=Teacher"), event("y", 1, "c2", "who=Teacher")]
    grid, crew = board(instance_of(lessons, ONLY_T1), Meet("x", 1, 0), Meet("y", 1, 0))
    hands = Hands(grid, crew, apart=False)
    assert hands.open_hours == 1
    hands.ease(cooling())
    assert hands.open_hours == 0
    assert grid.starts[0] != grid.starts[1]


def test_people_are_chosen_for_meets_as_they_stand() -> None:
    lessons = [
        event("x", 1, "c1", "who=Teacher"),
        event("y", 1, "c2", "who=Teacher"),
        event("z", 1, "t3"),
    ]
    meets = Meet("x", 1, 0), Meet("y", 1, 0), Meet("z", 1, 0)
    _, staff = staffed(instance_of(lessons), *meets)
    assert staff.open_hours == 0
    chosen = {one.event: one.assigned["who"] for one in staff.meets()}
    assert sorted(chosen) == ["x", "y"]
    assert sorted(chosen.values()) == ["t1", "t2"], "t3 has another lesson then"


def test_who_is_busy_hands_on_a_lesson_of_two_times() -> None:
    lessons = [event("x", 2, "c1", "who=Teacher"), event("y", 1, "c2", "who=Teacher")]
    rules = [only("x", {"t1", "t2"}), only("y", {"t1"})]
    instance = instance_of(lessons, *rules)
    grid, crew = board(instance, Meet("x", 2, 0), Meet("y", 1, 3))
    hands = Hands(grid, crew, apart=False)
    assert hands.has() == [0, 0]
    grid, crew = board(instance, Meet("x", 2, 0), Meet("y", 1, 1))
    assert Hands(grid, crew, apart=False).has() == [1, 0]


def test_apart_each_time_of_a_meet_may_have_people_of_its_own() -> None:
    lessons = [
        event("x", 2, "c1", "who=Teacher"),
        event("y", 1, "c2", "who=Teacher"),
        event("z", 1, "c2", "who=Teacher"),
    ]
    two = [only("x", {"t1", "t2"}), only("y", {"t1"}), only("z", {"t2"})]
    meets = Meet("x", 2, 0), Meet("y", 1, 0), Meet("z", 1, 1)
    grid, crew = board(instance_of(lessons, *two), *meets)
    assert Hands(grid, crew, apart=True).open_hours == 0
    assert Hands(grid, crew, apart=False).open_hours > 0


@pytest.mark.parametrize(("most", "open_hours"), [(3, 0), (2, 1)])
def test_nobody_works_more_than_the_limit(most: int, open_hours: int) -> None:
    limit = constraint("LimitWorkload", TEACHERS, limits(0, most), required=True)
    lessons = [event("x", 2, "c1", "who=Teacher"), event("y", 1, "c2", "who=Teacher")]
    hands = whole(
        instance_of(lessons, ONLY_T1, limit), Meet("x", 2, 0), Meet("y", 1, 2)
    )
    assert hands.open_hours == open_hours


def test_a_role_for_which_there_is_nobody_stays_open() -> None:
    nobody = ONLY_T1.replace("t1", "c1")
    lessons = [event("x", 1, "c1", "who=Teacher")]
    hands = whole(instance_of(lessons, nobody), Meet("x", 1, 0))
    hands.ease(cooling(0.2))
    assert hands.open_hours == 1
    assert hands.has() == [None]


@pytest.mark.parametrize("seed", range(3))
def test_after_many_exchanges_all_is_as_if_it_had_begun_so(seed: int) -> None:
    lessons = [
        event(n, 2, c, "who=Teacher")
        for n, c in zip("xyzw", ("c1", "c2") * 2, strict=True)
    ]
    instance = instance_of(lessons, only("x", {"t1"}), only("y", {"t1"}))
    meets = [Meet("x", 2, 0), Meet("y", 2, 0), Meet("z", 2, 3), Meet("w", 1, 4)]
    grid, crew = board(instance, *meets)
    hands = Hands(grid, crew, apart=False)
    hands.ease(Annealing(5.0, 3.0, 1.0, random.Random(seed), steps=400))
    busy = [
        (who, time)
        for who, (meet, _) in zip(hands.has(), crew.jobs(grid.events), strict=True)
        if who is not None
        for time in grid.times(meet)
    ]
    assert len(busy) == len(set(busy)), "nobody is in two places"
    assert hands.open_hours == 7 - len(busy) == 0
    assert Hands(grid, crew, apart=False).open_hours == 0


def test_where_no_role_is_open_only_times_are_exchanged() -> None:
    instance = instance_of([event("x", 3, "c1")], WISHES[1])
    grid, staff = staffed(instance, *(Meet("x", 1, time) for time in (0, 1, 2)))
    staff.smooth(cooling(), 0.05, exchanging=True)
    assert staff.unmet == 0
    assert sum(start < 3 for start in grid.starts) in (1, 2)


WISHES = [
    constraint("AvoidSplitAssignments", groups("all"), "<Role>who</Role>", weight=5),
    constraint("SpreadEvents", groups("all"), days("A", "B", body=limits(1, 2))),
    constraint("LimitBusyTimes", TEACHERS, days("A", "B") + limits(1, 2), weight=2),
]


def test_smoothing_meets_wishes_of_people_and_of_times() -> None:
    instance = instance_of([event("x", 3, "c1", "who=Teacher")], *WISHES)
    meets = [Meet("x", 1, time) for time in (0, 1, 2)]
    grid, staff = staffed(instance, *meets)
    assert staff.unmet >= 2, "three meets on one day, none on the other"
    staff.smooth(cooling(), 0.05, exchanging=True)
    assert (staff.open_hours, staff.unmet) == (0, 0)
    assert sum(start < 3 for start in grid.starts) in (1, 2)
    assert len({one.assigned["who"] for one in staff.meets()}) == 1


@pytest.mark.parametrize("seed", range(5))
def test_the_points_of_wishes_are_those_of_the_judge(seed: int) -> None:
    lessons = [
        event("x", 3, "c1", "who=Teacher"),
        event("y", 2, "c2", "who=Teacher"),
        event("z", 2, "c1", "t3"),
    ]
    instance = instance_of(lessons, *WISHES)
    meets = [Meet("x", 1, 0), Meet("x", 1, 1), Meet("x", 1, 4)]
    meets += [Meet("y", 2, 1), Meet("z", 2, 2)]
    grid, staff = staffed(instance, *meets)
    rng = random.Random(seed)
    staff.smooth(Annealing(0.2, 5.0, 2.0, rng), 0.01, exchanging=True)
    known = {(one.event, one.time): one for one in staff.meets()}
    told = tuple(known.get((one.event, one.time), one) for one in grid.meets())
    cost = judge(instance, Solution("", instance.id, told))
    assert cost == Cost(staff.open_hours, staff.unmet)
