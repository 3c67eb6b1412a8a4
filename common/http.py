"""The HTTP door: typed routes that check their input once and describe themselves.

A route names the models of its body, query and answer and the roles that may use it;
from the same facts come validation, RFC 9457 problems and the OpenAPI 3.1 document.
"""

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, TypeVar

from aiohttp import hdrs, web
from pydantic import BaseModel, TypeAdapter, ValidationError

from common import log
from common.clock import Clock
from common.errors import (
    DeniedError,
    NotFoundError,
    ParseError,
    RemoteError,
    TongkeError,
)
from common.identity import AccessGrant, AccessRole, Signer
from common.openapi import Operation, document
from common.turns import batched, in_turns

ACCESS_COOKIE = "tongke_access"
SIGNER = web.AppKey("signer", Signer)
CLOCK = web.AppKey("clock", Clock)

_PIECE = 100
"""Rows of a list that are written at once."""

_log = log.get("http")

# PostgreSQL has no place for it in a text, nor has any name.
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


class Nothing(BaseModel):
    """No body, or no query."""


Body = TypeVar("Body", bound=BaseModel)
Query = TypeVar("Query", bound=BaseModel)


@dataclass(frozen=True)
class Call(Generic[Body, Query]):
    """One request, already checked. `who` is None only on routes without roles."""

    request: web.Request
    path: dict[str, str]
    body: Body
    query: Query
    who: AccessGrant | None

    @property
    def person(self) -> AccessGrant:
        """Who is signed in, on a route with roles."""
        assert self.who is not None
        return self.who


Answer = (
    BaseModel
    | Sequence[BaseModel]
    | AsyncIterator[Sequence[BaseModel]]
    | web.StreamResponse
    | None
)
"""An iterator gives the parts of a list too long to be in memory at once."""
Handler = Callable[[Any], Awaitable[Answer]]


class Router:
    """Collects typed routes of one service under one prefix."""

    def __init__(self, prefix: str, title: str) -> None:
        self._prefix = prefix
        self._title = title
        self._operations: list[Operation] = []
        self._routes: list[web.AbstractRouteDef] = []

    def get(self, path: str, **kind: Any) -> Callable[[Handler], Handler]:  # noqa: ANN401
        return self._add(hdrs.METH_GET, path, **kind)

    def post(self, path: str, **kind: Any) -> Callable[[Handler], Handler]:  # noqa: ANN401
        return self._add(hdrs.METH_POST, path, **kind)

    def put(self, path: str, **kind: Any) -> Callable[[Handler], Handler]:  # noqa: ANN401
        return self._add(hdrs.METH_PUT, path, **kind)

    def patch(self, path: str, **kind: Any) -> Callable[[Handler], Handler]:  # noqa: ANN401
        return self._add(hdrs.METH_PATCH, path, **kind)

    def delete(self, path: str, **kind: Any) -> Callable[[Handler], Handler]:  # noqa: ANN401
        return self._add(hdrs.METH_DELETE, path, **kind)

    def _add(
        self,
        method: str,
        path: str,
        *,
        returns: Any = None,  # noqa: ANN401 - a model or list[model]
        body: type[BaseModel] = Nothing,
        query: type[BaseModel] = Nothing,
        roles: Sequence[AccessRole] | None = None,
        status: int = 200,
        media_type: str = "application/json",
    ) -> Callable[[Handler], Handler]:
        """`roles`: None is open to all, () is any signed-in person."""

        def register(handler: Handler) -> Handler:
            operation = Operation(
                method=method.lower(),
                path=self._prefix + path,
                name=handler.__name__,
                summary=(handler.__doc__ or "").strip().split("\n")[0],
                body=None if body is Nothing else body,
                query=None if query is Nothing else query,
                returns=returns,
                status=status,
                media_type=media_type,
                roles=roles,
            )
            self._operations.append(operation)
            run = _runner(handler, operation, roles)
            self._routes.append(web.route(method, operation.path, run))
            return handler

        return register

    def routes(self) -> list[web.AbstractRouteDef]:
        """All routes, and the description of them at `<prefix>/openapi.json`."""
        description = web.get(self._prefix + "/openapi.json", self._describe)
        return [*self._routes, description]

    def openapi(self) -> dict[str, Any]:
        return document(self._title, self._operations)

    async def _describe(self, _request: web.Request) -> web.Response:
        return web.json_response(self.openapi())


def _runner(
    handler: Handler, operation: Operation, roles: Sequence[AccessRole] | None
) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    answer = _Answering(operation)

    async def run(request: web.Request) -> web.StreamResponse:
        who = None if roles is None else require(request, *roles)
        call = Call(
            request=request,
            path=_read_path(request),
            body=await _read_body(request, operation.body),
            query=_read_query(request, operation.query),
            who=who,
        )
        return await answer.write(await handler(call))

    return run


def _read_path(request: web.Request) -> dict[str, str]:
    path = dict(request.match_info)
    if any("\0" in text for text in path.values()):
        raise _no_such_path()
    return path


async def _read_body(request: web.Request, model: type[BaseModel] | None) -> BaseModel:
    if model is None:
        return Nothing()
    data = await request.read()
    if _NUL.search(data):
        raise _nul("body")
    # Strict: what the document calls a number is no text, nor 0 a `false`.
    try:
        return model.model_validate_json(data, strict=True)
    except ValidationError as error:
        raise _explain("body", error) from error


def _read_query(request: web.Request, model: type[BaseModel] | None) -> BaseModel:
    if model is None:
        return Nothing()
    if any("\0" in text for text in request.query.values()):
        raise _nul("query")
    try:
        return model.model_validate(dict(request.query))
    except ValidationError as error:
        raise _explain("query", error) from error


def _nul(place: str) -> ParseError:
    return ParseError(
        "bad_" + place,
        zh=f"{place} 有看不见的控制字符，请重新输入",
        en=f"{place}: has an invisible control character (NUL); type it again",
    )


def _no_such_path() -> NotFoundError:
    return NotFoundError("no_such_path", zh="没有这个地址", en="no such path")


def _explain(place: str, error: ValidationError) -> ParseError:
    detail = error.errors(include_url=False)[0]
    where = ".".join(str(part) for part in (place, *detail["loc"]))
    # A value's own rule says in both languages what to do.
    zh = detail.get("ctx", {}).get("zh", "有误，请改正后再试")
    return ParseError(
        "bad_" + place, zh=f"{where} {zh}", en=f"{where}: {detail['msg']}"
    )


class _Answering:
    """Writes what handlers of one route return; long lists a piece at a time."""

    def __init__(self, operation: Operation) -> None:
        self._operation = operation

    @cached_property
    def _adapter(self) -> TypeAdapter[Any]:
        """Made once: it costs milliseconds."""
        return TypeAdapter(self._operation.returns)

    async def write(self, answer: Answer) -> web.StreamResponse:
        if isinstance(answer, web.StreamResponse):
            return answer
        if answer is None:
            return web.Response(status=204)
        return web.Response(
            body=await self._json(answer),
            status=self._operation.status,
            content_type="application/json",
        )

    async def _json(
        self,
        answer: BaseModel | Sequence[BaseModel] | AsyncIterator[Sequence[BaseModel]],
    ) -> bytes:
        if isinstance(answer, BaseModel):
            return self._adapter.dump_json(answer, by_alias=True)
        if isinstance(answer, Sequence):
            pieces = await self._pieces(answer)
        else:
            pieces = [one async for some in answer for one in await self._pieces(some)]
        return b"[" + b",".join(pieces) + b"]"

    async def _pieces(self, rows: Sequence[BaseModel]) -> list[bytes]:
        return [
            self._adapter.dump_json(some, by_alias=True)[1:-1]
            async for some in in_turns(batched(rows, _PIECE))
        ]


def read_bearer(request: web.Request) -> str:
    """The Bearer token (RFC 6750 §2.1), or an empty text."""
    scheme, _, token = request.headers.get(hdrs.AUTHORIZATION, "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def signed_in(request: web.Request) -> AccessGrant | None:
    """The person behind a request: Bearer first, then the cookie.

    A cookie counts only when the page that sent it is ours (`Origin`), so that another
    site cannot act for a signed-in person. Raises DeniedError for a bad token.
    """
    token = read_bearer(request)
    if not token and is_own_origin(request):
        token = request.cookies.get(ACCESS_COOKIE, "")
    if not token:
        return None
    now_s = request.app[CLOCK].wall_us() / 1_000_000
    return request.app[SIGNER].read_access(token, now_s)


def require(request: web.Request, *roles: AccessRole) -> AccessGrant:
    """Raises DeniedError: `sign_in` (401) or `denied` (403)."""
    who = signed_in(request)
    if who is None:
        raise DeniedError("sign_in", zh="请先登录", en="please sign in")
    if roles and not who.may(*roles):
        raise DeniedError(
            zh="您没有这项权限。需要的话，请管理员另发一个登录链接",
            en="your account may not do this; ask the administrator for another"
            " sign-in link",
        )
    return who


def is_own_origin(request: web.Request) -> bool:
    """True without an `Origin` (not a cross-site request), or with our own host."""
    origin = request.headers.get(hdrs.ORIGIN)
    return origin is None or origin.partition("://")[2] == request.host


_SIGN_IN_CODES = {"sign_in", "token_invalid", "token_expired", "token_wrong_kind"}


def problem(error: TongkeError, status: int | None = None) -> web.Response:
    """RFC 9457, with a stable `code` and a sentence in both languages."""
    status = status or (401 if error.code in _SIGN_IN_CODES else error.status)
    body = {
        "type": f"urn:tongke:problem:{error.code}",
        "title": error.en,
        "status": status,
        "code": error.code,
        "zh": error.zh,
        "en": error.en,
        **error.more,
    }
    return web.json_response(
        body, status=status, content_type="application/problem+json"
    )


@web.middleware
async def error_middleware(
    request: web.Request,
    handler: Callable[[web.Request], Awaitable[web.StreamResponse]],
) -> web.StreamResponse:
    """Our errors become problems; anything else is a bug: logged, 500, no details."""
    try:
        return await handler(request)
    except TongkeError as error:
        return problem(error)
    except web.HTTPException as refusal:
        if refusal.status < 400:
            raise
        return _refused(refusal)
    except Exception:  # the outermost loop of a request
        _log.exception("request_failed", method=request.method, path=_path(request))
        return problem(TongkeError(zh="服务器内部错误", en="internal error"))


def _refused(refusal: web.HTTPException) -> web.Response:
    """The problem of a request that the HTTP library refuses before we see it."""
    match refusal.status:
        case 404:
            error: RemoteError = _no_such_path()
        case 405:
            error = RemoteError(
                "method_not_allowed",
                zh="这个地址不接受这种请求",
                en=f"this path takes {refusal.headers.get(hdrs.ALLOW)} only",
            )
        case 413:
            error = RemoteError(
                "body_too_large",
                zh="发送的内容太大，请分几次发送",
                en="the body is too large; send it in parts",
            )
        case _:
            error = RemoteError(zh="请求有误", en=refusal.reason)
    response = problem(error, refusal.status)
    if hdrs.ALLOW in refusal.headers:
        response.headers[hdrs.ALLOW] = refusal.headers[hdrs.ALLOW]
    return response


def _path(request: web.Request) -> str:
    """For the log: an address that is a secret itself is not written down."""
    token = request.match_info.get("token")
    return request.path.replace(token, "…") if token else request.path


def application(
    signer: Signer, clock: Clock, *, max_body_bytes: int = 4_000_000
) -> web.Application:
    """An application whose routes know who asks and what time it is."""
    app = web.Application(
        middlewares=[error_middleware], client_max_size=max_body_bytes
    )
    app[SIGNER] = signer
    app[CLOCK] = clock
    return app
