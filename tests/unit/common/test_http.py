"""Typed routes on a real HTTP server."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer
from openapi_spec_validator import validate
from pydantic import BaseModel, create_model
from structlog.testing import capture_logs

from common import http
from common.clock import SystemClock
from common.errors import ConflictError
from common.http import Call, Nothing, Router
from common.identity import AccessGrant, AccessRole, Signer
from common.protocol.base import Message

SIGNER = Signer("s" * 40)
Client = TestClient[web.Request, web.Application]


class Number(Message):
    n: int


class Step(Message):
    by: int = 1


def router() -> Router:
    routes = Router("/api", "Test")

    @routes.post(
        "/add/{to}", body=Number, query=Step, returns=Number, roles=("teacher",)
    )
    async def add(call: Call[Number, Step]) -> Number:
        """Adds."""
        return Number(n=int(call.path["to"]) + call.body.n * call.query.by)

    @routes.get("/many", returns=list[Number])
    async def many(_call: Call[Nothing, Nothing]) -> list[Number]:
        return [Number(n=1), Number(n=2)]

    @routes.get("/parts", returns=list[Number])
    async def parts(_call: Call[Nothing, Nothing]) -> AsyncIterator[list[Number]]:
        async def of_a_list() -> AsyncIterator[list[Number]]:
            for part in ([1, 2], [], [3]):
                yield [Number(n=n) for n in part]

        return of_a_list()

    @routes.delete("/clash")
    async def clash(_call: Call[Nothing, Nothing]) -> None:
        raise ConflictError("clash", zh="冲突", en="a clash")

    @routes.get("/bug/{token}")
    async def secret_bug(_call: Call[Nothing, Nothing]) -> None:
        raise RuntimeError("secret detail")

    @routes.get("/bug")
    async def bug(_call: Call[Nothing, Nothing]) -> None:
        raise RuntimeError("secret detail")

    return routes


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    app = http.application(SIGNER, SystemClock())
    app.add_routes(router().routes())
    async with TestClient(TestServer(app)) as client:
        yield client


def token(role: AccessRole, ttl_s: float = 60) -> str:
    now_s = SystemClock().wall_us() / 1_000_000
    return SIGNER.access(AccessGrant(name="x", roles=[role]), ttl_s, now_s)


def bearer(role: AccessRole) -> dict[str, str]:
    return {"Authorization": "Bearer " + token(role)}


async def code(answer: ClientResponse) -> tuple[int, str]:
    return answer.status, (await answer.json(content_type=None))["code"]


async def test_a_list_that_comes_in_parts_is_one_list(client: Client) -> None:
    answer = await client.get("/api/parts")
    assert await answer.json() == [{"n": 1}, {"n": 2}, {"n": 3}]


async def test_a_good_request_is_answered_with_the_model(client: Client) -> None:
    answer = await client.post(
        "/api/add/5?by=10", json={"n": 2}, headers=bearer("teacher")
    )
    assert (answer.status, await answer.json()) == (200, {"n": 25})


async def test_a_list_of_models_is_written(client: Client) -> None:
    answer = await client.get("/api/many")
    assert await answer.json() == [{"n": 1}, {"n": 2}]


async def test_a_bad_body_names_the_field(client: Client) -> None:
    answer = await client.post("/api/add/5", json={"n": "x"}, headers=bearer("teacher"))
    assert answer.content_type == "application/problem+json"
    assert (await answer.json(content_type=None))["zh"].startswith("body.n 有误")
    assert await code(answer) == (400, "bad_body")


@pytest.mark.parametrize("n", ['"5"', "5.0", "true", "null"])
async def test_a_body_is_what_the_document_says_and_nothing_like_it(
    client: Client, n: str
) -> None:
    body = f'{{"n": {n}}}'
    answer = await client.post("/api/add/5", data=body, headers=bearer("teacher"))
    assert await code(answer) == (400, "bad_body")


async def test_a_nul_is_refused_wherever_it_stands(client: Client) -> None:
    head = bearer("teacher")
    answer = await client.post("/api/add/%00", json={"n": 1}, headers=head)
    assert await code(answer) == (404, "no_such_path")
    answer = await client.post("/api/add/5?by=1%00", json={"n": 1}, headers=head)
    assert await code(answer) == (400, "bad_query")
    answer = await client.post("/api/add/5", json={"n": 1, "x": "\0"}, headers=head)
    assert await code(answer) == (400, "bad_body")
    spelled = {"n": 1, "x": "\\u0000"}
    answer = await client.post("/api/add/5", json=spelled, headers=head)
    assert answer.status == 200


async def test_what_the_library_refuses_is_a_problem_too(client: Client) -> None:
    assert await code(await client.get("/api/nowhere")) == (404, "no_such_path")
    answer = await client.delete("/api/many")
    assert await code(answer) == (405, "method_not_allowed")
    assert answer.headers["Allow"] == "GET,HEAD"
    answer = await client.post(
        "/api/add/5", data=bytes(4_000_001), headers=bearer("teacher")
    )
    assert await code(answer) == (413, "body_too_large")
    assert answer.content_type == "application/problem+json"


async def test_a_bad_query_is_refused(client: Client) -> None:
    answer = await client.post(
        "/api/add/5?by=x", json={"n": 1}, headers=bearer("teacher")
    )
    assert await code(answer) == (400, "bad_query")


async def test_nobody_is_asked_to_sign_in_and_the_wrong_person_is_denied(
    client: Client,
) -> None:
    assert await code(await client.post("/api/add/5", json={"n": 1})) == (
        401,
        "sign_in",
    )
    librarian = await client.post(
        "/api/add/5", json={"n": 1}, headers=bearer("librarian")
    )
    assert await code(librarian) == (403, "denied")


async def test_an_expired_token_asks_to_sign_in_again(client: Client) -> None:
    expired = {"Authorization": "Bearer " + token("teacher", -60)}
    answer = await client.post("/api/add/5", json={"n": 1}, headers=expired)
    assert await code(answer) == (401, "token_expired")


async def test_a_cookie_counts_only_for_our_own_pages(client: Client) -> None:
    cookie = {"Cookie": f"{http.ACCESS_COOKIE}={token('teacher')}"}
    own = {**cookie, "Origin": f"http://{client.host}:{client.port}"}
    answer = await client.post("/api/add/5", json={"n": 1}, headers=own)
    assert answer.status == 200
    other = {**cookie, "Origin": "http://evil.example"}
    answer = await client.post("/api/add/5", json={"n": 1}, headers=other)
    assert await code(answer) == (401, "sign_in")


async def test_our_error_becomes_a_problem_and_a_bug_gives_nothing_away(
    client: Client,
) -> None:
    assert await code(await client.delete("/api/clash")) == (409, "clash")
    answer = await client.get("/api/bug")
    assert "secret detail" not in await answer.text()
    assert await code(answer) == (500, "internal")


async def test_a_token_in_an_address_is_not_written_to_the_log(client: Client) -> None:
    with capture_logs() as lines:
        assert (await client.get("/api/bug/hard-to-guess")).status == 500
    assert [line["path"] for line in lines] == ["/api/bug/…"]


async def test_the_document_is_valid_openapi(client: Client) -> None:
    document = await (await client.get("/api/openapi.json")).json()
    validate(document)
    assert document["openapi"] == "3.1.0"
    assert set(document["paths"]["/api/add/{to}"]) == {"post"}


async def test_the_document_names_the_roles_that_are_enough(client: Client) -> None:
    paths = (await (await client.get("/api/openapi.json")).json())["paths"]
    assert paths["/api/add/{to}"]["post"]["security"] == [{"access": ["teacher"]}]
    assert "security" not in paths["/api/many"]["get"]


async def test_models_of_one_name_stay_apart_in_the_document() -> None:
    def named_view(field: str) -> type[BaseModel]:
        return create_model("View", __module__=f"of_{field}", **{field: (int, ...)})  # type: ignore[call-overload, no-any-return]

    routes = Router("/api", "Test")

    async def nothing(_call: Call[Nothing, Nothing]) -> None:
        """Nothing."""

    for field in ("a", "b"):
        routes.get(f"/{field}", returns=named_view(field))(nothing)
    document = routes.openapi()
    for field in ("a", "b"):
        answer = document["paths"][f"/api/{field}"]["get"]["responses"]["200"]
        ref = answer["content"]["application/json"]["schema"]["$ref"]
        schema = document["components"]["schemas"][ref.rpartition("/")[2]]
        assert list(schema["properties"]) == [field]
