from dataclasses import dataclass, field
from typing import Literal

import pytest

from common.errors import DeniedError, ParseError
from common.identity import JoinGrant
from common.ids import ParticipantId
from common.protocol.signalling import (
    Kind,
    LayerOffer,
    PublicationOffer,
    Role,
    Source,
)
from sfu import entry
from sfu.model import Slot


@dataclass
class Section:
    mid: str
    kind: Kind = "video"
    direction: Literal["publish", "receive", "both", "inactive"] = "publish"
    codec: str | None = "H264"
    rids: list[str] = field(default_factory=list)


def grant(
    role: Role = "room",
    *publish: Source,
    name: str = "",
    site_room: str | None = None,
) -> JoinGrant:
    return JoinGrant(
        room="ses-1", role=role, name=name, site_room=site_room, publish=list(publish)
    )


def identity(*facts: Role, **more: str) -> str | None:
    return entry.newcomer(grant(*facts, **more), "said").identity  # type: ignore[arg-type]


def test_the_tokens_name_is_the_real_one() -> None:
    assert entry.newcomer(grant(name="王老师"), "somebody").name == "王老师"
    assert entry.newcomer(grant(), "somebody").name == "somebody"


def test_a_name_that_only_the_client_says_replaces_nobody() -> None:
    assert identity("assistant") is None
    assert identity("assistant", name="王老师") is not None


def test_people_who_only_look_on_may_come_twice() -> None:
    assert identity("observer", name="巡课") is None


def test_a_classrooms_screen_page_does_not_push_out_its_agent() -> None:
    agent = entry.newcomer(grant("room", "camera", site_room="north"), "")
    page = entry.newcomer(grant("room", site_room="north"), "")
    assert agent.identity != page.identity


def test_a_master_classroom_is_one_with_or_without_a_camera() -> None:
    with_camera = entry.newcomer(grant("master", "camera", site_room="centre"), "")
    without = entry.newcomer(grant("master", site_room="centre"), "")
    assert with_camera.identity == without.identity


def test_receive_sections_become_slots_in_the_order_offered() -> None:
    sections = [
        Section("0"),
        Section("1", "audio", "receive"),
        Section("2", "video", "both"),
        Section("3", "video", "inactive"),
    ]
    assert entry.slots(sections) == [Slot("1", "audio"), Slot("2", "video")]


def camera(*layers: LayerOffer) -> PublicationOffer:
    return PublicationOffer(source="camera", kind="video", layers=list(layers))


def test_two_tracks_become_the_layers_of_one_publication() -> None:
    offer = camera(
        LayerOffer(name="low", mid="0", max_bps=300_000),
        LayerOffer(name="high", mid="1"),
    )
    (made,) = entry.publications(
        [offer],
        [Section("0"), Section("1")],
        grant("room", "camera"),
        ParticipantId("north"),
    )
    assert made.owner == "north"
    assert [(x.name, x.mid, x.max_bps) for x in made.layers] == [
        ("low", "0", 300_000),
        ("high", "1", None),
    ]


@pytest.mark.parametrize(
    "offers",
    [
        [camera(LayerOffer(name="low", mid="9"))],
        [camera(LayerOffer(name="low", mid="2"))],
        [camera(LayerOffer(name="low", mid="0", rid="q"))],
        [camera(LayerOffer(name="low", mid="0", max_bps=0))],
        [camera(LayerOffer(name="high", mid="0"), LayerOffer(name="low", mid="1"))],
        [camera(LayerOffer(name="low", mid="0"), LayerOffer(name="low", mid="1"))],
        [
            camera(LayerOffer(name="low", mid="0")),
            camera(LayerOffer(name="low", mid="0")),
        ],
    ],
)
def test_what_the_sdp_does_not_hold_cannot_be_published(
    offers: list[PublicationOffer],
) -> None:
    sections = [Section("0"), Section("1"), Section("2", direction="receive")]
    with pytest.raises(ParseError, match="bad_publication"):
        entry.publications(
            offers, sections, grant("room", "camera"), ParticipantId("north")
        )


@pytest.mark.parametrize("who", [grant("room"), grant("observer", "camera")])
def test_what_the_token_does_not_allow_cannot_be_published(who: JoinGrant) -> None:
    offer = camera(LayerOffer(name="low", mid="0"))
    with pytest.raises(DeniedError, match="publish_not_allowed"):
        entry.publications([offer], [Section("0")], who, ParticipantId("north"))


def test_an_offer_without_any_usable_codec_is_refused() -> None:
    entry.require_codec([Section("0", codec=None), Section("1", "audio", codec="opus")])
    with pytest.raises(ParseError, match="no_codec"):
        entry.require_codec([Section("0", codec=None)])


def test_whip_sources_follow_from_the_kinds() -> None:
    sections = [Section("0", "audio"), Section("1"), Section("2"), Section("3")]
    offers = entry.from_sdp(sections, ["camera", "screen", "microphone"])
    assert [(o.source, o.layers[0].mid) for o in offers] == [
        ("microphone", "0"),
        ("camera", "1"),
        ("screen", "2"),
    ]


@pytest.mark.parametrize(
    ("rids", "layers"),
    [
        (["high", "low"], ["low", "high"]),
        (["q", "h", "f"], ["low", "mid", "high"]),
        (["a", "b"], ["low", "high"]),
    ],
)
def test_whip_simulcast_becomes_layers(rids: list[str], layers: list[str]) -> None:
    (offer,) = entry.from_sdp([Section("0", rids=rids)], ["camera"])
    assert [layer.name for layer in offer.layers] == layers


def test_a_whip_token_that_allows_nothing_is_refused() -> None:
    with pytest.raises(DeniedError, match="publish_not_allowed"):
        entry.from_sdp([Section("0")], ["microphone"])
