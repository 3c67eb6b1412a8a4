"""Errors, split by who is to blame.

    TongkeError
    ├── RemoteError   a person, peer, device or network sent or did something unusable:
    │   │             tell them, log, drop or retry
    │   ├── ParseError        input that does not parse (also a ValueError)
    │   ├── DeniedError       not allowed, or not signed in
    │   ├── NotFoundError
    │   └── ConflictError     allowed, but not now: clash, second master, finished
    ├── UnavailableError  something we depend on is away: retry later
    └── UsageError        our own caller is wrong: a bug

Every error has a stable `code` (for programs), and a message for people: Chinese
first, English after it, saying what to do.
"""

from collections.abc import Mapping
from typing import Any


class TongkeError(Exception):
    """Base. `code` never changes once released; `zh` and `en` may. `more`: facts for
    programs, as JSON, beside them in the problem (RFC 9457 §3.2)."""

    status = 500
    default_code = "internal"

    def __init__(
        self,
        code: str = "",
        *,
        zh: str = "",
        en: str = "",
        more: Mapping[str, Any] | None = None,
    ) -> None:
        self.code = code or self.default_code
        self.more = dict(more or {})
        self.zh = zh
        self.en = en or self.code
        super().__init__(f"{self.code}: {self.en}")


class RemoteError(TongkeError):
    status = 400
    default_code = "bad_request"


class ParseError(RemoteError, ValueError):
    status = 400
    default_code = "unparsable"


class DeniedError(RemoteError):
    status = 403
    default_code = "denied"


class NotFoundError(RemoteError):
    status = 404
    default_code = "not_found"


class ConflictError(RemoteError):
    status = 409
    default_code = "conflict"


class UnavailableError(TongkeError):
    status = 503
    default_code = "unavailable"


class UsageError(TongkeError):
    status = 500
    default_code = "usage"
