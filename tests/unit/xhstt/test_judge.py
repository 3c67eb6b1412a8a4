"""One text for each kind of constraint; the cost is worked out in the test."""

import pytest

from benchmarks.xhstt.instance import Cost
from tests.unit.xhstt.texts import (
    constraint,
    cost,
    days,
    event,
    events,
    groups,
    limits,
    meet,
    people,
    times,
)

LESSON = [event("x", 3, "c1", "t1")]


def soft(value: int) -> Cost:
    return Cost(0, value)


def test_a_meet_without_a_time_costs_its_duration() -> None:
    rule = constraint("AssignTime", groups("all"), required=True, weight=5)
    assert cost(LESSON, [rule], [meet("x", 1, "a1"), meet("x", 2)]) == Cost(5 * 2, 0)


def test_an_event_the_solution_forgets_has_no_time() -> None:
    rule = constraint("AssignTime", events("x"), required=True)
    assert cost(LESSON, [rule], []) == Cost(3, 0)
    assert cost(LESSON, [rule], [meet("x", 1, "a1")]) == Cost(2, 0)


def test_an_open_role_costs_the_duration_it_stays_open() -> None:
    lesson = [event("x", 3, "c1", "who=Teacher"), event("y", 1, "c2", "t2")]
    rule = constraint("AssignResource", events("x", "y"), "<Role>who</Role>")
    meets = [meet("x", 1, "a1", who="t1"), meet("x", 2, "b1"), meet("y", 1, "a1")]
    assert cost(lesson, [rule], meets) == soft(2)


def test_splits_outside_the_limits_cost_one_each() -> None:
    body = (
        "<MinimumDuration>2</MinimumDuration><MaximumDuration>2</MaximumDuration>"
        "<MinimumAmount>1</MinimumAmount><MaximumAmount>2</MaximumAmount>"
    )
    rule = constraint("SplitEvents", events("x"), body)
    # Three meets where two are allowed, and none of duration two.
    three = [meet("x", 1, "a1"), meet("x", 1, "a2"), meet("x", 1, "b1")]
    assert cost(LESSON, [rule], three) == soft(3 + 1)
    assert cost(LESSON, [rule], [meet("x", 1, "a1"), meet("x", 2, "b1")]) == soft(1)


def test_too_few_and_too_many_meets_of_a_duration_cost_the_difference() -> None:
    body = "<Duration>1</Duration>" + limits(2, 2)
    rule = constraint("DistributeSplitEvents", events("x"), body)
    assert cost(LESSON, [rule], [meet("x", 3, "a1")]) == soft(2)
    three = [meet("x", 1, "a1"), meet("x", 1, "a2"), meet("x", 1, "b1")]
    assert cost(LESSON, [rule], three) == soft(1)


def test_an_unwanted_teacher_costs_the_duration_and_an_absent_one_nothing() -> None:
    lesson = [event("x", 3, "c1", "who=Teacher")]
    body = f"{people('t1')}<Role>who</Role>"
    rule = constraint("PreferResources", events("x"), body)
    meets = [meet("x", 1, "a1", who="t2"), meet("x", 1, "a2", who="t1"), meet("x", 1)]
    assert cost(lesson, [rule], meets) == soft(1)


def test_an_unwanted_start_costs_the_duration() -> None:
    rule = constraint("PreferTimes", events("x"), times("a1", "b1"))
    assert cost(LESSON, [rule], [meet("x", 2, "a2"), meet("x", 1, "b1")]) == soft(2)


def test_preferred_times_of_one_duration_leave_the_others_alone() -> None:
    body = times("a1") + "<Duration>2</Duration>"
    rule = constraint("PreferTimes", events("x"), body)
    assert cost(LESSON, [rule], [meet("x", 1, "b2"), meet("x", 2, "a1")]) == soft(0)
    assert cost(LESSON, [rule], [meet("x", 1, "a1"), meet("x", 2, "a2")]) == soft(2)


def test_each_teacher_more_than_one_for_a_course_costs_one() -> None:
    lesson = [
        event("x", 2, "c1", "who=Teacher", groups="some"),
        event("y", 1, "c1", "who=Teacher", groups="some"),
    ]
    rule = constraint("AvoidSplitAssignments", groups("some"), "<Role>who</Role>")
    meets = [
        meet("x", 1, "a1", who="t1"),
        meet("x", 1, "a2", who="t2"),
        meet("y", 1, "b1", who="t3"),
    ]
    assert cost(lesson, [rule], meets) == soft(2)
    assert cost(lesson, [rule], [meet("x", 2), meet("y", 1)]) == soft(0)


def test_meets_bunched_on_a_day_cost_what_is_beyond_the_limits() -> None:
    rule = constraint("SpreadEvents", groups("all"), days("A", "B", body=limits(1, 1)))
    bunched = [meet("x", 1, "a1"), meet("x", 1, "a2"), meet("x", 1, "a3")]
    assert cost(LESSON, [rule], bunched) == soft(2 + 1)


def test_a_meet_counts_where_it_starts() -> None:
    rule = constraint("SpreadEvents", groups("all"), days("B", body=limits(0, 0)))
    assert cost(LESSON, [rule], [meet("x", 2, "a3"), meet("x", 1, "a1")]) == soft(0)


def test_linked_events_cost_each_time_at_which_not_all_run() -> None:
    lessons = [event("x", 2, "c1"), event("y", 2, "c2")]
    rule = constraint("LinkEvents", groups("all"))
    # x at a1 a2, y at a2 a3: both run at a2 alone.
    assert cost(lessons, [rule], [meet("x", 2, "a1"), meet("y", 2, "a2")]) == soft(2)


def test_an_order_costs_the_times_too_few_or_too_many_between() -> None:
    lessons = [event("x", 2, "c1"), event("y", 1, "c2")]
    pair = (
        '<EventPairs><EventPair><FirstEvent Reference="x"/><SecondEvent Reference="y"/>'
        "<MinSeparation>1</MinSeparation><MaxSeparation>2</MaxSeparation>"
        "</EventPair></EventPairs>"
    )
    rule = constraint("OrderEvents", pair)

    def between(second: str) -> Cost:
        return cost(lessons, [rule], [meet("x", 2, "a1"), meet("y", 1, second)])

    # x ends at a2; then a3 b1 b2 b3.
    assert [between(t).soft for t in ("a3", "b1", "b2", "b3")] == [1, 0, 0, 1]
    assert between("a1") == soft(3)
    assert cost(lessons, [rule], [meet("x", 2, "a1"), meet("y", 1)]) == soft(0)


def test_three_lessons_at_once_are_two_clashes() -> None:
    lessons = [event(name, 1, "t1") for name in "xyz"]
    rule = constraint("AvoidClashes", people("t1"), required=True)
    assert cost(lessons, [rule], [meet(n, 1, "a1") for n in "xyz"]) == Cost(2, 0)


def test_a_chosen_teacher_clashes_as_a_given_one_does() -> None:
    lessons = [event("x", 1, "t1"), event("y", 1, "who=Teacher")]
    where = '<ResourceGroups><ResourceGroup Reference="teachers"/></ResourceGroups>'
    rule = constraint("AvoidClashes", where, required=True)
    meets = [meet("x", 1, "a1"), meet("y", 1, "a1", who="t1")]
    assert cost(lessons, [rule], meets) == Cost(1, 0)


def test_each_unavailable_time_costs_once_however_many_lessons_take_it() -> None:
    lessons = [event("x", 2, "t1"), event("y", 1, "t1")]
    rule = constraint("AvoidUnavailableTimes", people("t1"), times("a1", "a2", "b1"))
    meets = [meet("x", 2, "a1"), meet("y", 1, "a2")]
    assert cost(lessons, [rule], meets) == soft(2)


def test_a_hole_between_lessons_of_a_day_is_idle_and_the_night_is_not() -> None:
    lessons = [event("x", 4, "t1")]
    rule = constraint("LimitIdleTimes", people("t1"), days("A", "B") + limits(0, 0))
    meets = [meet("x", 1, "a1"), meet("x", 1, "a3"), meet("x", 2, "b2")]
    assert cost(lessons, [rule], meets) == soft(1)


def test_busy_days_beyond_the_limit_cost_one_each() -> None:
    rule = constraint("ClusterBusyTimes", people("t1"), days("A", "B") + limits(0, 1))
    meets = [meet("x", 1, "a1"), meet("x", 2, "b1")]
    assert cost(LESSON, [rule], meets) == soft(1)


def test_a_free_day_breaks_no_minimum_of_busy_times() -> None:
    rule = constraint("LimitBusyTimes", people("t1"), days("A", "B") + limits(2, 2))
    assert cost(LESSON, [rule], [meet("x", 3, "a1")]) == soft(1)
    one_and_two = [meet("x", 1, "a1"), meet("x", 2, "b1")]
    assert cost(LESSON, [rule], one_and_two) == soft(1)


def test_workload_is_shared_by_duration_and_rounded_up() -> None:
    heavy = (
        '<Event Id="x"><Name>x</Name><Duration>3</Duration><Resources><Resource>'
        '<Role>who</Role><ResourceType Reference="Teacher"/><Workload>4</Workload>'
        "</Resource></Resources></Event>"
    )
    rule = constraint("LimitWorkload", people("t1", "t2"), limits(0, 1))
    # t1 has 4 x 2/3 of it, 5/3 too much; t2 4/3, a third too much.
    meets = [meet("x", 2, "a1", who="t1"), meet("x", 1, "b1", who="t2")]
    assert cost([heavy], [rule], meets) == soft(2 + 1)


@pytest.mark.parametrize(
    ("function", "price"), [("Linear", 3), ("Quadratic", 9), ("Step", 1), ("Sum", 3)]
)
def test_the_cost_function_is_taken_of_the_whole_deviation(
    function: str, price: int
) -> None:
    rule = constraint("AssignTime", events("x"), weight=7, function=function)
    assert cost(LESSON, [rule], [meet("x", 3)]) == soft(7 * price)


def test_every_point_of_application_pays_for_itself() -> None:
    lessons = [event("x", 2, "c1"), event("y", 1, "c2")]
    rule = constraint("AssignTime", groups("all"), function="Quadratic")
    assert cost(lessons, [rule], [meet("x", 2), meet("y", 1)]) == soft(4 + 1)


def test_an_event_named_twice_pays_once() -> None:
    where = events("x") + groups("all")
    rule = constraint("AssignTime", where)
    assert cost(LESSON, [rule], [meet("x", 3)]) == soft(3)
