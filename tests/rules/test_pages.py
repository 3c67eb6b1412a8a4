"""What the pages read is what the services say."""

import re

from pydantic import BaseModel

from monitoring.cards import LessonCard, Overview, QualityCard, RoomCard, Summary
from monitoring.troubles import Trouble
from scheduler.edition import job_views, publish_views, views
from scheduler.exchange.api_calendar import LinkView
from scheduler.repair import views as repair_views
from scheduler.repair.event import Absence
from scheduler.term import views as term_views
from tests.rules.house import ROOT

_INTERFACE = re.compile(r"^export interface (\w+)[^{]*\{(.*?)^\}", re.M | re.S)
_FIELD = re.compile(r"^\s*(\w+)(\?)?:\s*(.+?);?$", re.M)
MODELS: tuple[type[BaseModel], ...] = (Overview, RoomCard, LessonCard, QualityCard)
# File of the pages -> its interface -> what the scheduler sends.
SENT: dict[str, dict[str, type[BaseModel]]] = {
    "board": {
        "Board": views.BoardView,
        "Course": views.BoardCourse,
        "Receiver": views.ReceiverView,
        "Placed": views.PlacedView,
        "Spot": views.PlaceView,
        "Unplaced": views.UnplacedView,
        "BusyTime": views.BusyView,
        "Bell": views.BellView,
        "BoardSchool": views.SchoolDaysView,
        "Named": views.NamedView,
        "Trouble": views.ProblemView,
        "Costs": views.CostView,
        "BoardChanges": views.BoardChanges,
    },
    "whynot": {"Blocker": views.BlockerView, "Cell": views.CellView},
    "solving": {"Progress": job_views.ProgressView},
    "editions": {
        "Edition": views.EditionView,
        "Job": job_views.JobView,
        "Rule": job_views.RuleView,
        "Check": publish_views.CheckView,
        "Difference": publish_views.DifferenceView,
        "Concern": publish_views.ConcernView,
        "Comparison": publish_views.CompareView,
        "LeftAlone": publish_views.LeftAloneView,
        "Published": publish_views.PublishView,
        "Load": term_views.LoadRow,
    },
    "repairs": {
        "When": repair_views.WhenView,
        "Move": repair_views.LessonMoveView,
        "Stuck": repair_views.StuckView,
        "Proposal": repair_views.ProposalView,
        "Absence": Absence,
        "Choice": repair_views.ChoiceBody,
        "Agreed": repair_views.AgreedView,
    },
    "term-days": {"OfficialDay": term_views.ProposedDay},
    "people": {"CalendarLink": LinkView},
}


def misread(page: str, model: type[BaseModel], name: str = "") -> list[str]:
    """Fields of the interface `name` (else called as the model) that the model lacks,
    or may leave out unsaid."""
    interfaces = dict(_INTERFACE.findall(page))
    name = name or model.__name__
    fields = model.model_fields
    found = []
    for field, optional, kind in _FIELD.findall(_flat(interfaces[name])):
        if field not in fields:
            found.append(f"{name}.{field} is never sent")
            continue
        absent = type(None) in getattr(fields[field].annotation, "__args__", ())
        if absent and not optional and "null" not in kind:
            found.append(f"{name}.{field} may be absent")
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


def test_the_timetable_page_reads_what_is_sent() -> None:
    found = []
    for file, interfaces in SENT.items():
        page = (ROOT / f"web/src/client/{file}.ts").read_text(encoding="utf-8")
        for name, model in interfaces.items():
            found += misread(page, model, name)
    assert found == []


def test_a_field_that_is_never_sent_is_found() -> None:
    page = "export interface RoomCard {\n  ghost: string;\n  title: string;\n}\n"
    assert misread(page, RoomCard) == [
        "RoomCard.ghost is never sent",
        "RoomCard.title may be absent",
    ]
