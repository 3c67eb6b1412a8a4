"""What a file says, and what is refused with a name."""

import pytest

from benchmarks.xhstt.instance import Cost, Meet
from benchmarks.xhstt.reader import read
from benchmarks.xhstt.writer import write
from common.errors import ParseError
from tests.unit.xhstt.texts import archive, both, constraint, event, events, meet


def refused(data: bytes) -> ParseError:
    with pytest.raises(ParseError) as caught:
        read(data)
    assert caught.value.zh
    return caught.value


def test_groups_are_resolved_and_times_are_positions() -> None:
    lessons = [event("x", 2, "c1", "who=Teacher"), event("y", 1, "t1", time="b1")]
    instance, solution = both(archive(lessons, [], [meet("x", 2, "a2", who="t1")]))
    assert instance.times == ("a1", "a2", "a3", "b1", "b2", "b3")
    assert list(instance.event["x"].fixed()) == ["c1"]
    assert [need.role for need in instance.event["x"].open()] == ["who"]
    assert instance.event["y"].time == 3
    assert solution.meets == (
        Meet("x", 2, 1, {"who": "t1"}),
        Meet("y", 1, 3),
    )


def test_a_report_is_the_published_cost() -> None:
    _, solution = both(archive([event("x", 1, "c1")], [], report=Cost(3, 5966)))
    assert solution.reported == Cost(3, 5966)


def test_entities_are_refused_unread() -> None:
    bomb = (
        b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
        b"<HighSchoolTimetableArchive>&b;</HighSchoolTimetableArchive>"
    )
    assert refused(bomb).code == "hostile_xml"


def test_an_external_entity_is_refused_unread() -> None:
    text = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]><x>&a;</x>'
    assert refused(text).code == "hostile_xml"


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "not well-formed"),
        (b"<HighSchoolTimetableArchive>", "not well-formed"),
        (b"<html/>", "not an XHSTT archive"),
        (archive([event("x", 0, "c1")], []), "no duration"),
        (archive([event("x", 1, "nobody")], []), "nobody> refers to nothing"),
        (archive([event("x", 1, "c1")] * 2, []), "is there twice"),
        (archive([event("x", 1, "a=Teacher", "a=Teacher")], []), "role of their own"),
        (archive([event("x", 1)], [constraint("Wish", "")]), "unknown kind"),
        (
            archive(
                [event("x", 1)], [constraint("AssignTime", "", function="SumSquares")]
            ),
            "'SumSquares' is not of XHSTT-2014",
        ),
        (
            archive([event("x", 1)], [constraint("AssignTime", events("z"))]),
            "<Event z> refers to nothing",
        ),
        (archive([event("x", 2)], [], [meet("x", 3, "a1")]), "lasts 3 times, not 2"),
        (archive([event("x", 2)], [], [meet("x", 2, "b3")]), "after the last time"),
        (
            archive([event("x", 1)], [constraint("AssignTime", "")]).replace(
                b"<Weight>1<", b"<Weight>-1<"
            ),
            "<Weight> is not a whole number",
        ),
        (
            archive([event("x", 1)], [constraint("AssignTime", "")]).replace(
                b"<Required>false<", b"<Required>maybe<"
            ),
            "neither true nor false",
        ),
        (archive([], []).replace(b"<Constraints>", b"<C>"), "not well-formed"),
        (
            archive([], []).replace(b"<Constraints></Constraints>", b""),
            "has no <Constraints>",
        ),
    ],
)
def test_what_is_wrong_is_named(data: bytes, says: str) -> None:
    error = refused(data)
    assert error.code == "bad_xhstt"
    assert says in error.en


def test_what_is_written_is_read_again_unchanged() -> None:
    lessons = [event("x", 2, "c1", "who=Teacher"), event("y", 2, "t1")]
    meets = [meet("x", 1, "a1", who="t2"), meet("x", 1), meet("y", 2, "b1")]
    data = archive(lessons, [], meets)
    instance, solution = both(data)
    again, other = both(write(data, instance, solution, Cost(1, 2)))
    assert again == instance
    assert other.meets == solution.meets
    assert other.reported == Cost(1, 2)
