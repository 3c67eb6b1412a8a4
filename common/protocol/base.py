"""How a message is written: one JSON object, its kind in `type`."""

from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from common.errors import ParseError


class Message(BaseModel):
    """Frozen; unknown fields are ignored, so that a newer peer may say more."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    def to_json(self) -> str:
        return self.model_dump_json(exclude_none=True)


M = TypeVar("M")


def parse_message(adapter: TypeAdapter[M], text: str | bytes) -> M:
    """One message of the union that `adapter` holds.

    Raises ParseError: `bad_json`, `unknown_message` or `bad_message`.
    """
    try:
        return adapter.validate_json(text)
    except ValidationError as error:
        raise _explain(error.errors(include_url=False)[0]) from error


def _explain(detail: Any) -> ParseError:  # noqa: ANN401 - pydantic's own type
    where = ".".join(str(part) for part in detail["loc"])
    if detail["type"] == "json_invalid":
        return ParseError("bad_json", zh="消息不是合法的 JSON", en=detail["msg"])
    if detail["type"].startswith("union_tag"):
        return ParseError("unknown_message", zh="不认识的消息", en=detail["msg"])
    return ParseError(
        "bad_message",
        zh=f"消息字段有误: {where}",
        en=f"{where}: {detail['msg']}",
    )
