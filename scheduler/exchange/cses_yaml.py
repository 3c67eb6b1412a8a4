"""The door to YAML: CSES files written, and read with suspicion."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from scheduler.exchange.cses import Board, BoardDay, Subject
from scheduler.importer.archive import bad
from scheduler.importer.fault import Fault
from scheduler.importer.texts import BadFileError

MAX_BYTES = 500_000
_MAX_NODES = 50_000
_MAX_DEPTH = 12
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Quoted(str):
    """A bare 10:30:00 is a number in YAML 1.1."""

    __slots__ = ()


class _Dumper(yaml.SafeDumper):  # type: ignore[misc]
    """With a representer of our own."""


_Dumper.add_representer(
    _Quoted,
    lambda dumper, text: dumper.represent_scalar(
        "tag:yaml.org,2002:str", str(text), style='"'
    ),
)


# ---- writing ----------------------------------------------------------------------


def board_text(board: Board, about: list[str]) -> str:
    """`about`: lines for the people who look into the file."""
    comments = [*about, *board.warnings]
    head = "".join(f"# {line}\n" for text in comments for line in text.splitlines())
    document = {
        "version": 1,
        "subjects": [_subject(subject) for subject in board.subjects],
        "schedules": [_day(day) for day in board.days],
    }
    body = yaml.dump(
        document, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=1_000
    )
    return head + str(body)


def _subject(subject: Subject) -> dict[str, str]:
    named = {
        "name": subject.name,
        "simplified_name": subject.simplified_name,
        "teacher": subject.teacher,
        "room": subject.room,
    }
    return {key: _Quoted(text) for key, text in named.items() if text}


def _day(day: BoardDay) -> dict[str, object]:
    return {
        "name": _Quoted(day.name),
        "enable_day": day.enable_day,
        "weeks": day.weeks,
        "classes": [
            {
                "subject": _Quoted(lesson.subject),
                "start_time": _Quoted(lesson.start),
                "end_time": _Quoted(lesson.end),
            }
            for lesson in day.lessons
        ],
    }


# ---- reading ----------------------------------------------------------------------


@dataclass(frozen=True)
class Node:
    """A part of a file: text, list or mapping, and the line it begins at."""

    line: int
    text: str | None = None
    items: tuple["Node", ...] = ()
    fields: dict[str, "Node"] = field(default_factory=dict)

    def of(self, key: str) -> "Node":
        return self.fields.get(key, Node(self.line))


def read_yaml(file: str, text: str) -> Node:
    """Raises BadFileError. Aliases are refused: a few of them make gigabytes."""
    if len(text.encode()) > MAX_BYTES:
        raise bad(
            file, "文件太大，一个班的课表用不了这么多", "too large for one class's week"
        )
    try:
        _refuse_tricks(file, text)
        return _node(yaml.compose(text, Loader=_LOADER))
    except yaml.YAMLError as error:
        raise _broken(file, error) from error


def _refuse_tricks(file: str, text: str) -> None:
    """Goes through the events, which takes no memory and no recursion."""
    depth = 0
    for count, event in enumerate(yaml.parse(text, Loader=_LOADER)):
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        too_much = count > _MAX_NODES or depth > _MAX_DEPTH
        if too_much or isinstance(event, yaml.AliasEvent):
            raise bad(
                file,
                "文件里有引用或嵌套太深，不是 CSES 课表；请重新导出",
                "aliases or deep nesting are not CSES; export it again",
            )


def _node(node: Any) -> Node:  # noqa: ANN401 - PyYAML has no types
    if node is None:
        return Node(1)
    line = node.start_mark.line + 1
    if isinstance(node, yaml.ScalarNode):
        return Node(line, "" if node.tag.endswith(":null") else str(node.value))
    if isinstance(node, yaml.SequenceNode):
        return Node(line, items=tuple(_node(one) for one in node.value))
    return Node(line, fields=dict(_fields(node)))


def _fields(node: Any) -> Iterator[tuple[str, Node]]:  # noqa: ANN401
    for key, value in node.value:
        if isinstance(key, yaml.ScalarNode):
            yield str(key.value), _node(value)


def _broken(file: str, error: yaml.YAMLError) -> BadFileError:
    mark = getattr(error, "problem_mark", None)
    return BadFileError(
        Fault(
            file=file,
            line=mark.line + 1 if mark else None,
            zh="YAML 格式错误，请检查缩进、冒号和引号",
            en=f"not YAML: {getattr(error, 'problem', None) or 'bad characters'}",
        )
    )
