"""A room that no timetable announced: it opens for a kept token, and not for ever."""

from datetime import UTC, datetime

import pytest

from common.clock import ManualClock
from common.config import SfuSection
from common.identity import LEEWAY_S, JoinGrant
from common.metrics import Registry
from common.protocol.events import Event, LessonFacts
from common.protocol.signalling import Role
from rtc import Forwarder
from sfu.live import Entrance, LiveRoom
from sfu.metrics import SfuMetrics
from sfu.node import VOUCHED_S, Node

BELL = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
LESSON_S = 2400.0
EMPTY_S = 300.0


class House:
    def __init__(self, forwarder: Forwarder) -> None:
        self.clock = ManualClock(BELL)
        self.news: list[Event] = []
        config = SfuSection(empty_room_s=EMPTY_S)
        self.node = Node(
            config, forwarder, self.clock, self.news.append, SfuMetrics(Registry())
        )

    def now(self) -> float:
        return self.clock.wall_us() / 1_000_000

    def join(self, role: Role = "room", token_s: float = LESSON_S + 600) -> LiveRoom:
        """Without media: a console."""
        grant = JoinGrant(room="ses-1", role=role, name=role, site_room=f"site-{role}")
        entrance = Entrance(grant, until=self.now() + token_s)
        return self.node.join(entrance, None)[0]

    def passes(self, seconds: float) -> None:
        self.clock.advance(seconds)
        self.node.tick()

    @property
    def is_open(self) -> bool:
        return "ses-1" in self.node.rooms

    def told(self) -> list[str]:
        return [getattr(event, "type", "") for event in self.news]

    def timetable_speaks(self) -> None:
        facts = LessonFacts(
            lesson="les-1",
            session="ses-1",
            title="三年级音乐",
            kind="delivery",
            stage="小学",
            subject="音乐",
            grade="三年级",
            teacher="王老师",
            district="定远县",
            school="中心学校",
            master_room="site-master",
            site_rooms={"site-master": "主讲", "site-room": "教学点"},
            starts_at=BELL.timestamp(),
            ends_at=BELL.timestamp() + LESSON_S,
        )
        self.node.prepare(facts)


@pytest.fixture
async def house() -> House:
    forwarder = Forwarder(bind="127.0.0.1", port=0, advertise=[], tcp=False)
    return House(forwarder)


async def test_it_opens_at_the_first_valid_join(house: House) -> None:
    assert not house.is_open
    house.join("room")
    house.join("master")
    assert house.is_open
    assert house.told().count("room.opened") == 1


async def test_it_closes_some_minutes_after_the_last_one_left(house: House) -> None:
    room = house.join()
    house.passes(LESSON_S)
    room.leave(next(iter(room.seats)), "left")
    house.passes(EMPTY_S - 1)
    assert house.is_open
    house.passes(2)
    assert not house.is_open


async def test_after_it_closed_empty_who_comes_late_opens_it_again(
    house: House,
) -> None:
    room = house.join()
    room.leave(next(iter(room.seats)), "left")
    house.passes(EMPTY_S + 1)
    house.join()
    assert house.is_open


async def test_who_never_leaves_is_sent_home_when_every_token_has_run_out(
    house: House,
) -> None:
    house.join("room", token_s=100)
    house.join("master", token_s=200)
    house.passes(200)
    assert house.is_open
    house.passes(LEEWAY_S + 1)
    assert not house.is_open
    reasons = [getattr(event, "reason", "") for event in house.news]
    assert reasons.count("lesson_ended") == 2


async def test_an_unseen_guest_does_not_keep_it_open(house: House) -> None:
    house.join("room", token_s=100)
    house.join("recorder", token_s=1e6)
    house.join("observer", token_s=1e6)
    house.passes(100 + LEEWAY_S + 1)
    assert not house.is_open


async def test_a_timetable_that_comes_back_keeps_an_overrunning_lesson(
    house: House,
) -> None:
    house.join("room", token_s=100)
    while house.now() < BELL.timestamp() + LESSON_S + 3600:
        house.timetable_speaks()
        house.passes(10)
        assert house.is_open
    house.passes(VOUCHED_S + LEEWAY_S + 1)
    assert not house.is_open


async def test_a_clock_that_is_set_forward_ends_no_lesson(house: House) -> None:
    house.join("room", token_s=1000)
    house.clock.jump(86_400)
    house.passes(1)
    assert house.is_open
