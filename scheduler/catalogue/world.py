"""Everything people entered, in memory. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar, cast

from common.ids import DistrictId
from scheduler.catalogue.kinds import BY_VALUE
from scheduler.catalogue.organisation import District
from scheduler.catalogue.value import Value

V = TypeVar("V", bound=Value)
Rows = dict[tuple[object, ...], Value]


@dataclass
class World:
    """Rows by kind and key. Putting a row with a known key replaces it."""

    _rows: dict[type[Value], Rows] = field(default_factory=lambda: defaultdict(dict))

    def put(self, values: Iterable[Value]) -> None:
        for value in values:
            kind = BY_VALUE[type(value)]
            self._rows[type(value)][kind.key_of(value)] = value

    def plus(self, values: Iterable[Value]) -> "World":
        """Another world with these rows; this one stays as it is."""
        made = World()
        made._rows.update({kind: dict(rows) for kind, rows in self._rows.items()})
        made.put(values)
        return made

    def all(self, kind: type[V]) -> list[V]:
        return cast(list[V], list(self._rows[kind].values()))

    def get(self, kind: type[V], *key: object) -> V | None:
        # In quotes: a million calls would each make the type anew.
        return cast("V | None", self._rows[kind].get(key))


@dataclass(frozen=True)
class Contradiction:
    """`values`: the rows that do not fit together, the one to change first."""

    values: tuple[Value, ...]
    field: str
    zh: str
    en: str


@dataclass(frozen=True)
class Caution:
    """What a person should know although nothing is refused. `values`: the rows
    concerned, the one to look at first."""

    values: tuple[Value, ...]
    zh: str
    en: str


def upwards(world: World, district: DistrictId) -> Iterator[District]:
    """A district, the one it belongs to, and so on."""
    seen: set[DistrictId] = set()
    here = world.get(District, district)
    while here is not None and here.id not in seen:
        seen.add(here.id)
        yield here
        here = world.get(District, here.parent) if here.parent else None
