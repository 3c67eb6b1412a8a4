"""`docs/protocol.md` says everything that the code can say on a wire, and no more."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError

from common.protocol.base import Message
from common.protocol.control import AgentMessage, ControlMessage
from common.protocol.events import BusEvent
from common.protocol.signalling import ParticipantMessage, SfuMessage
from tests.rules.house import PACKAGES, ROOT, files, name, parsed

PAGE = ROOT / "docs" / "protocol.md"
UNIONS = {
    "participant → SFU": ParticipantMessage,
    "SFU → participant": SfuMessage,
    "agent → scheduler": AgentMessage,
    "scheduler → agent": ControlMessage,
    "bus": BusEvent,
}
_HEADING = re.compile(r"^(#{1,6}) (.+)$", re.MULTILINE)
_ROW = re.compile(r"^\| `(\w+)` \| [^|]* \| (yes|no) \| .+ \|$", re.MULTILINE)
_EXAMPLE = re.compile(r"^```json\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_CODE_ROW = re.compile(r"^\| (`[^|]+) \|", re.MULTILINE)
_RUST_CODE = re.compile(r'(?:Refusal|Misuse)::new\(\s*"(\w+)"')


# ---- messages -----------------------------------------------------------------------


def sections(page: str) -> dict[str, str]:
    """Heading -> the text up to the next heading of any depth."""
    marks = list(_HEADING.finditer(page))
    ends = [mark.start() for mark in marks[1:]] + [len(page)]
    return {
        mark[2]: page[mark.end() : end] for mark, end in zip(marks, ends, strict=True)
    }


def messages(union: Any) -> list[type[Message]]:  # noqa: ANN401 - an annotated union
    return list(get_args(get_args(union)[0]))


def heading(direction: str, model: type[Message]) -> str:
    return f"`{model.model_fields['type'].default}` ({direction})"


def parts(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    """Models inside a message, at any depth."""
    for field in model.model_fields.values():
        for found in _types(field.annotation):
            if isinstance(found, type) and issubclass(found, BaseModel):
                yield found
                yield from parts(found)


def _types(annotation: Any) -> Iterator[Any]:  # noqa: ANN401 - any annotation
    yield annotation
    if get_origin(annotation) is not Literal:
        for inner in get_args(annotation):
            yield from _types(inner)


def unsaid(said: dict[str, str], title: str, model: type[BaseModel]) -> list[str]:
    """What a section has wrong about the fields of its model."""
    if title not in said:
        return [f"{title}: no such section"]
    rows = dict(_ROW.findall(said[title]))
    fields = {f: v for f, v in model.model_fields.items() if f != "type"}
    found = [f"{title}: {f} is not described" for f in fields if f not in rows]
    found += [f"{title}: {row} is no field" for row in rows if row not in fields]
    found += [
        f"{title}: is {f} required?"
        for f, field in fields.items()
        if f in rows and (rows[f] == "yes") != field.is_required()
    ]
    for f, field in fields.items():
        for kind in _types(field.annotation):
            words = get_args(kind) if get_origin(kind) is Literal else ()
            whole = said[title] + said.get("Words", "")
            found += [
                f"{title}: {f} may be {word}"
                for word in words
                if f"`{word}`" not in whole
            ]
    return found


def bad_examples(said: dict[str, str], title: str, union: Any) -> list[str]:  # noqa: ANN401
    """Examples that do not parse, or hold what no reader would look at."""
    examples = _EXAMPLE.findall(said.get(title, ""))
    if not examples:
        return [f"{title}: no example"]
    return [
        f"{title}: {fault}"
        for text in examples
        if (fault := _fault(title, text, union))
    ]


def _fault(title: str, text: str, union: Any) -> str | None:  # noqa: ANN401
    adapter: TypeAdapter[Message] = TypeAdapter(union)
    try:
        message = adapter.validate_json(text)
    except ValidationError as error:
        return str(error.errors(include_url=False)[0]["msg"])
    given = json.loads(text)
    if not title.startswith(f"`{given['type']}`"):
        return f"the example is a {given['type']}"
    if message.model_dump(mode="json", exclude_unset=True) != given:
        return "the example has fields that nobody reads"
    return None


SAID = sections(PAGE.read_text(encoding="utf-8"))
EVERY = [
    (way, union, model) for way, union in UNIONS.items() for model in messages(union)
]


@pytest.mark.parametrize(
    ("way", "union", "model"), EVERY, ids=[heading(w, m) for w, _, m in EVERY]
)
def test_a_message_is_described_field_by_field_with_an_example(
    way: str,
    union: Any,  # noqa: ANN401
    model: type[Message],
) -> None:
    title = heading(way, model)
    assert unsaid(SAID, title, model) == []
    assert bad_examples(SAID, title, union) == []


def test_the_pieces_of_messages_are_described_field_by_field() -> None:
    pieces = {p for _, _, m in EVERY for p in parts(m) if "type" not in p.model_fields}
    assert len(pieces) > 5
    faults = [f for p in pieces for f in unsaid(SAID, f"`{p.__name__}`", p)]
    assert sorted(faults) == []


def test_no_message_is_described_that_does_not_exist() -> None:
    real = {heading(way, model) for way, _, model in EVERY}
    told = {title for title in SAID if re.search(r"\((.*→.*|bus)\)$", title)}
    assert told == real


def test_a_wrong_description_of_a_message_is_found() -> None:
    class Wave(Message):
        type: Literal["wave"] = "wave"
        hand: Literal["left", "right"]
        seconds: float = 1

    page = sections(
        "# `wave` (room)\n| `hand` | text | no | `left` or so |\n"
        "| `foot` | x | no | y |\n"
        '```json\n{"type": "wave", "hand": "left", "loud": true}\n```\n'
    )
    assert unsaid(page, "`wave` (room)", Wave) == [
        "`wave` (room): seconds is not described",
        "`wave` (room): foot is no field",
        "`wave` (room): is hand required?",
        "`wave` (room): hand may be right",
    ]
    assert bad_examples(page, "`wave` (room)", Annotated[Wave, None]) == [
        "`wave` (room): the example has fields that nobody reads"
    ]
    assert unsaid(page, "`nod` (room)", Wave) == ["`nod` (room): no such section"]


# ---- error codes --------------------------------------------------------------------


def error_codes(root: Path) -> dict[str, str]:
    """Code -> a file that uses it. `no_such_<name>` where the code is put together."""
    trees = {
        path: parsed(path)
        for path in files(root, ".py")
        if path.relative_to(root).parts[0] in (*PACKAGES, "web")
    }
    errors = _error_classes(trees.values())
    found: dict[str, str] = {}
    for path, tree in trees.items():
        for node in ast.walk(tree):
            for code in _codes(node, errors):
                found.setdefault(code, name(root, path))
    for path in files(root, ".rs"):
        for code in _RUST_CODE.findall(path.read_text(encoding="utf-8")):
            found.setdefault(code, name(root, path))
    return found


def _error_classes(trees: Any) -> set[str]:  # noqa: ANN401 - syntax trees
    """Names of TongkeError and everything derived from it."""
    bases = {
        node.name: {ast.unparse(base) for base in node.bases}
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    }
    errors = {"TongkeError"}
    while more := {c for c, above in bases.items() if above & errors} - errors:
        errors |= more
    return errors


def _codes(node: ast.AST, errors: set[str]) -> Iterator[str]:
    match node:
        case ast.Call(func=ast.Name(id=made), args=[first, *_]) if made in errors:
            yield from _spelled(first)
        case ast.Call(
            func=ast.Attribute(attr="__init__", value=ast.Call(func=ast.Name("super"))),
            args=[first, *_],
            keywords=[_, *_],
        ):
            yield from _spelled(first)
        case ast.Assign(targets=[ast.Name(id="default_code")], value=value):
            yield from _spelled(value)


def _spelled(value: ast.expr) -> Iterator[str]:
    match value:
        case ast.Constant(value=str(code)):
            yield code
        case ast.IfExp(body=yes, orelse=no):
            yield from _spelled(yes)
            yield from _spelled(no)
        case ast.BinOp(left=left, right=right):
            yield "".join(_part(left) + _part(right))
        case ast.JoinedStr(values=pieces):
            yield "".join(text for piece in pieces for text in _part(piece))


def _part(value: ast.expr) -> list[str]:
    match value:
        case ast.Constant(value=str(text)):
            return [text]
        case ast.Name(id=variable) | ast.FormattedValue(value=ast.Name(id=variable)):
            return [f"<{variable}>"]
    return []


def codes_said(page: str) -> set[str]:
    """First cells of the tables below `## Error codes`."""
    _, _, told = page.partition("\n## Error codes\n")
    return {
        code
        for cell in _CODE_ROW.findall(told)
        for code in re.findall(r"`([\w<>]+)`", cell)
    }


def test_every_error_code_is_explained_and_none_that_does_not_exist() -> None:
    used, said = error_codes(ROOT), codes_said(PAGE.read_text(encoding="utf-8"))
    assert {"bad_sdp", "no_codec", "second_master", "no_such_<name>"} <= used.keys()
    assert {code: used[code] for code in used.keys() - said} == {}
    patterns = [c.partition("<")[0] for c in used if "<" in c]
    made_up = {c for c in said - used.keys() if not c.startswith(tuple(patterns))}
    assert made_up == set()


def test_codes_are_found_however_they_are_written(tmp_path: Path) -> None:
    (tmp_path / "sfu").mkdir()
    (tmp_path / "sfu" / "a.py").write_text(
        "class FullError(TongkeError):\n    default_code = 'full'\n"
        "raise FullError('room' if x else 'hall', zh='', en='')\n"
        "raise FullError(f'no_such_{kind}')\n"
        "raise FullError('bad_' + place)\n"
        "raise FullError(error.code)\nraise ValueError('not a code')\n"
    )
    (tmp_path / "a.rs").write_text('Refusal::new(\n    "no_key", "offer has none")\n')
    found = error_codes(tmp_path).keys()
    assert found == {"full", "room", "hall", "no_such_<kind>", "bad_<place>", "no_key"}
    assert codes_said("| `a` | x |\n## Error codes\n| `b`, `c` | d `e` |\n") == {
        "b",
        "c",
    }
