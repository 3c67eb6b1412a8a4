"""Signed tokens: who may enter which room, which person, which device.

JWT (RFC 7519) with HS256 only; the algorithm and the audience are fixed here, never
read from the token (RFC 8725 §3.1, ASVS 9.1.2, 9.2.3).
"""

import os
import secrets
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from common.errors import DeniedError
from common.ids import ID_PATTERN
from common.protocol.signalling import Role, Source

AccessRole = Literal[
    "teacher", "assistant", "librarian", "timetabler", "observer", "operator"
]


class Grant(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class JoinGrant(Grant):
    """The right to be one participant of one room."""

    room: str
    role: Role
    name: str = ""
    site_room: str | None = None
    publish: list[Source] = Field(default_factory=list)
    control: bool = False


class AccessGrant(Grant):
    """A person. `operator` may do everything. `teacher`, `school`: whose timetable is
    theirs, by its id in the organisation."""

    name: str
    roles: list[AccessRole]
    teacher: Annotated[str, Field(pattern=ID_PATTERN)] | None = None
    school: Annotated[str, Field(pattern=ID_PATTERN)] | None = None

    def may(self, *roles: AccessRole) -> bool:
        return "operator" in self.roles or any(role in self.roles for role in roles)


class DeviceGrant(Grant):
    """One classroom agent."""

    site_room: str


G = TypeVar("G", bound=Grant)

# A room's clock may be off by this much before its token is refused.
LEEWAY_S = 10


class Signer:
    """Makes and reads tokens with one secret of at least 32 characters.

    All times are Unix seconds and arguments.
    """

    def __init__(self, secret: str) -> None:
        if len(secret) < 32:
            raise DeniedError(
                "weak_secret",
                zh="auth.secret 至少要 32 个字符",
                en="auth.secret must have at least 32 characters",
            )
        self._key = OctKey.import_key(secret.encode())

    @property
    def key_id(self) -> str:
        """Names the secret without telling it (RFC 7638): tokens made under another
        one are void."""
        return str(self._key.thumbprint())

    def join(
        self,
        grant: JoinGrant,
        ttl_s: float,
        now_s: float,
        *,
        not_before_s: float | None = None,
    ) -> str:
        """`not_before_s`: for a token that is kept until its lesson comes."""
        return self._sign("join", grant, ttl_s, now_s, not_before_s)

    def read_join(self, token: str, now_s: float) -> JoinGrant:
        """Raises DeniedError: token_invalid, token_too_early, token_expired,
        token_wrong_kind."""
        return self.read_join_until(token, now_s)[0]

    def read_join_until(self, token: str, now_s: float) -> tuple[JoinGrant, float]:
        """The grant, and when the token ends. Raises as `read_join`."""
        return self._read("join", JoinGrant, token, now_s)

    def access(self, grant: AccessGrant, ttl_s: float, now_s: float) -> str:
        return self._sign("access", grant, ttl_s, now_s)

    def read_access(self, token: str, now_s: float) -> AccessGrant:
        """Raises DeniedError: token_invalid, token_expired, token_wrong_kind."""
        return self._read("access", AccessGrant, token, now_s)[0]

    def device(self, grant: DeviceGrant, ttl_s: float, now_s: float) -> str:
        return self._sign("device", grant, ttl_s, now_s)

    def read_device(self, token: str, now_s: float) -> DeviceGrant:
        """Raises DeniedError: token_invalid, token_expired, token_wrong_kind."""
        return self._read("device", DeviceGrant, token, now_s)[0]

    def _sign(
        self,
        kind: str,
        grant: Grant,
        ttl_s: float,
        now_s: float,
        not_before_s: float | None = None,
    ) -> str:
        claims = {
            "aud": kind,
            "iat": int(now_s),
            "exp": int(now_s + ttl_s),
            "grant": grant.model_dump(mode="json", exclude_none=True),
        }
        if not_before_s is not None:
            claims["nbf"] = int(not_before_s)
        return jwt.encode({"alg": "HS256"}, claims, self._key)

    def _read(
        self, kind: str, model: type[G], token: str, now_s: float
    ) -> tuple[G, float]:
        """The grant and the end of its time."""
        try:
            claims = jwt.decode(token, self._key, algorithms=["HS256"]).claims
            expires, audience = float(claims["exp"]), claims["aud"]
            begins = float(claims.get("nbf", 0))
            grant = claims["grant"]
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise _invalid() from error
        if audience != kind:
            raise DeniedError(
                "token_wrong_kind",
                zh="令牌用途不对",
                en=f"this token is not a {kind} token",
            )
        if now_s > expires + LEEWAY_S:
            raise DeniedError(
                "token_expired", zh="令牌已过期，请重新进入", en="the token has expired"
            )
        if now_s < begins - LEEWAY_S:
            raise DeniedError(
                "token_too_early",
                zh="还没到进入课堂的时间，到时会自动进入",
                en="this token opens the room shortly before its lesson, not yet",
            )
        try:
            return model.model_validate(grant), expires
        except ValidationError as error:
            raise _invalid() from error


def _invalid() -> DeniedError:
    return DeniedError("token_invalid", zh="令牌无效", en="the token is not valid")


def ensure_secret(configured: str, data_dir: Path) -> str:
    """The configured secret, else one made once and kept in the data directory."""
    if configured:
        return configured
    path = data_dir / "secret"
    if not path.exists():
        data_dir.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(f".{os.getpid()}")
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_urlsafe(48))
        fresh.replace(path)
    return path.read_text().strip()
