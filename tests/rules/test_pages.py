"""What the status page reads is what monitoring says."""

import re

from pydantic import BaseModel

from monitoring.cards import LessonCard, Overview, QualityCard, RoomCard, Summary
from monitoring.troubles import Trouble
from tests.rules.house import ROOT

_INTERFACE = re.compile(r"^export interface (\w+)[^{]*\{(.*?)^\}", re.M | re.S)
_FIELD = re.compile(r"^\s*(\w+)(\?)?:\s*(.+?);?$", re.M)
MODELS: tuple[type[BaseModel], ...] = (Overview, RoomCard, LessonCard, QualityCard)


def misread(page: str, model: type[BaseModel]) -> list[str]:
    """Fields of the interface that the model lacks, or may leave out unsaid."""
    interfaces = dict(_INTERFACE.findall(page))
    fields = model.model_fields
    found = []
    for field, optional, kind in _FIELD.findall(_flat(interfaces[model.__name__])):
        if field not in fields:
            found.append(f"{model.__name__}.{field} is never sent")
            continue
        absent = type(None) in getattr(fields[field].annotation, "__args__", ())
        if absent and not optional and "null" not in kind:
            found.append(f"{model.__name__}.{field} may be absent")
    return found


def _flat(body: str) -> str:
    """Without nested braces, whose fields belong to other models."""
    return re.sub(r"\{[^{}]*\}", "object", body)


def test_the_status_page_reads_what_is_sent() -> None:
    page = (ROOT / "web/src/client/overview.ts").read_text(encoding="utf-8")
    assert [fault for model in MODELS for fault in misread(page, model)] == []
    sums = re.search(r"summary: \{(.*?)\};", page, re.S)
    assert sums
    assert {f for f, *_ in _FIELD.findall(sums[1])} <= set(Summary.model_fields)
    assert {"severity", "code"} <= set(Trouble.model_fields)


def test_a_field_that_is_never_sent_is_found() -> None:
    page = "export interface RoomCard {\n  ghost: string;\n  title: string;\n}\n"
    assert misread(page, RoomCard) == [
        "RoomCard.ghost is never sent",
        "RoomCard.title may be absent",
    ]
