import pytest

from common.errors import ConflictError, DeniedError
from common.identity import AccessGrant, AccessRole
from common.ids import SiteRoomId
from common.protocol.signalling import Role
from scheduler.agents.tokens import device_grant, person_grant, refuse_unless_open
from scheduler.sessions.lifecycle import State
from tests.unit.scheduler.district import FACTS, HULI, MASTER


def person(*roles: AccessRole) -> AccessGrant:
    return AccessGrant(name="某人", roles=list(roles))


def test_the_master_room_device_publishes_all_and_controls() -> None:
    grant = device_grant(FACTS, MASTER)
    assert (grant.room, grant.role, grant.site_room) == ("ses-1", "master", MASTER)
    assert set(grant.publish) == {"camera", "board", "screen", "microphone"}
    assert grant.control


def test_a_teaching_point_device_is_a_room_without_control() -> None:
    grant = device_grant(FACTS, HULI)
    assert (grant.role, grant.name, grant.control) == ("room", "湖里教室", False)
    assert "board" not in grant.publish


def test_a_device_of_another_room_gets_nothing() -> None:
    with pytest.raises(DeniedError, match="wrong_room"):
        device_grant(FACTS, SiteRoomId("elsewhere"))


def test_a_teachers_console_controls_and_sends_nothing() -> None:
    grant = person_grant(FACTS, person("teacher"), "assistant")
    assert grant.control
    assert grant.publish == []
    assert grant.site_room is None


def test_an_assistant_teacher_watches_without_control() -> None:
    assert not person_grant(FACTS, person("assistant"), "assistant").control


def test_a_teacher_may_be_the_master_from_a_browser() -> None:
    grant = person_grant(FACTS, person("teacher"), "master", name="王老师")
    assert (grant.site_room, grant.control, grant.name) == (MASTER, True, "王老师")


def test_an_observer_is_unseen_and_never_controls_even_when_also_a_teacher() -> None:
    grant = person_grant(FACTS, person("observer", "teacher"), "observer")
    assert (grant.publish, grant.control) == ([], False)


@pytest.mark.parametrize(
    ("who", "wanted"),
    [
        ("assistant", "master"),
        ("observer", "assistant"),
        ("librarian", "room"),
        ("teacher", "observer"),
        ("teacher", "operator"),
        ("teacher", "recorder"),
        ("operator", "recorder"),
    ],
)
def test_nobody_takes_a_role_that_is_not_theirs(who: AccessRole, wanted: Role) -> None:
    with pytest.raises(DeniedError, match="role_denied"):
        person_grant(FACTS, person(who), wanted, room=HULI)


@pytest.mark.parametrize("room", [None, MASTER, SiteRoomId("elsewhere")])
def test_a_browser_in_a_room_names_one_of_the_receiving_rooms(
    room: SiteRoomId | None,
) -> None:
    with pytest.raises(DeniedError, match="wrong_room"):
        person_grant(FACTS, person("assistant"), "room", room=room)
    good = person_grant(FACTS, person("assistant"), "room", room=HULI)
    assert (good.site_room, good.control) == (HULI, False)


def test_the_operator_may_look_into_every_lesson() -> None:
    for role in ("master", "assistant", "observer", "operator"):
        assert person_grant(FACTS, person("operator"), role).role == role


@pytest.mark.parametrize("state", list(State))
def test_a_lesson_is_entered_from_its_preparation_until_its_end(state: State) -> None:
    if state in (State.PREPARING, State.READY, State.LIVE):
        refuse_unless_open(state, "09:57")
        return
    with pytest.raises(ConflictError) as caught:
        refuse_unless_open(state, "09:57")
    early = state is State.PLANNED
    assert caught.value.code == ("not_open_yet" if early else "lesson_over")
    assert ("09:57" in caught.value.zh) == early
