"""The sample configurations: they load, hold every option, and explain each."""

import re
import tomllib
from collections.abc import Iterator
from types import GenericAlias
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from classroom_agent.config import RoomConfig
from common.config import Config
from tests.rules.house import ROOT

SAMPLES: list[tuple[str, type[BaseModel]]] = [
    ("compose/tongke.toml", Config),
    ("compose/room.toml", RoomConfig),
]
_ASSIGNMENT = re.compile(r"^(?P<off>#\s*)?(?P<option>[a-z][a-z0-9_]*)\s*=\s*\S")
_SECTION = re.compile(r"^(?:#\s*)?\[{1,2}(?P<section>[a-z_.]+)\]{1,2}\s*(#.*)?$")


def options(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    """Every option of a configuration, as `section.option`."""
    for option, field in model.model_fields.items():
        section = _section(field.annotation)
        if section is None:
            yield prefix + option
        else:
            yield from options(section, f"{prefix}{option}.")


def _section(annotation: Any) -> type[BaseModel] | None:  # noqa: ANN401 - any type
    """The model of a nested section; a list of models is one option."""
    union = get_args(annotation) if not isinstance(annotation, GenericAlias) else ()
    for candidate in (annotation, *union):
        if isinstance(candidate, type) and issubclass(candidate, BaseModel):
            return candidate
    return None


def written(sample: str) -> dict[str, bool]:
    """`section.option` (switched-off ones too) -> has it a comment of its own?

    A comment is beside the option, or above it with no empty line and no option of
    another kind between: neighbours may share one.
    """
    found: dict[str, bool] = {}
    section, explained = "", False
    for line in sample.splitlines():
        header, assignment = _SECTION.match(line), _ASSIGNMENT.match(line)
        if header:
            section, explained = header["section"] + ".", False
        elif assignment:
            beside = "#" in line.partition("=")[2] or assignment["off"] is not None
            found[section + assignment["option"]] = explained or beside
        elif line.startswith("#"):
            explained = True
        elif not line.strip():
            explained = False
    return found


def unexplained(sample: str, model: type[BaseModel]) -> list[str]:
    said = written(sample)
    missing = [
        f"{option} is missing" for option in options(model) if option not in said
    ]
    return missing + [
        f"{o} has no comment" for o, explained in said.items() if not explained
    ]


@pytest.mark.parametrize(("sample", "model"), SAMPLES)
def test_a_sample_loads(sample: str, model: type[BaseModel]) -> None:
    model.model_validate(tomllib.loads((ROOT / sample).read_text(encoding="utf-8")))


@pytest.mark.parametrize(("sample", "model"), SAMPLES)
def test_a_sample_holds_and_explains_every_option(
    sample: str, model: type[BaseModel]
) -> None:
    assert unexplained((ROOT / sample).read_text(encoding="utf-8"), model) == []


def test_the_servers_sample_writes_the_defaults() -> None:
    sample = tomllib.loads((ROOT / "compose/tongke.toml").read_text(encoding="utf-8"))
    assert Config.model_validate(sample) == Config()


def test_a_missing_and_an_unexplained_option_are_found() -> None:
    class Inner(BaseModel):
        port: int = 1
        host: str = ""

    class Outer(BaseModel):
        server: Inner = Inner()

    good = '[server]\n# the port\nport = 1\n\nhost = ""  # the host\n'
    assert unexplained(good, Outer) == []
    assert unexplained("[server]\n# the port\nport = 1\n", Outer) == [
        "server.host is missing"
    ]
    assert unexplained('[server]\nport = 1\n# h\nhost = ""\n', Outer) == [
        "server.port has no comment"
    ]


def test_every_sample_configuration_is_under_this_rule() -> None:
    shipped = {
        path.relative_to(ROOT).as_posix() for path in ROOT.glob("compose/*.toml")
    }
    assert shipped == {sample for sample, _ in SAMPLES}
