"""Participants and publications for the tests of the SFU's pure files."""

from common.ids import ParticipantId, PublicationId, SiteRoomId
from common.protocol.signalling import Kind, Role, Source
from sfu.model import Participant, Publication, PublishedLayer, Slot


def publication(
    owner: str, source: Source, *, layers: tuple[str, ...] = ("low", "high")
) -> Publication:
    kind: Kind = "audio" if source == "microphone" else "video"
    names = ("high",) if kind == "audio" else layers
    return Publication(
        id=PublicationId(f"{owner}/{source}"),
        owner=ParticipantId(owner),
        source=source,
        kind=kind,
        layers=tuple(
            PublishedLayer(name, f"{owner}-{source}-{name}")  # type: ignore[arg-type]
            for name in names
        ),
    )


def person(
    name: str,
    role: Role,
    *sources: Source,
    site_room: str | None = None,
    control: bool | None = None,
    audio_slots: int = 3,
    video_slots: int = 3,
) -> Participant:
    slots = [Slot(f"a{n}", "audio") for n in range(audio_slots)]
    slots += [Slot(f"v{n}", "video") for n in range(video_slots)]
    return Participant(
        id=ParticipantId(name),
        name=name,
        role=role,
        site_room=SiteRoomId(site_room) if site_room else None,
        control=role == "master" if control is None else control,
        identity=f"{role}:{site_room or name}",
        closed=role == "room",
        publications=[publication(name, source) for source in sources],
        slots=slots,
    )


def master(name: str = "master") -> Participant:
    return person(
        name, "master", "camera", "screen", "microphone", site_room="centre-101"
    )


def room(name: str) -> Participant:
    return person(name, "room", "camera", "microphone", site_room=f"site-{name}")
