"""XHSTT instances read, our judge held against published costs, and solved.

The instances are other people's files and are not in this repository; give a folder
or files. `measure` is what other benchmarks call.
"""

import os
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.xhstt.instance import Archive, Cost, Instance
from benchmarks.xhstt.judge import judge
from benchmarks.xhstt.published import BEST, PUBLISHED, STORED, Best, licence
from benchmarks.xhstt.reader import read
from benchmarks.xhstt.search import solve
from benchmarks.xhstt.solver import Found
from benchmarks.xhstt.variables import TooLargeError
from benchmarks.xhstt.writer import write
from common.errors import ParseError

WHERE = (
    "XHSTT instances are not part of this repository. Get them from "
    "utwente.nl/en/eemcs/dmmp/hstt (every instance with its solutions), or under an "
    "MIT licence SpainSchool.xml from github.com/dispyfree/xhstt (data/) and "
    "AustraliaBGHS98.xml from github.com/mauricioroge/STP (branch parser-testing, "
    "ParserPy/)."
)
JUDGED_ONLY = "judged only"


@dataclass(frozen=True, slots=True)
class Agreement:
    """Published costs our judge gives exactly, of how many; the others by name."""

    exact: int
    published: int
    different: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Measured:
    """`ours` None: `note` says why. `stored`: cost of each solution in the file.
    `cpu_s`: what the machine really gave us of `seconds`, all threads."""

    file: str
    licence: str
    instance: str
    events: int
    several_classes: int
    agreement: Agreement
    stored: tuple[tuple[str, Cost], ...]
    ours: Cost | None
    first_s: float | None
    seconds: float
    cpu_s: float
    proven: bool
    best: Best | None
    note: str = ""


def measure(
    folder: Path, seconds: float, out: Path | None = None
) -> Iterator[Measured | ParseError]:
    """Every instance below `folder` (or the one file), by name; a file that is not
    XHSTT is its error. `seconds` 0: judged only. `out`: folder our solutions are
    written to, as XHSTT."""
    files = sorted(folder.rglob("*.xml")) if folder.is_dir() else [folder]
    for path in files:
        try:
            data = path.read_bytes()
            archive = read(data)
        except ParseError as error:
            yield error
            continue
        for instance in archive.instances:
            measured, found = _measure(
                path.name, licence(data), archive, instance, seconds
            )
            if out is not None and found is not None:
                out.mkdir(parents=True, exist_ok=True)
                text = write(data, instance, found.solution, found.cost)
                (out / f"{instance.id}.xml").write_bytes(text)
            yield measured


def _measure(
    file: str, terms: str, archive: Archive, instance: Instance, seconds: float
) -> tuple[Measured, Found | None]:
    stored = tuple(
        (s.group, judge(instance, s))
        for s in archive.solutions
        if s.instance == instance.id
    )
    began, used = time.monotonic(), _worked()
    found, note = _solved(instance, seconds) if seconds > 0 else (None, JUDGED_ONLY)
    measured = Measured(
        file=file,
        licence=terms,
        instance=instance.id,
        events=len(instance.events),
        several_classes=_several_classes(instance),
        agreement=agreement(archive, instance),
        stored=stored,
        ours=found.cost if found else None,
        first_s=round(found.first_s, 2) if found else None,
        seconds=round(time.monotonic() - began, 1),
        cpu_s=round(_worked() - used, 1),
        proven=found is not None and found.proven,
        best=_best(instance, (cost for _, cost in stored)),
        note=note,
    )
    return measured, found


def _worked() -> float:
    """CPU seconds of this process and of those it has ended."""
    return sum(os.times()[:4])


def _solved(instance: Instance, seconds: float) -> tuple[Found | None, str]:
    try:
        found = solve(instance, seconds)
    except TooLargeError as error:
        return None, f"not solved: {error}"
    return found, "" if found else f"nothing found in {seconds:g} s"


def agreement(archive: Archive, instance: Instance) -> Agreement:
    """The judge against the report inside each solution, else the public table."""
    exact = 0
    different = []
    for solution in archive.solutions:
        if solution.instance != instance.id:
            continue
        said = solution.reported or PUBLISHED.get((instance.id, solution.group))
        if said is None:
            continue
        ours = judge(instance, solution)
        if ours == said:
            exact += 1
        else:
            different.append(f"{solution.group}: published {said}, ours {ours}")
    return Agreement(exact, exact + len(different), tuple(different))


def _several_classes(instance: Instance) -> int:
    """Events that hold two or more classes (or students) at once."""
    groups = {
        kind
        for kind in set(instance.resources.values())
        if "class" in kind.lower() or "student" in kind.lower()
    }
    return sum(
        sum(need.kind in groups for need in event.resources) > 1
        for event in instance.events
    )


def _best(instance: Instance, stored: Iterable[Cost]) -> Best | None:
    known = BEST.get(instance.id)
    here = min(stored, default=None)
    if here is not None and (known is None or here < known.cost):
        return Best(here, STORED)
    return known
