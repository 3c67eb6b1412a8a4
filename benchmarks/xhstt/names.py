"""What the ids of one instance stand for while its file is read."""

from dataclasses import dataclass, field
from typing import TypeVar
from xml.etree.ElementTree import Element

from benchmarks.xhstt import xml
from benchmarks.xhstt.instance import Event

T = TypeVar("T")


@dataclass(slots=True)
class Names:
    """`times`: id -> position. `resources`: id -> type. Groups: id -> members."""

    times: dict[str, int] = field(default_factory=dict)
    time_groups: dict[str, list[int]] = field(default_factory=dict)
    resources: dict[str, str] = field(default_factory=dict)
    resource_groups: dict[str, list[str]] = field(default_factory=dict)
    events: dict[str, Event] = field(default_factory=dict)
    event_groups: dict[str, list[str]] = field(default_factory=dict)

    def declare(self, known: dict[str, T], element: Element, value: T) -> None:
        """Raises ParseError: an id given twice."""
        name = xml.attribute(element, "Id")
        if name in known:
            raise xml.wrong(
                f"{xml.at(element)} is there twice", f"{xml.at(element)} 重复"
            )
        known[name] = value
