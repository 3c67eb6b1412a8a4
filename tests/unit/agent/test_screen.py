"""What stands on the room's screen while the server's page cannot."""

import pytest

from classroom_agent.agenda import Kept
from classroom_agent.attendance import Wish
from classroom_agent.config import RoomConfig
from classroom_agent.local_room import LocalRoom
from classroom_agent.screen import Screen
from common.errors import ConflictError
from common.protocol.control import AgentState
from tests.unit.agent.timetable import agenda, at, lesson

MUSIC = lesson("ses-1", 0, 40)
KEPT = Kept(site_room="huli").renewed(agenda(MUSIC, lesson("ses-2", 50, 90)))


def page(
    minute: float,
    state: AgentState,
    *,
    inside: bool = False,
    alone: bool = True,
    kept: Kept = KEPT,
    clock_wrong: bool = False,
) -> str:
    wish = Wish(MUSIC if inside else None, False, alone, None, "bell")
    screen = Screen.of(kept, wish, state, at(minute), clock_wrong=clock_wrong)
    return screen.page(at(minute))


def test_it_shows_the_lesson_and_that_it_goes_by_the_kept_timetable() -> None:
    shown = page(-1, "waiting", inside=True)
    assert "07:59" in shown
    assert "课 ses-1" in shown
    assert "08:00-08:40 王老师" in shown
    assert "等待上课铃" in shown
    assert "按留存的课表上课（11-23 07:00 更新）" in shown
    assert "the timetable it keeps (of 11-23 07:00)" in shown


def test_it_says_that_it_keeps_trying() -> None:
    assert "会一直尝试到下课" in page(5, "reconnecting", inside=True)


def test_between_lessons_it_names_the_next_one() -> None:
    shown = page(41, "standby")
    assert "现在没有课" in shown
    assert "下一节 08:50 课 ses-2" in shown


def test_without_a_kept_timetable_it_says_what_to_do() -> None:
    shown = page(0, "standby", kept=Kept(site_room="huli"))
    assert "请检查网线" in shown
    assert "network cable" in shown


def test_with_a_wrong_clock_it_says_what_to_do() -> None:
    assert "请校准电脑时间" in page(0, "standby", clock_wrong=True)


def test_a_server_that_is_only_slow_is_waited_for() -> None:
    shown = page(-30, "standby", alone=False)
    assert "正在连接服务器" in shown
    assert "留存" not in shown


def test_it_counts_in_the_time_of_its_district() -> None:
    told = agenda(MUSIC).model_copy(update={"zone": "Asia/Urumqi"})
    kept = Kept(site_room="huli").renewed(told)
    shown = page(-1, "waiting", inside=True, kept=kept)
    assert "06:00-06:40 王老师" in shown
    assert "11-23 05:00 更新" in shown
    wish = Wish(MUSIC, True, True, None, "bell")
    config = RoomConfig(site_room="huli")
    room = LocalRoom.of(
        config, kept, wish, at(-420), entered_alone=True, is_joined=True
    )
    today = room.today(at(-420))
    assert (today["day"], today["zone"]) == ("2026-11-22", "Asia/Urumqi")


def test_a_zone_that_this_computer_does_not_know_is_no_trouble() -> None:
    kept = KEPT.model_copy(update={"zone": "Mars/Olympus"})
    assert "08:00-08:40" in page(-1, "waiting", inside=True, kept=kept)


def test_a_title_cannot_write_the_page() -> None:
    evil = MUSIC.model_copy(update={"title": "<script>", "teacher": "<b>"})
    wish = Wish(evil, True, True, None, "bell")
    shown = Screen.of(KEPT, wish, "in_lesson", at(1), clock_wrong=False).page(at(1))
    assert "<script>" not in shown


# ---- which page the browser is on ----------------------------------------------------


def local(
    *, alone: bool = True, entered_alone: bool = True, joined: bool = True
) -> LocalRoom:
    looked_at = MUSIC.model_copy(update={"screen_token": "s"})
    wish = Wish(looked_at, True, alone, None, "bell")
    config = RoomConfig(site_room="huli")
    return LocalRoom.of(
        config, KEPT, wish, at(1), entered_alone=entered_alone, is_joined=joined
    )


def test_our_own_room_page_shows_a_lesson_only_once_we_are_in_it() -> None:
    assert local().has_to_show
    assert not local(joined=False).has_to_show
    assert not local(alone=False).has_to_show


def test_a_server_page_is_left_only_when_it_cannot_be_showing_the_lesson() -> None:
    assert local(joined=False).is_page_stale
    assert not local(entered_alone=False).is_page_stale
    assert not local(alone=False).is_page_stale


def test_the_master_classroom_has_no_screen_page_of_ours() -> None:
    wish = Wish(MUSIC, True, True, None, "bell")
    config = RoomConfig(site_room="dingyuan")
    room = LocalRoom.of(config, KEPT, wish, at(1), entered_alone=True, is_joined=True)
    assert room.lesson is None
    with pytest.raises(ConflictError, match="lesson_over"):
        room.ticket("ses-1")


def test_the_pages_questions_are_answered_from_the_agenda() -> None:
    room = local()
    shown = room.today(at(1))["lessons"]
    assert [(one["session"], one["state"]) for one in shown] == [
        ("ses-1", "live"),
        ("ses-2", "planned"),
    ]
    assert shown[0]["rooms"][0]["id"] == "huli"
    assert room.ticket("ses-1")["token"] == "s"
