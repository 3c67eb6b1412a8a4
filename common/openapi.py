"""The OpenAPI 3.1 document of a set of routes (OAS 3.1.1)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, TypeAdapter

_PROBLEM = {
    "type": "object",
    "required": ["status", "code", "zh", "en"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "zh": {"type": "string"},
        "en": {"type": "string"},
    },
}
_REF = "#/components/schemas/{model}"


@dataclass(frozen=True)
class Operation:
    """One route. `returns`: a model, `list[model]`, or None for no JSON answer."""

    method: str
    path: str
    name: str
    summary: str
    body: type[BaseModel] | None
    query: type[BaseModel] | None
    returns: Any
    status: int
    media_type: str
    signed_in: bool


def document(title: str, operations: Sequence[Operation]) -> dict[str, Any]:
    schemas: dict[str, Any] = {"Problem": _PROBLEM}
    paths: dict[str, Any] = {}
    for operation in operations:
        path = re.sub(r"\{(\w+):[^}]*\}", r"{\1}", operation.path)
        paths.setdefault(path, {})[operation.method] = _describe(operation, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": "1"},
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {"access": {"type": "http", "scheme": "bearer"}},
        },
    }


def _describe(operation: Operation, schemas: dict[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": "OK"}
    if operation.returns is not None:
        schema = _schema(operation.returns, schemas, "serialization")
        answer["content"] = {operation.media_type: {"schema": schema}}
    status = operation.status if operation.returns is not None else 204
    if operation.media_type != "application/json" and operation.returns is None:
        status = operation.status
        answer["content"] = {operation.media_type: {}}
    result: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.summary,
        "parameters": [*_path_parameters(operation), *_query(operation, schemas)],
        "responses": {str(status): answer, "default": _problem_answer()},
    }
    if operation.body is not None:
        schema = _schema(operation.body, schemas, "validation")
        content = {"application/json": {"schema": schema}}
        result["requestBody"] = {"required": True, "content": content}
    if operation.signed_in:
        result["security"] = [{"access": []}]
    return result


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


def _query(operation: Operation, schemas: dict[str, Any]) -> list[dict[str, Any]]:
    if operation.query is None:
        return []
    whole = operation.query.model_json_schema(ref_template=_REF)
    schemas.update(whole.pop("$defs", {}))
    required = whole.get("required", [])
    return [
        {"name": name, "in": "query", "required": name in required, "schema": schema}
        for name, schema in whole.get("properties", {}).items()
    ]


def _schema(kind: Any, schemas: dict[str, Any], mode: Any) -> dict[str, Any]:  # noqa: ANN401
    whole = TypeAdapter(kind).json_schema(mode=mode, ref_template=_REF)
    schemas.update(whole.pop("$defs", {}))
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        schemas[kind.__name__] = whole
        return {"$ref": _REF.format(model=kind.__name__)}
    return dict(whole)
