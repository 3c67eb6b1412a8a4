from sfu import policy
from sfu.model import Participant, Slot
from sfu.policy import Priority, Wanted
from tests.unit.sfu.people import master, person, publication, room


def shown(viewer: Participant, *everyone: Participant) -> list[str]:
    return [w.publication.id for w in policy.wanted(viewer, everyone, "video")]


def heard(viewer: Participant, *everyone: Participant) -> list[str]:
    return [w.publication.id for w in policy.wanted(viewer, everyone, "audio")]


def test_a_room_sees_the_teacher_and_the_screen_and_nobody_off_stage() -> None:
    teacher, north, south = master(), room("north"), room("south")
    assert shown(north, teacher, north, south) == ["master/camera", "master/screen"]


def test_a_room_on_stage_is_seen_large_by_the_others_but_not_by_itself() -> None:
    teacher, north, south = master(), room("north"), room("south")
    south.on_stage = True
    seen = policy.wanted(north, [teacher, north, south], "video")
    assert [w.publication.id for w in seen] == [
        "master/camera",
        "master/screen",
        "south/camera",
    ]
    assert seen[2].large
    assert seen[2].priority == Priority.STAGE
    assert "south/camera" not in shown(south, teacher, north, south)


def test_the_stage_comes_before_the_teachers_second_camera() -> None:
    teacher, north, south = master(), room("north"), room("south")
    teacher.publications.append(publication("master", "board"))
    south.on_stage = True
    assert shown(north, teacher, north, south) == [
        "master/camera",
        "master/screen",
        "south/camera",
        "master/board",
    ]


def test_the_teacher_sees_the_stage_first_and_the_other_rooms_as_tiles() -> None:
    teacher, north, south = master(), room("north"), room("south")
    south.on_stage = True
    seen = policy.wanted(teacher, [teacher, north, south], "video")
    assert [w.publication.id for w in seen] == ["south/camera", "north/camera"]
    assert [w.large for w in seen] == [True, False]


def test_an_observer_sees_everyone_with_the_teacher_first() -> None:
    watcher = person("watcher", "observer")
    teacher, north, south = master(), room("north"), room("south")
    south.on_stage = True
    assert shown(watcher, north, south, teacher, watcher) == [
        "master/camera",
        "master/screen",
        "south/camera",
        "north/camera",
    ]


def test_a_muted_room_off_stage_is_not_in_anyones_sound() -> None:
    teacher, north, south = master(), room("north"), room("south")
    assert heard(teacher, teacher, north, south) == []
    assert heard(north, teacher, north, south) == ["master/microphone"]


def test_a_room_opened_by_the_teacher_is_heard_without_being_on_stage() -> None:
    teacher, north, south = master(), room("north"), room("south")
    south.closed = False
    assert heard(teacher, teacher, north, south) == ["south/microphone"]
    assert heard(north, teacher, north, south) == [
        "master/microphone",
        "south/microphone",
    ]


def test_the_stage_is_heard_before_a_room_that_is_only_open() -> None:
    teacher, north, south = master(), room("north"), room("south")
    north.closed = False
    south.on_stage = True
    assert heard(teacher, teacher, north, south) == [
        "south/microphone",
        "north/microphone",
    ]


def test_a_console_in_the_masters_classroom_does_not_hear_that_classroom() -> None:
    console = person("console", "assistant", site_room="centre-101")
    teacher = master()
    assert heard(console, teacher, console) == []
    assert shown(console, teacher, console) == ["master/camera", "master/screen"]


def test_a_room_screen_does_not_get_its_own_classroom_back() -> None:
    teacher, north = master(), room("north")
    screen = person("north-screen", "room", site_room="site-north")
    north.on_stage = True
    assert shown(screen, teacher, north, screen) == ["master/camera", "master/screen"]
    assert heard(screen, teacher, north, screen) == ["master/microphone"]


def test_what_an_observer_publishes_reaches_nobody() -> None:
    watcher = person("watcher", "observer", "camera", "microphone")
    recorder = person("recorder", "recorder")
    teacher = master()
    assert shown(teacher, teacher, watcher) == []
    assert heard(teacher, teacher, watcher) == []
    assert "watcher/camera" not in shown(recorder, teacher, watcher, recorder)


def test_a_recorder_gets_everything_in_the_order_it_appeared() -> None:
    recorder = person("recorder", "recorder")
    teacher, north = master(), room("north")
    assert shown(recorder, north, teacher, recorder) == [
        "north/camera",
        "master/camera",
        "master/screen",
    ]
    assert heard(recorder, north, teacher, recorder) == [
        "north/microphone",
        "master/microphone",
    ]


def entries(*names: str) -> list[Wanted]:
    return [
        Wanted(publication(name, "camera"), Priority.OTHER, large=False)
        for name in names
    ]


def ids(assigned: dict[str, Wanted]) -> dict[str, str]:
    return {mid: wanted.publication.id for mid, wanted in assigned.items()}


SLOTS = [Slot("v0", "video"), Slot("v1", "video")]


def test_slots_are_filled_in_the_order_offered() -> None:
    assigned = policy.assign(SLOTS, {}, entries("a", "b", "c"))
    assert ids(assigned) == {"v0": "a/camera", "v1": "b/camera"}


def test_a_picture_keeps_its_slot_when_a_more_important_one_appears() -> None:
    showing = {"v0": publication("a", "camera").id}
    assigned = policy.assign(SLOTS, showing, entries("b", "a"))
    assert ids(assigned) == {"v0": "a/camera", "v1": "b/camera"}


def test_a_picture_that_is_no_longer_wanted_gives_its_slot_away() -> None:
    showing = {
        "v0": publication("a", "camera").id,
        "v1": publication("b", "camera").id,
    }
    assigned = policy.assign(SLOTS, showing, entries("b", "c"))
    assert ids(assigned) == {"v0": "c/camera", "v1": "b/camera"}


def test_a_recorders_slot_is_never_pointed_elsewhere_while_its_picture_lives() -> None:
    showing = {
        "v0": publication("x", "camera").id,
        "v1": publication("y", "camera").id,
    }
    assigned = policy.assign_to_recorder(SLOTS, showing, entries("a", "y", "x"))
    assert ids(assigned) == {"v0": "x/camera", "v1": "y/camera"}
    assigned = policy.assign_to_recorder(SLOTS, showing, entries("a", "y"))
    assert ids(assigned) == {"v0": "a/camera", "v1": "y/camera"}
