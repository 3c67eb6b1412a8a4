"""All contradictions of a world, in order of the kinds."""

from collections.abc import Iterator

from scheduler.catalogue.bell_book import BellBook
from scheduler.catalogue.kinds import BY_VALUE
from scheduler.catalogue.world import Contradiction, World
from scheduler.contradictions import courses, days, places, twice


def contradictions(world: World) -> list[Contradiction]:
    """A row that refers to nothing is only said to do so: what follows from it would
    be noise."""
    lost = list(_lost_references(world))
    if lost:
        return lost
    book = BellBook(world)
    return [
        *places.contradictions(world),
        *days.contradictions(world),
        *courses.contradictions(world, book),
        *twice.contradictions(world, book),
    ]


def _lost_references(world: World) -> Iterator[Contradiction]:
    for kind in BY_VALUE.values():
        refers = (kind.refers or {}).items()
        for value in world.all(kind.value):
            for name, target in refers:
                id = getattr(value, name)
                if id is None or world.get(target, id) is not None:
                    continue
                wanted = BY_VALUE[target]
                yield Contradiction(
                    (value,),
                    name,
                    f"没有编号为“{id}”的{wanted.zh}，请先添加它或改正编号",
                    f"there is no {wanted.name} {id!r}; add it or correct the id",
                )
