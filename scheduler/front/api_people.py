"""The HTTP interface of people: signing in, and the links that others sign in with."""

from aiohttp import web

from common.clock import Clock
from common.config import Config
from common.errors import DeniedError
from common.http import ACCESS_COOKIE, Call, Nothing, Router
from common.identity import AccessGrant, Signer
from scheduler.catalogue.desk import WorldDesk, find
from scheduler.catalogue.organisation import School, Teacher
from scheduler.front.views import AccessKey, KeyOrder, Me, SignIn


class PeopleApi:
    def __init__(
        self, config: Config, clock: Clock, signer: Signer, desk: WorldDesk
    ) -> None:
        self._config = config
        self._clock = clock
        self._signer = signer
        self._desk = desk

    def add_to(self, router: Router) -> None:
        router.post("/sign-in", body=SignIn, returns=Me)(self.sign_in)
        router.post("/sign-out")(self.sign_out)
        router.get("/me", roles=(), returns=Me)(self.me)
        router.post(
            "/access-keys",
            roles=("operator",),
            body=KeyOrder,
            returns=AccessKey,
            status=201,
        )(self.make_access_key)

    async def sign_in(self, call: Call[SignIn, Nothing]) -> web.Response:
        """Turns an access key into a cookie that scripts cannot read."""
        grant = self._signer.read_access(call.body.key, self._now())
        response = web.json_response(text=_me(grant).model_dump_json())
        response.set_cookie(
            ACCESS_COOKIE,
            call.body.key,
            max_age=int(self._ttl_s),
            httponly=True,
            samesite="Strict",
            secure=self._config.public_url.startswith("https://"),
            path="/",
        )
        return response

    async def sign_out(self, _call: Call[Nothing, Nothing]) -> web.Response:
        """Forgets the cookie."""
        response = web.Response(status=204)
        response.del_cookie(ACCESS_COOKIE, path="/")
        return response

    async def me(self, call: Call[Nothing, Nothing]) -> Me:
        """Who is signed in."""
        return _me(call.person)

    async def make_access_key(self, call: Call[KeyOrder, Nothing]) -> AccessKey:
        """A sign-in link for somebody else."""
        order = call.body
        if "operator" in order.roles:
            # Whoever borrows an operator's browser must not make himself one for good.
            raise DeniedError(
                "operator_by_command_only",
                zh="管理员的密钥只能在服务器上用 tongke token 生成；请选别的角色",
                en="an operator's key is made on the server, by `tongke token`;"
                " choose other roles",
            )
        world = await self._desk.world()
        if order.teacher is not None:
            find(world, Teacher, order.teacher)
        if order.school is not None:
            find(world, School, order.school)
        now, grant = self._now(), AccessGrant(**order.model_dump())
        key = self._signer.access(grant, self._ttl_s, now)
        return AccessKey(key=key, path=f"/#key={key}", expires_at=now + self._ttl_s)

    @property
    def _ttl_s(self) -> float:
        return self._config.auth.access_hours * 3600

    def _now(self) -> float:
        return self._clock.wall_us() / 1_000_000


def _me(grant: AccessGrant) -> Me:
    return Me(
        name=grant.name, roles=grant.roles, teacher=grant.teacher, school=grant.school
    )
