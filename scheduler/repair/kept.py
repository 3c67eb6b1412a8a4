"""A proposal as the database keeps it, and as JSON. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal, NewType

from common.ids import LessonId
from scheduler.catalogue.calendar import TermId
from scheduler.catalogue.course import Lesson
from scheduler.catalogue.organisation import TeacherId
from scheduler.repair.event import Absence
from scheduler.repair.moved import At
from scheduler.repair.propose import Proposal

ProposalId = NewType("ProposalId", str)
ProposalState = Literal["open", "agreed", "dropped"]


@dataclass(frozen=True, slots=True)
class KeptMove:
    lesson: LessonId
    version: int
    to: At


@dataclass(frozen=True, slots=True)
class KeptStuck:
    lesson: LessonId
    version: int
    substitutes: tuple[TeacherId, ...]
    dates: tuple[At, ...]


@dataclass(frozen=True, slots=True)
class Done:
    """What agreeing did to a lesson. `after` None: it was cancelled. `back`: that was
    undone, because the absence ended sooner."""

    before: Lesson
    after: Lesson | None
    back: bool = False


@dataclass(frozen=True)
class Ended:
    """From `from_day` on nobody is away any more; the last time that somebody said
    so."""

    from_day: date
    by: str
    at: datetime


@dataclass(frozen=True)
class Kept:
    """A proposal as the database has it: lessons by id and version. `done` None: it
    was not agreed to, or before that was written down."""

    id: ProposalId
    term: TermId
    state: ProposalState
    absence: Absence
    moves: tuple[KeptMove, ...]
    stuck: tuple[KeptStuck, ...]
    looked_at: int
    made_by: str
    made_at: datetime
    done: tuple[Done, ...] | None = None
    ended: Ended | None = None

    @property
    def versions(self) -> dict[LessonId, int]:
        moves = {one.lesson: one.version for one in self.moves}
        return moves | {one.lesson: one.version for one in self.stuck}


def kept(
    id: ProposalId, term: TermId, found: Proposal, made_by: str, made_at: datetime
) -> Kept:
    return Kept(
        id=id,
        term=term,
        state="open",
        absence=found.absence,
        moves=tuple(KeptMove(m.lesson.id, m.lesson.version, m.to) for m in found.moves),
        stuck=tuple(
            KeptStuck(s.lesson.id, s.lesson.version, s.substitutes, s.dates)
            for s in found.stuck
        ),
        looked_at=found.looked_at,
        made_by=made_by,
        made_at=made_at,
    )


def row_of(one: Kept) -> dict[str, Any]:
    """Of one that nobody has agreed to."""
    return {
        "id": one.id,
        "term": one.term,
        "state": one.state,
        "absence": one.absence.model_dump(mode="json"),
        "moves": [
            {"lesson": m.lesson, "version": m.version, **_at_json(m.to)}
            for m in one.moves
        ],
        "stuck": [
            {
                "lesson": s.lesson,
                "version": s.version,
                "substitutes": list(s.substitutes),
                "dates": [_at_json(at) for at in s.dates],
            }
            for s in one.stuck
        ],
        "looked_at": one.looked_at,
        "made_by": one.made_by,
        "made_at": one.made_at,
    }


def done_json(done: Iterable[Done]) -> list[dict[str, Any]]:
    return [
        {
            "before": one.before.model_dump(mode="json"),
            "after": one.after and one.after.model_dump(mode="json"),
            "back": one.back,
        }
        for one in done
    ]


def _at_json(at: At) -> dict[str, Any]:
    return {"day": at.day.isoformat(), "start": at.start}


def _at(row: dict[str, Any]) -> At:
    return At(date.fromisoformat(row["day"]), row["start"])


def read_kept(row: Mapping[Any, Any]) -> Kept:
    return Kept(
        id=ProposalId(row["id"]),
        term=TermId(row["term"]),
        state=row["state"],
        absence=Absence.model_validate(row["absence"]),
        moves=tuple(
            KeptMove(LessonId(m["lesson"]), m["version"], _at(m)) for m in row["moves"]
        ),
        stuck=tuple(
            KeptStuck(
                LessonId(s["lesson"]),
                s["version"],
                tuple(map(TeacherId, s["substitutes"])),
                tuple(_at(at) for at in s["dates"]),
            )
            for s in row["stuck"]
        ),
        looked_at=row["looked_at"],
        made_by=row["made_by"],
        made_at=row["made_at"],
        done=None if row["done"] is None else tuple(map(_done, row["done"])),
        ended=Ended(row["ended_from"], row["ended_by"], row["ended_at"])
        if row["ended_from"]
        else None,
    )


def _done(row: dict[str, Any]) -> Done:
    after = row["after"] and Lesson.model_validate(row["after"])
    return Done(Lesson.model_validate(row["before"]), after, row["back"])
