"""Small XHSTT texts: a week of two days with three times each, a few people.

a1 a2 a3 (day A)   b1 b2 b3 (day B)
"""

from collections.abc import Sequence

from benchmarks.xhstt.instance import Cost, Instance, Solution
from benchmarks.xhstt.judge import judge
from benchmarks.xhstt.reader import read

TIMES = ("a1", "a2", "a3", "b1", "b2", "b3")
PEOPLE = {
    "c1": "Class",
    "c2": "Class",
    "t1": "Teacher",
    "t2": "Teacher",
    "t3": "Teacher",
}


def event(
    name: str, duration: int, *needs: str, time: str = "", groups: str = "all"
) -> str:
    """`needs`: ids of people, or "role=Type" for one to be chosen."""
    resources = "".join(_need(need) for need in needs)
    start = f'<Time Reference="{time}"/>' if time else ""
    member = "".join(f'<EventGroup Reference="{g}"/>' for g in groups.split())
    return (
        f'<Event Id="{name}"><Name>{name}</Name><Duration>{duration}</Duration>'
        f"{start}<Resources>{resources}</Resources>"
        f"<EventGroups>{member}</EventGroups></Event>"
    )


def _need(need: str) -> str:
    role, _, kind = need.partition("=")
    if kind:
        wanted = f'<Role>{role}</Role><ResourceType Reference="{kind}"/>'
        return f"<Resource>{wanted}</Resource>"
    return f'<Resource Reference="{need}"/>'


def constraint(
    kind: str,
    where: str,
    body: str = "",
    *,
    required: bool = False,
    weight: int = 1,
    function: str = "Linear",
    name: str = "",
) -> str:
    """`where`: what stands in <AppliesTo>."""
    return (
        f'<{kind}Constraint Id="{name or kind}"><Name>{kind}</Name>'
        f"<Required>{str(required).lower()}</Required><Weight>{weight}</Weight>"
        f"<CostFunction>{function}</CostFunction><AppliesTo>{where}</AppliesTo>{body}"
        f"</{kind}Constraint>"
    )


def events(*names: str) -> str:
    inside = "".join(f'<Event Reference="{name}"/>' for name in names)
    return f"<Events>{inside}</Events>"


def groups(*names: str) -> str:
    inside = "".join(f'<EventGroup Reference="{name}"/>' for name in names)
    return f"<EventGroups>{inside}</EventGroups>"


def people(*names: str) -> str:
    inside = "".join(f'<Resource Reference="{name}"/>' for name in names)
    return f"<Resources>{inside}</Resources>"


def times(*names: str) -> str:
    inside = "".join(f'<Time Reference="{name}"/>' for name in names)
    return f"<Times>{inside}</Times>"


def days(*names: str, body: str = "") -> str:
    inside = "".join(
        f'<TimeGroup Reference="{name}">{body}</TimeGroup>' for name in names
    )
    return f"<TimeGroups>{inside}</TimeGroups>"


def limits(minimum: int, maximum: int) -> str:
    return f"<Minimum>{minimum}</Minimum><Maximum>{maximum}</Maximum>"


def meet(name: str, duration: int, time: str = "", **roles: str) -> str:
    start = f'<Time Reference="{time}"/>' if time else ""
    chosen = "".join(
        f'<Resource Reference="{who}"><Role>{role}</Role></Resource>'
        for role, who in roles.items()
    )
    return (
        f'<Event Reference="{name}"><Duration>{duration}</Duration>{start}'
        f"<Resources>{chosen}</Resources></Event>"
    )


def archive(
    happenings: Sequence[str],
    rules: Sequence[str],
    meets: Sequence[str] = (),
    *,
    report: Cost | None = None,
) -> bytes:
    said = ""
    if report is not None:
        said = (
            f"<Report><InfeasibilityValue>{report.hard}</InfeasibilityValue>"
            f"<ObjectiveValue>{report.soft}</ObjectiveValue></Report>"
        )
    return f"""<HighSchoolTimetableArchive><Instances><Instance Id="small">
      <Times><TimeGroups>
        <Day Id="A"><Name>A</Name></Day><Day Id="B"><Name>B</Name></Day>
      </TimeGroups>{_times()}</Times>
      <Resources><ResourceTypes>
        <ResourceType Id="Class"><Name>Class</Name></ResourceType>
        <ResourceType Id="Teacher"><Name>Teacher</Name></ResourceType>
      </ResourceTypes><ResourceGroups>
        <ResourceGroup Id="teachers"><Name>teachers</Name>
          <ResourceType Reference="Teacher"/></ResourceGroup>
      </ResourceGroups>{_people()}</Resources>
      <Events><EventGroups>
        <EventGroup Id="all"><Name>all</Name></EventGroup>
        <EventGroup Id="some"><Name>some</Name></EventGroup>
      </EventGroups>{"".join(happenings)}</Events>
      <Constraints>{"".join(rules)}</Constraints>
    </Instance></Instances><SolutionGroups><SolutionGroup Id="hand">
      <Solution Reference="small"><Events>{"".join(meets)}</Events>{said}</Solution>
    </SolutionGroup></SolutionGroups></HighSchoolTimetableArchive>""".encode()


def _times() -> str:
    return "".join(
        f'<Time Id="{time}"><Name>{time}</Name>'
        f'<Day Reference="{time[0].upper()}"/></Time>'
        for time in TIMES
    )


def _people() -> str:
    return "".join(
        f'<Resource Id="{name}"><Name>{name}</Name><ResourceType Reference="{kind}"/>'
        + (
            '<ResourceGroups><ResourceGroup Reference="teachers"/></ResourceGroups>'
            if kind == "Teacher"
            else ""
        )
        + "</Resource>"
        for name, kind in PEOPLE.items()
    )


def both(data: bytes) -> tuple[Instance, Solution]:
    found = read(data)
    return found.instances[0], found.solutions[0]


def cost(happenings: Sequence[str], rules: Sequence[str], meets: Sequence[str]) -> Cost:
    return judge(*both(archive(happenings, rules, meets)))
