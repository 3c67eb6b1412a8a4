"""The OpenAPI 3.1 document of a set of routes (OAS 3.1.1)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import JsonSchemaMode

_PROBLEM = {
    "type": "object",
    "required": ["status", "code", "zh", "en"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string", "pattern": "^[a-z][a-z0-9_]*$"},
        "zh": {"type": "string", "minLength": 1},
        "en": {"type": "string", "minLength": 1},
    },
}
EVENTS = "text/event-stream"
_REF = "#/components/schemas/{model}"

Models = Mapping[tuple[str, JsonSchemaMode], dict[str, Any]]
"""Schemas of bodies, queries and answers, by what they are to which operation."""


@dataclass(frozen=True)
class Operation:
    """One route. `returns`: a model, `list[model]`, or None for no JSON answer.
    `roles`: None is open to all, () is any signed-in person."""

    method: str
    path: str
    name: str
    summary: str
    body: type[BaseModel] | None
    query: type[BaseModel] | None
    returns: Any
    status: int
    media_type: str
    roles: Sequence[str] | None


def document(title: str, operations: Sequence[Operation]) -> dict[str, Any]:
    models, schemas = _models(operations)
    paths: dict[str, Any] = {}
    for operation in operations:
        path = re.sub(r"\{(\w+):[^}]*\}", r"{\1}", operation.path)
        described = _describe(operation, models)
        paths.setdefault(path, {})[operation.method] = described
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": "1"},
        "paths": paths,
        "components": {
            "schemas": {"Problem": _PROBLEM, **schemas},
            "securitySchemes": {"access": {"type": "http", "scheme": "bearer"}},
        },
    }


def _models(operations: Sequence[Operation]) -> tuple[Models, dict[str, Any]]:
    """All in one go: only so does pydantic keep models of one name apart, and what a
    model takes from what it gives."""
    wanted: list[tuple[str, JsonSchemaMode, TypeAdapter[Any]]] = []
    for one in operations:
        if one.body is not None:
            wanted.append((_key(one, "body"), "validation", TypeAdapter(one.body)))
        if one.query is not None:
            wanted.append((_key(one, "query"), "validation", TypeAdapter(one.query)))
        if one.returns is not None:
            answer = TypeAdapter(one.returns)
            wanted.append((_key(one, "answer"), "serialization", answer))
    models, whole = TypeAdapter.json_schemas(wanted, ref_template=_REF)
    schemas = whole.get("$defs", {})
    # A query is written out as parameters, not named.
    inline = {
        key: models[key]["$ref"].rpartition("/")[2]
        for key in models
        if key[0].endswith(" query") and "$ref" in models[key]
    }
    queries = {key: schemas[name] for key, name in inline.items()}
    named = {name: s for name, s in schemas.items() if name not in inline.values()}
    return {**models, **queries}, named


def _key(operation: Operation, what: str) -> str:
    return f"{operation.method} {operation.path} {what}"


def _describe(operation: Operation, models: Models) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": "OK"}
    if operation.returns is not None:
        schema = models[_key(operation, "answer"), "serialization"]
        if operation.media_type == EVENTS:
            schema = _event(schema)
        answer["content"] = {operation.media_type: {"schema": schema}}
    status = operation.status if operation.returns is not None else 204
    if operation.media_type != "application/json" and operation.returns is None:
        status = operation.status
        answer["content"] = {operation.media_type: {}}
    result: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.summary,
        "parameters": [*_path_parameters(operation), *_query(operation, models)],
        "responses": {str(status): answer, "default": _problem_answer()},
    }
    if operation.body is not None:
        schema = models[_key(operation, "body"), "validation"]
        content = {"application/json": {"schema": schema}}
        result["requestBody"] = {"required": True, "content": content}
    if operation.roles is not None:
        # Roles that any one of is enough of (OAS 3.1.1 §4.8.30).
        any_of = [[role] for role in operation.roles] or [[]]
        result["security"] = [{"access": roles} for roles in any_of]
    return result


def _event(schema: dict[str, Any]) -> dict[str, Any]:
    """One server-sent event, its data the model as JSON (OAS 3.2 §4.14.4 writes it
    so; 3.1 has no words for it)."""
    data = {
        "type": "string",
        "contentMediaType": "application/json",
        "contentSchema": schema,
    }
    event = {"type": "string"}
    return {
        "type": "object",
        "required": ["event", "data"],
        "properties": {"event": event, "data": data},
    }


def _problem_answer() -> dict[str, Any]:
    schema = {"$ref": _REF.format(model="Problem")}
    return {
        "description": "RFC 9457 problem",
        "content": {"application/problem+json": {"schema": schema}},
    }


def _path_parameters(operation: Operation) -> list[dict[str, Any]]:
    names = re.findall(r"\{(\w+)", operation.path)
    schema = {"type": "string"}
    return [
        {"name": name, "in": "path", "required": True, "schema": schema}
        for name in names
    ]


def _query(operation: Operation, models: Models) -> list[dict[str, Any]]:
    if operation.query is None:
        return []
    whole = models[_key(operation, "query"), "validation"]
    required = whole.get("required", [])
    return [
        {"name": name, "in": "query", "required": name in required, "schema": schema}
        for name, schema in whole.get("properties", {}).items()
    ]
