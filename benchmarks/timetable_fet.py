"""The same timetable for FET (`apt-get install fet`), which knows one time grid.

Written in FET's own format: a receiving class is a students' year, a stream one
activity group, at most one lesson a day is a minimum of one day between activities,
and the uplink of a site is a largest number of simultaneous activities. The district's
media capacity has no counterpart and is left out for both.
"""

import shutil
import subprocess
import time
import xml.etree.ElementTree as ET
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage

from scheduler.solver.problem import Placement, Problem, Resource, Stream

DAYS = ("Mo", "Tu", "We", "Th", "Fr")
FET = "fet-cl"


@dataclass(frozen=True, slots=True)
class FetAnswer:
    placements: frozenset[Placement]
    seconds: float
    cpu: float


def available() -> bool:
    return shutil.which(FET) is not None


def solve_with_fet(problem: Problem, seconds: int, folder: Path) -> FetAnswer:
    """`problem` must ring equal bells everywhere; no placements: none found."""
    source = folder / "district.fet"
    starts = _starts(problem)
    activities = _write(problem, starts, source)
    begun, worked = time.monotonic(), children_cpu()
    quiet = [f"--writetimetables{kind}=false" for kind in _PAGES]
    command = [
        FET,
        f"--inputfile={source}",
        f"--outputdir={folder}",
        f"--timelimitseconds={seconds}",
        "--htmllevel=0",
        "--writetimetableconflicts=false",
        *quiet,
    ]
    subprocess.run(command, stdout=subprocess.DEVNULL, check=False)
    took = time.monotonic() - begun
    found = next(folder.glob("timetables/*/*_data_and_timetable.fet"), None)
    placed = _read(found, activities) if found else frozenset()
    return FetAnswer(placed, took, children_cpu() - worked)


def children_cpu() -> float:
    used = getrusage(RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


_PAGES = (
    "statistics",
    "dayshorizontal",
    "daysvertical",
    "timehorizontal",
    "timevertical",
    "subgroups",
    "groups",
    "years",
    "teachers",
    "teachersfreeperiods",
    "rooms",
    "subjects",
    "activitytags",
    "activities",
)


def _starts(problem: Problem) -> list[int]:
    bells = {p.start for site in problem.sites for p in site.bells[1]}
    return sorted(bells)


def _write(problem: Problem, starts: list[int], path: Path) -> dict[int, Stream]:
    root = ET.Element("fet", version="6.8.5")
    _text(root, "Mode", "Official")
    _text(root, "Institution_Name", "synthetic district")
    _names(root, "Days_List", "Day", DAYS, count="Number_of_Days")
    hours = [str(start) for start in starts]
    _names(root, "Hours_List", "Hour", hours, count="Number_of_Hours")
    _names(root, "Subjects_List", "Subject", ["lesson"])
    _names(root, "Activity_Tags_List", "Activity_Tag", [])
    _names(root, "Teachers_List", "Teacher", [t.id for t in problem.teachers])
    _names(root, "Students_List", "Year", [c.id for c in problem.class_groups])
    activities = _activities(root, problem)
    _names(root, "Buildings_List", "Building", [])
    _names(root, "Rooms_List", "Room", [r.id for r in problem.rooms])
    _time_rules(root, problem, activities, starts)
    _space_rules(root, activities)
    ET.ElementTree(root).write(path, encoding="UTF-8", xml_declaration=True)
    return activities


def _activities(root: ET.Element, problem: Problem) -> dict[int, Stream]:
    rows: dict[int, Stream] = {}
    box = ET.SubElement(root, "Activities_List")
    for stream in problem.streams:
        group = len(rows) + 1 if stream.lessons > 1 else 0
        for _ in range(stream.lessons):
            number = len(rows) + 1
            rows[number] = stream
            one = ET.SubElement(box, "Activity")
            _text(one, "Teacher", stream.teacher)
            _text(one, "Subject", "lesson")
            for receiver in stream.receivers:
                _text(one, "Students", str(receiver.class_group))
            _text(one, "Duration", "1")
            _text(one, "Total_Duration", str(stream.lessons))
            _text(one, "Id", str(number))
            _text(one, "Activity_Group_Id", str(group))
            _text(one, "Active", "true")
    return rows


def _time_rules(
    root: ET.Element,
    problem: Problem,
    activities: dict[int, Stream],
    starts: list[int],
) -> None:
    box = ET.SubElement(root, "Time_Constraints_List")
    _rule(box, "ConstraintBasicCompulsoryTime")
    for resource, times in _taken(problem, starts).items():
        teacher = resource.kind == "teacher"
        who = "Teacher" if teacher else "StudentsSet"
        rule = _rule(box, f"Constraint{who}NotAvailableTimes")
        _text(rule, "Teacher" if teacher else "Students", resource.id)
        _text(rule, "Number_of_Not_Available_Times", str(len(times)))
        for day, hour in times:
            slot = ET.SubElement(rule, "Not_Available_Time")
            _text(slot, "Day", DAYS[day - 1])
            _text(slot, "Hour", str(hour))
    mates: dict[str, list[int]] = defaultdict(list)
    sites: dict[str, list[int]] = defaultdict(list)
    for number, stream in activities.items():
        mates[stream.id].append(number)
        sites[problem.master_site(stream).id].append(number)
    for numbers in mates.values():
        if len(numbers) > 1:
            rule = _rule(box, "ConstraintMinDaysBetweenActivities")
            _text(rule, "Consecutive_If_Same_Day", "false")
            _numbers(rule, numbers)
            _text(rule, "MinDays", "1")
    for site, numbers in sites.items():
        cap = problem.site_by_id[site].uplink_kbps
        rates = {activities[n].master_kbps for n in numbers}
        if cap is not None:
            _at_once(box, numbers, cap // max(rates), starts)


def _at_once(box: ET.Element, numbers: list[int], most: int, starts: list[int]) -> None:
    rule = _rule(box, "ConstraintActivitiesMaxSimultaneousInSelectedTimeSlots")
    _numbers(rule, numbers)
    _text(rule, "Number_of_Selected_Time_Slots", str(len(DAYS) * len(starts)))
    for day in DAYS:
        for start in starts:
            slot = ET.SubElement(rule, "Selected_Time_Slot")
            _text(slot, "Selected_Day", day)
            _text(slot, "Selected_Hour", str(start))
    _text(rule, "Max_Number_of_Simultaneous_Activities", str(most))


def _taken(
    problem: Problem, starts: list[int]
) -> dict[Resource, list[tuple[int, int]]]:
    taken: dict[Resource, list[tuple[int, int]]] = defaultdict(list)
    for busy in problem.busy:
        if busy.time.start in starts:
            taken[busy.resource].append((busy.weekday, busy.time.start))
    return taken


def _space_rules(root: ET.Element, activities: dict[int, Stream]) -> None:
    box = ET.SubElement(root, "Space_Constraints_List")
    _rule(box, "ConstraintBasicCompulsorySpace")
    for number, stream in activities.items():
        rule = _rule(box, "ConstraintActivityPreferredRoom")
        _text(rule, "Activity_Id", str(number))
        _text(rule, "Room", stream.master_room)
        _text(rule, "Permanently_Locked", "false")


def _read(path: Path, activities: dict[int, Stream]) -> frozenset[Placement]:
    """FET writes what it found as preferred starting times."""
    found: set[Placement] = set()
    rows = ET.parse(path).getroot().iter("ConstraintActivityPreferredStartingTime")
    for row in rows:
        number = row.findtext("Activity_Id", "")
        day, hour = (
            row.findtext("Preferred_Day", ""),
            row.findtext("Preferred_Hour", ""),
        )
        stream = activities[int(number)]
        found.add(Placement(stream.id, DAYS.index(day) + 1, int(hour)))
    return frozenset(found)


def _rule(box: ET.Element, name: str) -> ET.Element:
    rule = ET.SubElement(box, name)
    _text(rule, "Weight_Percentage", "100")
    _text(rule, "Active", "true")
    return rule


def _numbers(rule: ET.Element, numbers: list[int]) -> None:
    _text(rule, "Number_of_Activities", str(len(numbers)))
    for number in numbers:
        _text(rule, "Activity_Id", str(number))


def _names(
    root: ET.Element, box: str, kind: str, names: Iterable[str], count: str = ""
) -> None:
    rows = list(names)
    parent = ET.SubElement(root, box)
    if count:
        _text(parent, count, str(len(rows)))
    for name in rows:
        one = ET.SubElement(parent, kind)
        _text(one, "Name", name)
        if kind == "Year":
            _text(one, "Number_of_Students", "0")
        if kind == "Room":
            _text(one, "Capacity", "30000")
            _text(one, "Virtual", "false")


def _text(parent: ET.Element, name: str, value: str) -> None:
    ET.SubElement(parent, name).text = value
