"""The typed face of the engine names exactly what the built engine has."""

import ast
import inspect
from types import ModuleType

from tests.rules.house import ROOT

STUB = ROOT / "rtc" / "_engine.pyi"
# The stub's own words for unions and tuples: they exist for the type checker only.
_TYPE_ONLY = {"ForwarderEvent", "ClientEvent", "Kind", "Layer"}


def stub_names(source: str) -> dict[str, set[str]]:
    """Public name -> public members; none for plain values."""
    names: dict[str, set[str]] = {}
    for node in ast.parse(source).body:
        if isinstance(node, ast.ClassDef):
            names[node.name] = {m for m in map(_member, node.body) if m}
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            names[node.target.id] = set()
        elif isinstance(node, ast.FunctionDef):
            names[node.name] = set()
    return names


def _member(node: ast.stmt) -> str | None:
    if isinstance(node, ast.FunctionDef):
        return None if node.name.startswith("_") else node.name
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return node.target.id
    return None


def module_names(module: ModuleType) -> dict[str, set[str]]:
    return {
        name: {m for m in vars(value) if not m.startswith("_")}
        if inspect.isclass(value)
        else set()
        for name, value in vars(module).items()
        if not name.startswith("_") and not inspect.ismodule(value)
    }


def differences(stub: dict[str, set[str]], built: dict[str, set[str]]) -> list[str]:
    found = [f"only in the stub: {name}" for name in stub.keys() - built.keys()]
    found += [f"only in the engine: {name}" for name in built.keys() - stub.keys()]
    for name in stub.keys() & built.keys():
        if name.endswith("Error"):
            continue  # `code` is set on the instance
        found += [f"only in the stub: {name}.{m}" for m in stub[name] - built[name]]
        found += [f"only in the engine: {name}.{m}" for m in built[name] - stub[name]]
    return sorted(found)


def test_the_stub_is_the_engine() -> None:
    from rtc import _engine

    stub = stub_names(STUB.read_text(encoding="utf-8"))
    assert {"Forwarder", "Client", "ENGINE_VERSION"} <= stub.keys()
    assert differences(stub, module_names(_engine)) == []


def test_what_only_one_side_has_is_found() -> None:
    built = ModuleType("built")
    exec(
        "class Client:\n    def offer(self): ...\n    def extra(self): ...\n",
        vars(built),
    )
    stub = stub_names("class Client:\n    mid: str\n    def offer(self): ...\nX: int\n")
    assert differences(stub, module_names(built)) == [
        "only in the engine: Client.extra",
        "only in the stub: Client.mid",
        "only in the stub: X",
    ]
