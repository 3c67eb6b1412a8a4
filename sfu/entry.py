"""Who comes in, and with what: a token and an offer become a participant. Pure."""

from collections.abc import Sequence
from typing import Literal, Protocol

from common.errors import DeniedError, ParseError
from common.identity import JoinGrant
from common.ids import ParticipantId, PublicationId, SiteRoomId, new_id
from common.protocol.signalling import (
    Kind,
    LayerName,
    LayerOffer,
    PublicationOffer,
    Source,
)
from sfu import policy
from sfu.model import Participant, Publication, PublishedLayer, Slot

_LAYER_RANK: dict[LayerName, int] = {"low": 0, "mid": 1, "high": 2}


class Section(Protocol):
    """One m-section as the engine's answer describes it."""

    @property
    def mid(self) -> str: ...
    @property
    def kind(self) -> Kind: ...
    @property
    def direction(self) -> Literal["publish", "receive", "both", "inactive"]: ...
    @property
    def codec(self) -> str | None: ...
    @property
    def rids(self) -> list[str]: ...


def newcomer(grant: JoinGrant, name: str) -> Participant:
    """The token's name is the real one; `name` serves a token that has none."""
    return Participant(
        id=ParticipantId(new_id("par")),
        name=grant.name or name,
        role=grant.role,
        site_room=SiteRoomId(grant.site_room) if grant.site_room else None,
        control=grant.control,
        identity=_identity(grant),
    )


def _identity(grant: JoinGrant) -> str | None:
    """Whoever comes with the same one takes the old one's place.

    Only what the token says counts. A classroom's own screen page does not push out
    the classroom's agent; people who only look on may come as often as they like.
    """
    if grant.role in ("observer", "operator"):
        return None
    if grant.site_room is None:
        return f"{grant.role}/name/{grant.name}" if grant.name else None
    part = "publishes" if grant.publish or grant.role == "master" else "looks"
    return f"{grant.role}/site/{grant.site_room}/{part}"


def require_codec(sections: Sequence[Section]) -> None:
    """Raises ParseError `no_codec` when nothing of an offer can be forwarded."""
    if all(section.codec is None for section in sections):
        raise ParseError(
            "no_codec",
            zh="没有可用的编码：需要 H.264 或 VP8 视频和 Opus 声音",
            en="no usable codec: H.264 or VP8 video and Opus sound are needed",
        )


def slots(sections: Sequence[Section]) -> list[Slot]:
    """Receive sections, in the order offered."""
    return [
        Slot(section.mid, section.kind)
        for section in sections
        if section.direction in ("receive", "both")
    ]


def publications(
    offers: Sequence[PublicationOffer],
    sections: Sequence[Section],
    grant: JoinGrant,
    owner: ParticipantId,
) -> list[Publication]:
    """Checks what a participant says it publishes against its own SDP and token.

    Raises DeniedError `publish_not_allowed`, ParseError `bad_publication`.
    """
    by_mid = {s.mid: s for s in sections if s.direction in ("publish", "both")}
    taken: set[tuple[str, str | None]] = set()
    result = []
    for offer in offers:
        if offer.source not in grant.publish or not policy.may_publish(grant.role):
            raise DeniedError(
                "publish_not_allowed",
                zh=f"当前身份不能发布 {offer.source}",
                en=f"this token does not allow publishing {offer.source}",
            )
        result.append(_publication(offer, by_mid, owner, taken))
    return result


def paused(
    offers: Sequence[PublicationOffer], made: Sequence[Publication]
) -> set[PublicationId]:
    """Those that carry nothing yet. `made` of `offers`, in the same order."""
    pairs = zip(offers, made, strict=True)
    return {publication.id for offer, publication in pairs if offer.paused}


def _publication(
    offer: PublicationOffer,
    by_mid: dict[str, Section],
    owner: ParticipantId,
    taken: set[tuple[str, str | None]],
) -> Publication:
    names = [layer.name for layer in offer.layers]
    if sorted(set(names), key=_LAYER_RANK.__getitem__) != names:
        raise _bad(f"{offer.source}: layers must be lowest first, each once")
    if offer.kind == "audio" and len(names) != 1:
        raise _bad(f"{offer.source}: sound has exactly one layer")
    for layer in offer.layers:
        _check_layer(offer, layer, by_mid.get(layer.mid))
        if (layer.mid, layer.rid) in taken:
            raise _bad(f"section {layer.mid} is used twice")
        taken.add((layer.mid, layer.rid))
    return Publication(
        id=PublicationId(new_id("pub")),
        owner=owner,
        source=offer.source,
        kind=offer.kind,
        layers=tuple(
            PublishedLayer(layer.name, layer.mid, layer.rid, layer.max_bps)
            for layer in offer.layers
        ),
    )


def _check_layer(
    offer: PublicationOffer, layer: LayerOffer, section: Section | None
) -> None:
    if section is None or section.kind != offer.kind:
        raise _bad(f"{offer.source}: the offer sends no {offer.kind} in {layer.mid!r}")
    if layer.rid is not None and layer.rid not in section.rids:
        raise _bad(f"{offer.source}: no rid {layer.rid!r} in section {layer.mid!r}")
    if layer.max_bps is not None and layer.max_bps <= 0:
        raise _bad(f"{offer.source}: max_bps must be positive")


def _bad(en: str) -> ParseError:
    return ParseError("bad_publication", zh="发布的音视频与 SDP 不符", en=en)


def from_sdp(
    sections: Sequence[Section], allowed: Sequence[Source]
) -> list[PublicationOffer]:
    """What a WHIP client publishes, from the kinds alone: the first picture is the
    camera, the second the screen, the first sound the microphone.

    Raises DeniedError `publish_not_allowed` when nothing of it may be published.
    """
    free: dict[Kind, list[Source]] = {
        "video": [s for s in ("camera", "screen", "board") if s in allowed],
        "audio": [s for s in ("microphone",) if s in allowed],
    }
    offers = []
    for section in sections:
        if section.direction not in ("publish", "both") or not free[section.kind]:
            continue
        source = free[section.kind].pop(0)
        layers = _simulcast(section) or [LayerOffer(name="high", mid=section.mid)]
        offers.append(PublicationOffer(source=source, kind=section.kind, layers=layers))
    if not offers:
        raise DeniedError(
            "publish_not_allowed",
            zh="令牌不允许发布这些音视频",
            en="this token allows none of what the offer publishes",
        )
    return offers


def _simulcast(section: Section) -> list[LayerOffer]:
    """Named rids by their names, others in the order offered, lowest first."""
    rids = section.rids[:3]
    names: list[LayerName] = ["low", "mid", "high"]
    if len(rids) == 2:
        names = ["low", "high"]
    if all(rid in _LAYER_RANK for rid in rids):
        known: list[LayerName] = [name for name in names if name in rids]
        return [LayerOffer(name=n, mid=section.mid, rid=n) for n in known]
    return [
        LayerOffer(name=name, mid=section.mid, rid=rid)
        for name, rid in zip(names, rids, strict=False)
    ]
