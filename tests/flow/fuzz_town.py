"""What a running scheduler has at the moment: addresses and good bodies for each of
its operations, asked over HTTP. Where something is missing it is made first."""

import json
import os
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import cache
from typing import Any

from scheduler.catalogue.kinds import KINDS
from scheduler.sample import DEMO_COURSE, DEMO_MASTER, demo_lesson
from tests.support.today import today

PREFIX = "/api/v1"
Json = dict[str, Any]
KIND = {kind.path: kind for kind in KINDS}


def call(method: str, path: str, body: object = None) -> Any:  # noqa: ANN401 - JSON
    """As the operator, at the server that the environment names."""
    url, key = os.environ["TONGKE_FUZZ_URL"], os.environ["TONGKE_FUZZ_KEY"]
    request = urllib.request.Request(
        f"{url}{PREFIX}{path}",
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {key}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.loads(answer.read() or b"null")


# ---- what there is -------------------------------------------------------------------


def rows(path: str) -> list[Json]:
    found: list[Json] = call("GET", f"/{path}")
    return found


def term() -> str:
    """The one that runs, as far as the sample reaches."""
    terms = sorted(rows("terms"), key=lambda row: str(row["week_1"]))
    return str(terms[0]["id"])


def editions() -> list[Json]:
    found: list[Json] = call("GET", f"/terms/{term()}/editions")
    if not any(edition["state"] == "draft" for edition in found):
        found.append(call("POST", f"/terms/{term()}/editions", {}))
    drafts = [edition for edition in found if edition["state"] == "draft"]
    return [*drafts[:3], *[e for e in found if e["state"] != "draft"][:2]]


def lessons() -> list[Json]:
    """With one that runs, so that there is something to enter and to end."""
    first, last = today() - timedelta(3), today() + timedelta(10)
    query = f"first_day={first}&last_day={last}"
    found: list[Json] = call("GET", f"/lessons?{query}")
    if not any(lesson["state"] in ("preparing", "live") for lesson in found):
        now = time.time()
        # What was made up before may hold the room.
        with suppress(urllib.error.HTTPError):
            found.append(call("POST", "/lessons", demo_lesson(now, now + 3600)))
    return found[-8:]


def jobs() -> list[Json]:
    edition = editions()[0]
    if edition["job"] is None:
        path = f"/editions/{edition['id']}/explain"
        return [call("POST", path, {"seconds": 1})]
    return [call("GET", f"/jobs/{edition['job']}")]


def repairs() -> list[Json]:
    found: list[Json] = call("GET", f"/terms/{term()}/repairs")
    if not any(one["state"] == "open" for one in found):
        found.append(call("POST", f"/terms/{term()}/repairs", absence()))
    return found[-4:]


def absence() -> Json:
    day = str(today() + timedelta(1))
    return {
        "what": "site_room",
        "id": DEMO_MASTER,
        "first_day": day,
        "last_day": str(today() + timedelta(7)),
    }


def links() -> list[Json]:
    body = {"what": "teacher", "id": rows("teachers")[0]["id"]}
    return [call("POST", "/calendar-links", body)]


def ids(found: list[Json], name: str = "id") -> list[Json]:
    return [{"id": row[name]} for row in found]


def keys(path: str) -> list[Json]:
    """Addresses of the rows of a kind; a row without a school is of `-`."""
    key = KIND[path].key
    return [
        {name: "-" if row[name] is None else str(row[name]) for name in key}
        for row in rows(path)
    ]


def feeds() -> list[Json]:
    parts = [str(link["path"]).split("/")[-2:] for link in links()]
    return [{"token": token, "file": file} for token, file in parts]


PATHS: dict[str, Callable[[], list[Json]]] = {
    "editions": lambda: ids(editions()),
    "lessons": lambda: ids(lessons(), "lesson"),
    "sessions": lambda: ids(lessons(), "session"),
    "jobs": lambda: ids(jobs()),
    "repairs": lambda: ids(repairs()),
    "calendar-links": lambda: ids(links()),
    "calendar": feeds,
}


def new_lesson() -> Json:
    return {"course": DEMO_COURSE, "day": str(today()), "period": 3}


def changes() -> list[Json]:
    """Every kind of change, on lessons and starts of a real board."""
    edition = editions()[0]
    board = call("GET", f"/editions/{edition['id']}/board")
    course = board["courses"][0]["id"]
    cells = call("GET", f"/editions/{edition['id']}/why-not?course={course}")["cells"]
    found = [
        {
            "kind": "place",
            "course": course,
            "weekday": c["weekday"],
            "start": c["start"],
        }
        for c in cells[:40:7]
    ]
    for row in board["placements"][:3]:
        at = {name: row[name] for name in ("course", "weekday", "start")}
        found += [{"kind": kind, **at} for kind in ("lock", "unlock", "remove")]
        to = {"to_weekday": cells[0]["weekday"], "to_start": cells[0]["start"]}
        found.append({"kind": "move", **at, **to, "force": True})
    return [{"revision": edition["revision"], "changes": [one]} for one in found]


def choices() -> list[Json]:
    stuck = [one for repair in repairs() for one in repair["stuck"]]
    teacher = rows("teachers")[0]["id"]
    answers = [
        {"kind": "substitute", "teacher": teacher},
        {"kind": "cancel"},
        {"kind": "date", "day": str(today() + timedelta(9)), "start": 600},
    ]
    bodies: list[Json] = [{"choices": []}]
    for answer in answers:
        bodies.append(
            {"choices": [{"lesson": one["lesson"], **answer} for one in stuck]}
        )
    return bodies


BODIES: dict[str, Callable[[], list[Json]]] = {
    "add_lesson": lambda: [new_lesson(), demo_lesson(time.time(), time.time() + 60)],
    "change_lesson": lambda: [
        {"version": one["version"], "day": str(one["day"]), "period": 5}
        for one in lessons()
    ],
    "expand_term": lambda: [
        {"first_day": str(today()), "last_day": str(today() + timedelta(7))}
    ],
    "extend": lambda: [{"minutes": 5}],
    "join": lambda: [
        {"role": "assistant"},
        {"role": "room", "site_room": DEMO_MASTER, "listen_only": True},
    ],
    "make_calendar_link": lambda: [
        {"what": what, "id": rows(path)[0]["id"]}
        for what, path in (
            ("teacher", "teachers"),
            ("room", "site-rooms"),
            ("class", "class-groups"),
            ("school", "schools"),
        )
    ],
    "make_access_key": lambda: [
        {"name": "王老师", "roles": ["teacher"], "teacher": rows("teachers")[0]["id"]}
    ],
    "propose_repair": lambda: [absence()],
    "agree_to_repair": choices,
    "add_edition": lambda: [{}, {"copy_of": "published"}],
    "change_edition": changes,
    "solve_edition": lambda: [
        {"seconds": 1},
        {"seconds": 1, "keep": "far"},
        {"seconds": 1, "keep": "unbroken"},
    ],
    "explain_edition": lambda: [{"seconds": 1}],
    "publish_edition": lambda: [{"revision": 1, "accept_unplaced": True}],
}


QUERIES: dict[str, Callable[[], list[str]]] = {
    "course": lambda: [row["id"] for row in rows("courses")],
    "teacher": lambda: [row["id"] for row in rows("teachers")],
    "site_room": lambda: [row["id"] for row in rows("site-rooms")],
    "school": lambda: [row["id"] for row in rows("schools")],
    "with": lambda: ["published", *(edition["id"] for edition in editions())],
    "sheet": lambda: [kind.name for kind in KINDS],
}


# ---- asked once for each operation --------------------------------------------------


@cache
def addresses(label: str) -> list[Json]:
    path = label.split(" ")[1].removeprefix(PREFIX + "/")
    first = path.split("/")[0]
    found: list[Json] = []
    if "{" in path:
        with suppress(urllib.error.HTTPError):
            found = keys(first) if first in KIND else PATHS[first]()
    return found


@cache
def bodies(label: str, operation: str) -> list[Json]:
    method, path = label.split(" ")
    found: list[Json] = []
    with suppress(urllib.error.HTTPError):
        if method == "PUT":
            found = rows(path.rpartition("/")[2])
        elif operation in BODIES:
            found = BODIES[operation]()
    return found


@cache
def answers(_label: str, query: str) -> list[str]:
    found: list[str] = []
    with suppress(urllib.error.HTTPError):
        if query in QUERIES:
            found = QUERIES[query]()
    return found
