"""The browser's copy of the signalling messages says the same as ours."""

import re
from pathlib import Path
from typing import get_args

import pytest

from common.protocol import signalling
from common.protocol.base import Message

WIRE = Path(__file__).parents[3] / "web" / "src" / "client" / "wire.ts"
TEXT = WIRE.read_text(encoding="utf-8")
_FIELD = re.compile(r"(\w+)\??:")


def interface_fields(name: str) -> set[str]:
    body = re.search(rf"interface {name} \{{(.*?)\n\}}", TEXT, re.DOTALL)
    assert body is not None, f"no interface {name} in wire.ts"
    return set(_FIELD.findall(re.sub(r"/\*\*.*?\*/", "", body[1], flags=re.DOTALL)))


def variant_fields(kind: str) -> set[str]:
    """Fields of a message that wire.ts writes inside a union."""
    found = re.search(rf'\{{\s*type: "{kind}";?([^{{}}]*)\}}', TEXT)
    assert found is not None, f"no message {kind} in wire.ts"
    return {"type", *_FIELD.findall(found[1])}


INTERFACES: dict[str, type[Message]] = {
    "LayerOffer": signalling.LayerOffer,
    "PublicationOffer": signalling.PublicationOffer,
    "PublicationState": signalling.PublicationState,
    "ParticipantState": signalling.ParticipantState,
    "RoomState": signalling.RoomState,
    "SlotState": signalling.SlotState,
    "Joined": signalling.Joined,
    "Bye": signalling.Bye,
    "WireError": signalling.ErrorMessage,
}


@pytest.mark.parametrize("name", INTERFACES)
def test_an_interface_has_the_fields_of_its_model(name: str) -> None:
    assert interface_fields(name) == set(INTERFACES[name].model_fields)


UNIONS: list[type[Message]] = [
    signalling.Join,
    signalling.Leave,
    signalling.RaiseHand,
    signalling.SetStage,
    signalling.SetMuted,
    signalling.SetPaused,
    signalling.LowerHand,
    signalling.Ping,
    signalling.Pong,
    signalling.Slots,
    signalling.Demand,
]


@pytest.mark.parametrize("model", UNIONS)
def test_a_message_has_the_fields_of_its_model(model: type[Message]) -> None:
    kind = model.model_fields["type"].default
    assert variant_fields(kind) == set(model.model_fields)


def test_a_browser_reports_what_it_can_measure() -> None:
    only_agents = {"glass_to_glass_ms"}
    fields = set(signalling.Report.model_fields)
    assert interface_fields("Report") == fields - only_agents


@pytest.mark.parametrize("name", ["Role", "Source", "Kind", "LayerName"])
def test_a_list_of_words_is_the_same(name: str) -> None:
    line = re.search(rf"export type {name} =([^;]*);", TEXT)
    assert line is not None
    assert re.findall(r'"(\w+)"', line[1]) == list(get_args(getattr(signalling, name)))


def test_the_wire_version_is_the_same() -> None:
    assert f"WIRE_VERSION = {signalling.WIRE_VERSION};" in TEXT
