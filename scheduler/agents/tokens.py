"""Who may enter which lesson as what. Pure: gives grants, signs nothing.

| wanted role | who | sends | control |
|---|---|---|---|
| master | the master room's device; a teacher | camera, board, screen, sound | yes |
| room | a receiving room's device; teacher, assistant | camera, screen, sound | no |
| assistant | teacher (console); assistant | nothing | teacher only |
| observer | observer, librarian, timetabler | nothing, unseen | no |
| operator | operator | nothing | yes |

The operator may take every role; `recorder` is signed by the recorder for itself.
"""

from common.errors import ConflictError, DeniedError
from common.identity import AccessGrant, AccessRole, JoinGrant
from common.ids import SiteRoomId
from common.protocol.events import LessonFacts
from common.protocol.signalling import Role, Source
from scheduler.sessions.lifecycle import OPEN, State

TOKEN_SPARE_S = 600.0
"""A token outlives its lesson by this, for reconnects around the closing bell."""

_PUBLISH: dict[Role, list[Source]] = {
    "master": ["camera", "board", "screen", "microphone"],
    "room": ["camera", "screen", "microphone"],
}
_MAY_TAKE: dict[Role, tuple[AccessRole, ...]] = {
    "master": ("teacher",),
    "room": ("teacher", "assistant"),
    "assistant": ("teacher", "assistant"),
    "observer": ("observer", "librarian", "timetabler"),
    "operator": (),
}


def device_grant(facts: LessonFacts, room: SiteRoomId) -> JoinGrant:
    """For the agent of one room of the lesson. Raises DeniedError(`wrong_room`)."""
    if room not in facts.site_rooms:
        raise DeniedError(
            "wrong_room",
            zh="这间教室不在这节课的名单里",
            en=f"{room} is not a room of this lesson",
        )
    role: Role = "master" if room == facts.master_room else "room"
    return JoinGrant(
        room=facts.session,
        role=role,
        name=facts.site_rooms[room],
        site_room=room,
        publish=_PUBLISH[role],
        control=role == "master",
    )


def person_grant(
    facts: LessonFacts,
    who: AccessGrant,
    role: Role,
    *,
    name: str = "",
    room: SiteRoomId | None = None,
    listen_only: bool = False,
) -> JoinGrant:
    """For a person's browser. `room`: which classroom they sit in, for role `room`.
    `listen_only`: a screen that sends nothing.

    Raises DeniedError: `role_denied`, `wrong_room`.
    """
    if role not in _MAY_TAKE or not who.may(*_MAY_TAKE[role]):
        raise DeniedError(
            "role_denied",
            zh="您的账号不能以这个身份进入课堂",
            en=f"your account may not enter a lesson as {role}",
        )
    if role == "master":
        room = SiteRoomId(facts.master_room)
    elif role != "room":
        room = None
    elif room is None or room == facts.master_room or room not in facts.site_rooms:
        raise DeniedError(
            "wrong_room",
            zh="请选择这节课名单中的一间接收教室",
            en="name one of the receiving rooms of this lesson",
        )
    return JoinGrant(
        room=facts.session,
        role=role,
        name=name or who.name,
        site_room=room,
        publish=[] if listen_only else _PUBLISH.get(role, []),
        control=role != "room" and role != "observer" and who.may("teacher"),
    )


def refuse_unless_open(state: State, opens_at: str) -> None:
    """Raises ConflictError: `not_open_yet`, `lesson_over`. `opens_at`: local time."""
    if state is State.PLANNED:
        raise ConflictError(
            "not_open_yet",
            zh=f"课堂还没有开放，请在 {opens_at} 之后进入",
            en=f"the lesson is not open yet, come after {opens_at}",
        )
    if state not in OPEN:
        raise ConflictError(
            "lesson_over",
            zh="这节课已经结束，可以到资源库观看录像",
            en="this lesson is over; its recording is in the library",
        )
