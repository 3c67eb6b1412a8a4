"""`Solution` -> XHSTT XML, to be judged by others (HSEval reads the same archive)."""

from xml.etree.ElementTree import Element, SubElement, indent, tostring

from benchmarks.xhstt import xml
from benchmarks.xhstt.instance import Cost, Instance, Meet, Solution


def write(archive: bytes, instance: Instance, solution: Solution, cost: Cost) -> bytes:
    """The archive's instance of that id, with `solution` as its only solution.

    Raises ParseError if `archive` is not the text the instance was read from.
    """
    read = xml.parse(archive)
    root = Element("HighSchoolTimetableArchive")
    instances = SubElement(root, "Instances")
    same = [
        item
        for item in xml.children(read, "Instances/Instance")
        if item.get("Id") == instance.id
    ]
    if not same:
        raise xml.wrong(
            f"the archive has no instance {instance.id}",
            f"文件中没有实例 {instance.id}",
        )
    instances.append(same[0])
    group = SubElement(
        SubElement(root, "SolutionGroups"), "SolutionGroup", Id=solution.group
    )
    _about(group)
    one = SubElement(group, "Solution", Reference=instance.id)
    events = SubElement(one, "Events")
    for meet in solution.meets:
        _meet(events, instance, meet)
    report = SubElement(one, "Report")
    SubElement(report, "InfeasibilityValue").text = str(cost.hard)
    SubElement(report, "ObjectiveValue").text = str(cost.soft)
    indent(root)
    whole: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return whole


def _about(group: Element) -> None:
    about = SubElement(group, "MetaData")
    SubElement(about, "Contributor").text = "Tongke"
    SubElement(about, "Date").text = "-"
    SubElement(about, "Description").text = "CP-SAT, large neighbourhood search"


def _meet(events: Element, instance: Instance, meet: Meet) -> None:
    item = SubElement(events, "Event", Reference=meet.event)
    SubElement(item, "Duration").text = str(meet.duration)
    if meet.time is not None:
        SubElement(item, "Time", Reference=instance.times[meet.time])
    if meet.assigned:
        resources = SubElement(item, "Resources")
        for role, who in meet.assigned.items():
            resource = SubElement(resources, "Resource", Reference=who)
            SubElement(resource, "Role").text = role
