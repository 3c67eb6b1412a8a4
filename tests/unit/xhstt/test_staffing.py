"""Times exchanged and people chosen, by annealing."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.xhstt.annealing import Annealing
from benchmarks.xhstt.bundles import bundled
from benchmarks.xhstt.crowds import Crowds, Matching
from benchmarks.xhstt.grid import Grid
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


def board(instance: Instance, *meets: Meet) -> tuple[Grid, Crew, Staff]:
    bundles = bundled(instance)
    crew = Crew(instance, bundles)
    grid = Grid(without_roles(bundles.instance), meets, crew.people)
    wishes = Wishes(instance, bundles.instance, grid, crew.people)
    return grid, crew, Staff(grid, crew, wishes, random.Random(1))


def cooling(seconds: float = 5.0) -> Annealing:
    return Annealing(seconds, 1.0, 0.1, random.Random(1))


def most_matched(wants: list[int], free: int) -> int:
    """Every way tried."""
    if not wants:
        return 0
    first, *others = wants
    bits = [1 << place for place in range(5) if (first & free) >> place & 1]
    tried = [1 + most_matched(others, free ^ bit) for bit in bits]
    return max([most_matched(others, free), *tried])


WANTS = st.lists(st.integers(0, 31), max_size=4)


@given(WANTS, WANTS, st.sets(st.integers(0, 3)), st.integers(0, 31))
def test_a_matching_is_as_large_as_any_also_after_some_go_and_some_come(
    early: list[int], late: list[int], gone: set[int], free: int
) -> None:
    wants = [*early, *late]
    before = Matching(wants, free)
    before.add(range(len(early)))
    after = before.without(gone)
    after.add(range(len(early), len(wants)))
    here = [w for job, w in enumerate(early) if job not in gone] + late
    assert len(here) - len(after.left) == most_matched(here, free)
    assert len(early) - len(before.left) == most_matched(early, free)


def test_an_exchange_takes_along_whoever_it_would_disturb() -> None:
    lessons = [event("x", 1, "c1"), event("y", 1, "c1", "c2"), event("z", 1, "c2")]
    grid, _, _ = board(
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
    grid, _, _ = board(
        instance_of(lessons, never), Meet("x", 1, 0), Meet("y", 2, 3), Meet("z", 1, 0)
    )
    assert grid.exchange(0, here=0, there=3, length=1) is None
    assert grid.exchange(2, here=0, there=5, length=1) is None
    assert grid.exchange(2, here=0, there=1, length=1) == {2: 1}


def test_meets_that_want_the_same_person_are_spread_over_the_times() -> None:
    lessons = [event("x", 1, "c1", "who=Teacher"), event("y", 1, "c2", "who=Teacher")]
    grid, crew, _ = board(
        instance_of(lessons, ONLY_T1), Meet("x", 1, 0), Meet("y", 1, 0)
    )
    crowds = Crowds(grid, crew)
    assert crowds.lacks == [1, 0, 0, 0, 0, 0]
    assert crowds.ease(cooling()) == 0
    assert grid.starts[0] != grid.starts[1]


def test_people_are_chosen_for_meets_as_they_stand() -> None:
    lessons = [
        event("x", 1, "c1", "who=Teacher"),
        event("y", 1, "c2", "who=Teacher"),
        event("z", 1, "t3"),
    ]
    meets = Meet("x", 1, 0), Meet("y", 1, 0), Meet("z", 1, 0)
    _, _, staff = board(instance_of(lessons), *meets)
    staff.fill(cooling(), 0.05, exchanging=False)
    assert staff.open_hours == 0
    chosen = {one.event: one.assigned["who"] for one in staff.meets()}
    assert sorted(chosen) == ["x", "y"]
    assert sorted(chosen.values()) == ["t1", "t2"], "t3 has another lesson then"


def test_times_are_exchanged_for_the_sake_of_people() -> None:
    lessons = [event("x", 1, "c1", "who=Teacher"), event("y", 1, "c2", "who=Teacher")]
    meets = Meet("x", 1, 0), Meet("y", 1, 0)
    grid, _, staff = board(instance_of(lessons, ONLY_T1), *meets)
    staff.fill(cooling(0.3), 0.05, exchanging=False)
    assert staff.open_hours == 1
    staff.fill(cooling(), 0.05, exchanging=True)
    assert staff.open_hours == 0
    assert grid.starts[0] != grid.starts[1]


@pytest.mark.parametrize(("most", "open_hours"), [(3, 0), (2, 1)])
def test_nobody_works_more_than_the_limit(most: int, open_hours: int) -> None:
    limit = constraint("LimitWorkload", TEACHERS, limits(0, most), required=True)
    lessons = [event("x", 2, "c1", "who=Teacher"), event("y", 1, "c2", "who=Teacher")]
    meets = Meet("x", 2, 0), Meet("y", 1, 2)
    _, _, staff = board(instance_of(lessons, ONLY_T1, limit), *meets)
    staff.fill(cooling(0.3), 0.05, exchanging=False)
    assert staff.open_hours == open_hours


def test_a_role_for_which_there_is_nobody_stays_open() -> None:
    nobody = ONLY_T1.replace("t1", "c1")
    lessons = [event("x", 1, "c1", "who=Teacher")]
    _, _, staff = board(instance_of(lessons, nobody), Meet("x", 1, 0))
    staff.fill(cooling(0.2), 0.005, exchanging=True)
    assert staff.open_hours == 1


def test_where_no_role_is_open_only_times_are_exchanged() -> None:
    instance = instance_of([event("x", 3, "c1")], WISHES[1])
    grid, _, staff = board(instance, *(Meet("x", 1, time) for time in (0, 1, 2)))
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
    grid, _, staff = board(instance, *meets)
    assert staff.unmet == 2, "three meets on one day, none on the other"
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
    grid, _, staff = board(instance, *meets)
    rng = random.Random(seed)
    staff.smooth(Annealing(0.2, 5.0, 2.0, rng), 0.01, exchanging=True)
    known = {(one.event, one.time): one for one in staff.meets()}
    told = tuple(known.get((one.event, one.time), one) for one in grid.meets())
    cost = judge(instance, Solution("", instance.id, told))
    assert cost == Cost(staff.open_hours, staff.unmet)
