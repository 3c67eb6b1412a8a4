"""What the status page says, for each situation a county operator may meet."""

import pytest

from common.protocol.control import AgentState
from common.protocol.events import BusEvent
from monitoring.cards import LessonCard, Overview, RoomCard
from monitoring.collect import Wall
from monitoring.overview import overview
from tests.unit.monitoring.lesson import (
    BELL,
    SESSION,
    agent,
    ended,
    joined,
    left,
    prepared,
    recording,
    report,
    reported,
    started,
    state,
)


def seen(events: list[BusEvent], now: float) -> Overview:
    wall = Wall()
    for event in events:
        wall.apply(event)
    return overview(wall, now)


def room(picture: Overview, site_room: str) -> RoomCard:
    return next(card for card in picture.rooms if card.site_room == site_room)


def lesson(picture: Overview) -> LessonCard:
    [card] = picture.lessons
    return card


def all_in(at: float = BELL - 30) -> list[BusEvent]:
    rooms = ("master", "sanguan", "lihe")
    return [
        *(agent(name, "waiting", at - 10) for name in rooms),
        prepared(),
        *(joined(name, at) for name in rooms),
    ]


@pytest.mark.parametrize(
    ("said", "zh"),
    [
        ("standby", "待机"),
        ("checking", "自检中"),
        ("waiting", "候课"),
        ("reconnecting", "断线重连"),
    ],
)
def test_an_idle_room_says_what_its_agent_says(said: AgentState, zh: str) -> None:
    card = room(seen([agent("sanguan", said)], BELL), "sanguan")
    assert card.word.zh == zh
    assert card.trouble is None


def test_a_room_that_fails_its_check_names_the_device() -> None:
    picture = seen([agent("sanguan", "check_failed", failed="camera")], BELL)
    card = room(picture, "sanguan")
    assert card.word.zh == "自检失败（摄像头）"
    assert card.trouble is not None
    assert card.trouble.severity == "warning"
    assert "摄像头没有画面" in card.trouble.zh


def test_a_failed_check_before_a_lesson_is_critical() -> None:
    events: list[BusEvent] = [
        prepared(),
        agent("sanguan", "check_failed", failed="camera"),
    ]
    trouble = room(seen(events, BELL - 100), "sanguan").trouble
    assert trouble is not None
    assert (trouble.code, trouble.severity) == ("check_failed", "critical")


def test_an_offline_room_without_a_lesson_is_no_trouble() -> None:
    card = room(seen([agent("sanguan", None, online=False)], BELL), "sanguan")
    assert (card.state, card.trouble) == ("offline", None)


def test_an_offline_room_with_a_lesson_is_critical_and_says_since_when() -> None:
    events: list[BusEvent] = [
        prepared(),
        agent("sanguan", None, online=False),
        started(),
    ]
    trouble = room(seen(events, BELL + 130), "sanguan").trouble
    assert trouble is not None
    assert trouble.code == "offline_in_lesson"
    assert "已上课 2 分钟" in trouble.zh
    assert "2 min ago" in trouble.en


def test_a_booked_room_never_heard_of_is_offline_by_its_name() -> None:
    card = room(seen([prepared()], BELL - 60), "lihe")
    assert (card.state, card.name) == ("offline", "蒋集教学点")
    assert card.trouble is not None
    assert "60 秒后上课" in card.trouble.zh or "1 分钟后上课" in card.trouble.zh


def test_rooms_that_joined_wait_for_the_bell_and_then_are_in_the_lesson() -> None:
    before = seen(all_in(), BELL - 5)
    assert {card.state for card in before.rooms} == {"waiting"}
    assert not any(card.trouble for card in before.rooms)
    after = seen([*all_in(), started()], BELL + 5)
    assert {card.state for card in after.rooms} == {"in_lesson"}
    assert after.summary.in_lesson == 3
    assert room(after, "master").role == "master"
    assert lesson(after).rooms_present == 3
    assert lesson(after).missing == []


def test_a_room_that_lost_its_line_is_reconnecting_and_critical() -> None:
    events: list[BusEvent] = [*all_in(), started(), left("lihe", BELL + 100)]
    card = room(seen(events, BELL + 107), "lihe")
    assert card.word.zh == "断线重连"
    assert card.since == BELL + 100
    assert card.trouble is not None
    assert card.trouble.code == "dropped_out"
    assert card.trouble.zh.startswith("7 秒前掉线")


def test_a_room_that_went_by_itself_is_not_called_reconnecting() -> None:
    events: list[BusEvent] = [
        *all_in(),
        started(),
        left("lihe", BELL + 100, reason="left"),
    ]
    card = room(seen(events, BELL + 160), "lihe")
    assert card.state == "waiting"
    assert card.trouble is not None
    assert card.trouble.code == "left_lesson"
    assert card.trouble.zh.startswith("1 分钟前离开了课堂")


def test_a_room_that_came_back_is_well_again() -> None:
    events: list[BusEvent] = [
        *all_in(),
        started(),
        left("lihe", BELL + 100),
        joined("lihe", BELL + 103, participant="par-again"),
        reported("lihe", BELL + 108, participant="par-again"),
    ]
    card = room(seen(events, BELL + 110), "lihe")
    assert (card.state, card.trouble) == ("in_lesson", None)


def test_an_online_room_that_does_not_join_is_named_after_a_minute() -> None:
    events: list[BusEvent] = [
        prepared(),
        agent("lihe", "checking", BELL - 170),
        started(),
    ]
    assert room(seen(events, BELL + 59), "lihe").trouble is None
    trouble = room(seen(events, BELL + 61), "lihe").trouble
    assert trouble is not None
    assert trouble.code == "not_joined"


def test_a_thin_line_says_what_was_given_up_and_why() -> None:
    bad = reported(
        "lihe",
        BELL + 60,
        report(freezes=2, freeze_s=1.0, concealed=48_000),
        loss_ratio=0.08,
        degraded="网络较慢：自己的画面已停 / slow line: own camera paused",
    )
    picture = seen([*all_in(), started(), bad], BELL + 61)
    card = room(picture, "lihe")
    assert card.word.zh == "弱网降级"
    assert card.trouble is not None
    for part in (
        "自己的画面已停",
        "画面卡顿 20%",
        "声音断续 20%",
        "丢包 8.0%",
        "40 ms",
    ):
        assert part in card.trouble.zh
    assert "slow line" not in card.trouble.zh
    assert card.trouble.en.startswith("slow line: own camera paused, picture frozen")
    assert card.quality is not None
    assert card.quality.grade == "poor"


def test_a_connected_room_that_gets_no_media_is_critical() -> None:
    silent = reported("lihe", BELL + 60, report(frames=0, samples=0))
    trouble = room(seen([*all_in(), started(), silent], BELL + 61), "lihe").trouble
    assert trouble is not None
    assert (trouble.code, trouble.severity) == ("no_media", "critical")


def test_a_room_that_stops_reporting_is_a_warning_after_half_a_minute() -> None:
    events: list[BusEvent] = [*all_in(), started(), reported("lihe", BELL + 60)]
    assert room(seen(events, BELL + 89), "lihe").trouble is None
    trouble = room(seen(events, BELL + 95), "lihe").trouble
    assert trouble is not None
    assert trouble.code == "no_report"


def test_a_console_beside_a_room_does_not_stand_for_the_room() -> None:
    console = joined("master", BELL - 20, participant="par-tea", role="assistant")
    events: list[BusEvent] = [prepared(), agent("master", None, online=False), console]
    assert room(seen(events, BELL - 10), "master").state == "offline"


def test_after_the_lesson_rooms_are_on_standby_without_trouble() -> None:
    events: list[BusEvent] = [
        *all_in(),
        started(),
        ended(),
        left("lihe", BELL + 2401, reason="lesson_ended"),
        state("ended", BELL + 2405),
        agent("lihe", "standby", BELL + 2403),
    ]
    picture = seen(events, BELL + 2410)
    card = room(picture, "lihe")
    assert (card.word.zh, card.trouble, card.session) == ("待机", None, None)
    assert lesson(picture).word.zh == "已下课"
    assert picture.summary.lessons_live == 0


def test_a_lesson_that_does_not_start_is_critical_a_minute_after_the_bell() -> None:
    assert lesson(seen(all_in(), BELL + 59)).trouble is None
    trouble = lesson(seen(all_in(), BELL + 61)).trouble
    assert trouble is not None
    assert trouble.code == "not_started"


def test_a_live_lesson_without_its_master_is_critical() -> None:
    events: list[BusEvent] = [*all_in(), started(), left("master", BELL + 100)]
    trouble = lesson(seen(events, BELL + 120)).trouble
    assert trouble is not None
    assert trouble.code == "master_absent"


def test_a_live_lesson_names_the_rooms_that_are_missing() -> None:
    events: list[BusEvent] = [prepared(), joined("master"), joined("lihe"), started()]
    card = lesson(seen(events, BELL + 90))
    assert card.missing == ["三官教学点"]
    assert card.trouble is not None
    assert card.trouble.severity == "warning"
    assert "三官教学点" in card.trouble.zh


def test_recording_trouble_is_said_while_the_lesson_goes_on() -> None:
    events: list[BusEvent] = [
        *all_in(),
        started(),
        recording("trouble", BELL + 9, "no_space"),
    ]
    card = lesson(seen(events, BELL + 10))
    assert card.trouble is not None
    assert card.trouble.code == "recording_trouble"
    assert "no_space" in card.trouble.zh
    assert card.state == "live"
    assert card.recording_word is not None
    assert card.recording_word.zh == "录制异常"


def test_a_failed_session_gives_the_schedulers_reason() -> None:
    events: list[BusEvent] = [prepared(), state("failed", BELL + 600, "主讲教室没有到")]
    trouble = lesson(seen(events, BELL + 601)).trouble
    assert trouble is not None
    assert "主讲教室没有到" in trouble.zh


def test_the_worst_comes_first() -> None:
    events: list[BusEvent] = [
        *all_in(),
        started(),
        reported("sanguan", BELL + 60, degraded="别的教室画面已收起"),
        reported("master", BELL + 60),
        left("lihe", BELL + 60),
        agent("idle-room"),
    ]
    order = [card.site_room for card in seen(events, BELL + 65).rooms]
    assert order == ["lihe", "sanguan", "master", "idle-room"]


def test_an_idle_room_is_called_by_the_name_its_agent_has() -> None:
    named = agent("lihe").model_copy(update={"name": "蒋集教学点"})
    assert room(seen([named], BELL), "lihe").name == "蒋集教学点"
    assert room(seen([agent("lihe")], BELL), "lihe").name == "lihe"


def test_an_empty_wall_is_an_empty_page() -> None:
    picture = seen([], BELL)
    assert (picture.rooms, picture.lessons) == ([], [])
    assert picture.summary.rooms == 0


def test_a_session_whose_facts_were_never_heard_is_not_shown() -> None:
    picture = seen([joined("lihe", BELL)], BELL + 1)
    assert picture.lessons == []
    assert SESSION not in {card.session for card in picture.rooms}
