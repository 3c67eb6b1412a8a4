"""The status page's JSON, from the wall and the time: pure.

Rooms and lessons in trouble come first, then those in a lesson, then by name.
"""

from typing import Literal

from monitoring import quality
from monitoring.cards import (
    DEVICES_ZH,
    LESSON_WORDS,
    RECORDING_WORDS,
    ROOM_WORDS,
    LessonCard,
    Overview,
    QualityCard,
    RoomCard,
    RoomWord,
    Summary,
)
from monitoring.collect import FINAL, RUNNING, Agent, Seat, Wall, Watched
from monitoring.quality import Words
from monitoring.troubles import (
    REPORT_SILENT_S,
    Trouble,
    lesson_trouble,
    room_trouble,
)

ROOM_ROLES = ("master", "room")


def overview(wall: Wall, now: float) -> Overview:
    due = {room: _due(wall, room) for room in _rooms(wall)}
    rooms = [_room_card(wall, room, lesson, now) for room, lesson in due.items()]
    lessons = [_lesson_card(watched, now) for watched in wall.sessions.values()]
    known = [card for card in lessons if card is not None]
    rooms.sort(key=_room_order)
    known.sort(key=_lesson_order)
    return Overview(
        at=now,
        summary=Summary(
            rooms=len(rooms),
            online=sum(card.state != "offline" for card in rooms),
            in_lesson=sum(card.state in ("in_lesson", "degraded") for card in rooms),
            rooms_in_trouble=sum(card.trouble is not None for card in rooms),
            lessons_live=sum(card.state == "live" for card in known),
            lessons_in_trouble=sum(card.trouble is not None for card in known),
        ),
        rooms=rooms,
        lessons=known,
    )


def _rooms(wall: Wall) -> list[str]:
    booked = {
        room
        for watched in wall.sessions.values()
        if watched.facts is not None
        for room in watched.facts.site_rooms
    }
    return sorted(booked | set(wall.agents))


def _due(wall: Wall, site_room: str) -> Watched | None:
    """The running session this classroom is booked in; the latest if two overlap."""
    booked = [
        (watched.facts.starts_at, watched.session, watched)
        for watched in wall.sessions.values()
        if watched.state in RUNNING
        and watched.facts is not None
        and site_room in watched.facts.site_rooms
    ]
    return max(booked)[2] if booked else None


def seat_of(lesson: Watched | None, site_room: str) -> Seat | None:
    """The classroom's own seat (not a console beside it); a present one first."""
    seats = [
        seat
        for seat in (lesson.seats.values() if lesson else ())
        if seat.site_room == site_room and seat.role in ROOM_ROLES
    ]
    return max(seats, key=lambda seat: (seat.present, seat.at), default=None)


def _room_card(
    wall: Wall, site_room: str, lesson: Watched | None, now: float
) -> RoomCard:
    agent = wall.agents.get(site_room)
    seat = seat_of(lesson, site_room)
    state = _room_state(agent, seat, lesson, now)
    facts = lesson.facts if lesson else None
    present = seat is not None and seat.present
    role: Literal["master", "room"] = "room"
    if facts is not None and facts.master_room == site_room:
        role = "master"
    return RoomCard(
        site_room=site_room,
        name=wall.names.get(site_room, site_room),
        state=state,
        word=_room_word(state, agent),
        since=_since(agent, seat, state),
        role=role if facts is not None else None,
        session=lesson.session if lesson else None,
        title=facts.title if facts else None,
        on_stage=seat.on_stage if seat else False,
        hand_raised=seat.hand_raised if seat else False,
        checks=agent.checks if agent else [],
        quality=quality_card(seat) if seat and present else None,
        trouble=room_trouble(agent, seat, lesson, now),
    )


def _room_state(
    agent: Agent | None, seat: Seat | None, lesson: Watched | None, now: float
) -> RoomWord:
    """What the SFU sees of the room outranks what its agent last said."""
    online = agent is not None and agent.online
    if seat is not None and seat.present:
        if lesson is None or lesson.state != "live":
            return "waiting"
        return "degraded" if _degraded(seat, now) else "in_lesson"
    if agent is None or not online:
        return "offline"
    dropped = seat is not None and not seat.left_by_will
    if dropped and lesson is not None and lesson.state == "live":
        return "reconnecting"
    return _spoken(agent, lesson)


def _spoken(agent: Agent, lesson: Watched | None) -> RoomWord:
    """An agent that says `in_lesson` after the lesson is over is on standby."""
    if agent.state is None or (agent.state == "in_lesson" and lesson is None):
        return "standby"
    return agent.state


def _degraded(seat: Seat, now: float) -> bool:
    heard = seat.quality
    return bool(heard and heard.degraded and now - heard.at <= REPORT_SILENT_S)


def _room_word(state: RoomWord, agent: Agent | None) -> Words:
    failed = [c.name for c in agent.checks if not c.ok] if agent else []
    if state != "check_failed" or not failed:
        return ROOM_WORDS[state]
    names = "、".join(DEVICES_ZH[name] for name in failed)
    return Words(
        zh=f"自检失败（{names}）", en=f"self-check failed ({', '.join(failed)})"
    )


def _since(agent: Agent | None, seat: Seat | None, state: RoomWord) -> float | None:
    if seat is not None and (seat.present or state == "reconnecting"):
        return seat.at
    return agent.since if agent else None


def quality_card(seat: Seat) -> QualityCard | None:
    heard = seat.quality
    if heard is None or seat.shown_score is None:
        return None
    grade = quality.grade(seat.shown_score)
    return QualityCard(
        at=heard.at,
        score=round(seat.shown_score, 1),
        grade=grade,
        word=quality.GRADE_WORDS[grade],
        fps=heard.report.video_fps,
        freeze_ratio=quality.freeze_ratio(heard.report),
        concealed_ratio=quality.concealed_ratio(heard.report),
        rtt_ms=heard.rtt_ms,
        loss_ratio=heard.loss_ratio,
        estimate_bps=heard.estimate_bps,
        glass_to_glass_ms=heard.report.glass_to_glass_ms,
        join_ms=heard.report.join_ms,
        degraded=heard.degraded,
    )


def _lesson_card(watched: Watched, now: float) -> LessonCard | None:
    """None for a session whose facts were never heard."""
    facts = watched.facts
    if facts is None:
        return None
    present = {
        room
        for room in facts.site_rooms
        if (seat := seat_of(watched, room)) is not None and seat.present
    }
    missing = [name for room, name in facts.site_rooms.items() if room not in present]
    recording = watched.recording
    return LessonCard(
        session=watched.session,
        lesson=facts.lesson,
        title=facts.title,
        subject=facts.subject,
        grade=facts.grade,
        teacher=facts.teacher,
        school=facts.school,
        state=watched.state,
        word=LESSON_WORDS[watched.state],
        starts_at=facts.starts_at,
        ends_at=facts.ends_at,
        master_room=facts.master_room,
        rooms_expected=len(facts.site_rooms),
        rooms_present=len(present),
        missing=[] if watched.state in FINAL else missing,
        recording=recording.state if recording else None,
        recording_word=RECORDING_WORDS[recording.state] if recording else None,
        resource=recording.resource if recording else None,
        trouble=lesson_trouble(watched, missing, facts.master_room in present, now),
    )


def _severity(trouble: Trouble | None) -> int:
    return {"critical": 0, "warning": 1}[trouble.severity] if trouble else 2


def _room_order(card: RoomCard) -> tuple[int, bool, str, str]:
    return _severity(card.trouble), card.session is None, card.name, card.site_room


def _lesson_order(card: LessonCard) -> tuple[int, bool, float, str]:
    over = card.state in FINAL
    return _severity(card.trouble), over, card.starts_at, card.session
