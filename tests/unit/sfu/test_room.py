import pytest

from common.errors import ConflictError, DeniedError, NotFoundError
from common.ids import ParticipantId, RoomId
from common.protocol.signalling import ParticipantState
from sfu.model import Participant
from sfu.room import MAX_PARTICIPANTS, MAY_RETURN_S, Room
from tests.unit.sfu.people import master, person, room


def lesson(*people: Participant) -> Room:
    state = Room(RoomId("ses-1"))
    for one in people:
        assert state.replaced_by(one) == []
        state.admit(one, 0.0)
    return state


def state_of(state: Room, viewer: Participant, who: Participant) -> ParticipantState:
    view = state.view(viewer)
    return next(p for p in view.participants if p.id == who.id)


def test_rooms_start_muted_and_off_stage_and_the_teacher_is_open() -> None:
    teacher, north = master(), room("north")
    state = lesson(teacher, north)
    seen = state_of(state, teacher, north)
    assert seen.muted
    assert not seen.on_stage
    assert [p.muted for p in seen.publications] == [False, True]
    assert not state_of(state, north, teacher).muted


def test_a_room_on_stage_is_open_and_its_hand_goes_down() -> None:
    teacher, north = master(), room("north")
    state = lesson(teacher, north)
    state.raise_hand(north, True, at=100.0)
    assert state.set_stage(teacher, north.id, True)
    assert not north.muted
    assert north.hand_raised_at is None
    assert state.set_stage(teacher, north.id, False)
    assert north.muted


def test_calling_the_same_room_twice_changes_nothing() -> None:
    teacher, north = master(), room("north")
    state = lesson(teacher, north)
    state.set_stage(teacher, north.id, True)
    version = state.version
    assert not state.set_stage(teacher, north.id, True)
    assert state.version == version


def test_only_who_has_control_calls_on_stage_mutes_others_or_lowers_hands() -> None:
    teacher, north, south = master(), room("north"), room("south")
    state = lesson(teacher, north, south)
    with pytest.raises(DeniedError, match="needs_control"):
        state.set_stage(north, south.id, True)
    with pytest.raises(DeniedError, match="needs_control"):
        state.set_muted(north, south.id, False)
    with pytest.raises(DeniedError, match="needs_control"):
        state.lower_hand(north, south.id)


def test_the_master_cannot_be_sent_off_its_own_stage() -> None:
    teacher = master()
    state = lesson(teacher)
    with pytest.raises(ConflictError, match="not_stageable"):
        state.set_stage(teacher, teacher.id, True)


def test_a_person_is_never_unmuted_against_their_own_switch() -> None:
    teacher = master()
    helper = person("helper", "assistant", "microphone", control=False)
    state = lesson(teacher, helper)
    state.set_muted(helper, helper.id, True)
    state.set_muted(teacher, helper.id, False)
    assert helper.muted
    state.set_muted(helper, helper.id, False)
    assert not helper.muted


def test_a_classroom_may_be_opened_by_the_teacher() -> None:
    teacher, north = master(), room("north")
    state = lesson(teacher, north)
    state.set_muted(north, north.id, True)
    assert state.set_muted(teacher, north.id, False)
    assert not north.muted


def test_a_room_cannot_open_itself_against_the_teacher() -> None:
    teacher, north = master(), room("north")
    state = lesson(teacher, north)
    with pytest.raises(DeniedError, match="muted_by_teacher"):
        state.set_muted(north, north.id, False)
    assert north.muted


def test_a_room_on_stage_may_mute_itself_and_open_itself_again() -> None:
    teacher, north = master(), room("north")
    state = lesson(teacher, north)
    state.set_stage(teacher, north.id, True)
    assert state.set_muted(north, north.id, True)
    assert state.set_muted(north, north.id, False)
    assert not north.muted


def test_a_hand_that_is_up_keeps_its_place_in_the_queue() -> None:
    teacher, north = master(), room("north")
    state = lesson(teacher, north)
    assert state.raise_hand(north, True, at=100.0)
    assert not state.raise_hand(north, True, at=200.0)
    assert state_of(state, teacher, north).hand_raised_at == 100.0
    assert state.lower_hand(teacher, north.id)
    assert state_of(state, teacher, north).hand_raised_at is None


def test_an_observer_cannot_raise_a_hand() -> None:
    watcher = person("watcher", "observer")
    with pytest.raises(DeniedError, match="no_hand"):
        lesson(watcher).raise_hand(watcher, True, at=1.0)


def test_an_observer_is_unseen_but_sees_the_room_and_itself() -> None:
    teacher, watcher = master(), person("watcher", "observer")
    state = lesson(teacher, watcher)
    assert [p.id for p in state.view(teacher).participants] == ["master"]
    assert [p.id for p in state.view(watcher).participants] == ["master", "watcher"]


def test_the_unseen_cannot_even_be_guessed_by_their_id() -> None:
    teacher, watcher = master(), person("watcher", "observer")
    state = lesson(teacher, watcher)
    for act in (state.set_stage, state.set_muted):
        with pytest.raises(NotFoundError, match="no_such_participant"):
            act(teacher, watcher.id, True)
        with pytest.raises(NotFoundError, match="no_such_participant"):
            act(teacher, ParticipantId("nobody"), True)


def test_a_second_master_is_refused() -> None:
    state = lesson(master())
    other = person("other", "master", site_room="centre-202")
    with pytest.raises(ConflictError, match="second_master"):
        state.replaced_by(other)


def test_the_same_master_classroom_coming_back_replaces_the_old_one() -> None:
    old = master()
    state = lesson(old)
    assert state.replaced_by(master("master-again")) == [old]


def test_a_room_that_comes_back_replaces_only_itself() -> None:
    north, south = room("north"), room("south")
    state = lesson(master(), north, south)
    again = person("again", "room", site_room="site-north")
    assert state.replaced_by(again) == [north]


def test_who_has_no_identity_replaces_nobody() -> None:
    first, second = person("first", "observer"), person("second", "observer")
    first.identity = second.identity = None
    state = lesson(first)
    assert state.replaced_by(second) == []


def test_a_full_room_says_so_but_lets_the_same_one_come_back() -> None:
    state = Room(RoomId("ses-1"))
    for number in range(MAX_PARTICIPANTS):
        state.admit(room(f"r{number}"), 0.0)
    with pytest.raises(ConflictError, match="room_full"):
        state.replaced_by(room("one-more"))
    assert len(state.replaced_by(room("r7"))) == 1


def test_the_version_grows_with_every_change() -> None:
    teacher, north = master(), room("north")
    state = lesson(teacher, north)
    seen = [state.version]
    state.describe("数学", 2000.0)
    seen.append(state.version)
    state.set_recording(True)
    seen.append(state.version)
    state.set_dominant_speaker(teacher.id)
    seen.append(state.version)
    state.remove(teacher.id, 0.0, may_return=False)
    seen.append(state.version)
    assert seen == sorted(set(seen))
    assert state.dominant_speaker is None
    assert not state.remove(teacher.id, 0.0, may_return=False)


def test_a_room_whose_line_broke_on_stage_comes_back_on_stage_and_open() -> None:
    teacher, north = master(), room("north")
    state = lesson(teacher, north)
    state.set_stage(teacher, north.id, True)
    state.remove(north.id, 10.0, may_return=True)
    again = person("again", "room", site_room="site-north")
    state.admit(again, 10.0 + MAY_RETURN_S)
    assert again.on_stage
    assert not again.muted


def test_a_room_that_was_away_for_long_or_left_comes_back_muted() -> None:
    teacher, north = master(), room("north")
    for may_return, away_s in ((True, MAY_RETURN_S + 1), (False, 1.0)):
        state = lesson(teacher, north)
        state.set_stage(teacher, north.id, True)
        state.remove(north.id, 10.0, may_return=may_return)
        again = person("again", "room", site_room="site-north")
        state.admit(again, 10.0 + away_s)
        assert not again.on_stage
        assert again.muted
        north.on_stage = False


def test_one_pauses_only_what_one_publishes_oneself() -> None:
    teacher, north = master(), room("north")
    state = lesson(teacher, north)
    camera = north.publications[0].id
    with pytest.raises(NotFoundError, match="no_such_publication"):
        state.set_paused(teacher, camera, True)
    assert state.set_paused(north, camera, True)
    assert not state.set_paused(north, camera, True)
    seen = state_of(state, teacher, north).publications
    assert [p.paused for p in seen] == [True, False]
    assert state.set_paused(north, camera, False)
