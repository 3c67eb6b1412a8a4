"""Finding rows that meet, without comparing all with all. Pure."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import TypeVar

Row = TypeVar("Row")
Reach = TypeVar("Reach", int, date)


def first_clashes(
    rows: Iterable[Row],
    reach: Callable[[Row], tuple[Reach, Reach]],
    clash: Callable[[Row, Row], bool],
) -> Iterator[tuple[Row, Row]]:
    """Each row that clashes with an earlier one, with the first such: (earlier, row).

    `reach`: first and last point of a row, both included; rows whose reaches do not
    meet are never compared. A row that clashes is not held against later ones, so
    that ten thousand equal rows are ten thousand answers and not fifty million."""
    active: list[Row] = []
    for row in sorted(rows, key=lambda one: reach(one)[0]):
        start = reach(row)[0]
        active = [one for one in active if reach(one)[1] >= start]
        found = next((one for one in active if clash(one, row)), None)
        if found is None:
            active.append(row)
        else:
            yield found, row
