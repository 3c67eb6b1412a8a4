"""On a running server, over its HTTP interface."""

import argparse
import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import aiohttp
from yarl import URL

from common.clock import SystemClock
from common.errors import NotFoundError, ParseError, TongkeError
from common.identity import AccessGrant, Signer, ensure_secret
from scheduler.importer.fault import Fault
from tongke.timetable.offline import read_files
from tongke.timetable.say import Line, sentence, show_all, show_report
from tongke.up import load_config

_KEY_S = 3600.0


class RefusedError(TongkeError):
    """The server said no, in its own words."""


async def run(parsed: argparse.Namespace) -> int:
    async with _server(parsed) as server:
        match parsed.verb:
            case "solve":
                return await _solve(server, parsed)
            case "check":
                return await _check(server, parsed)
            case "explain":
                return await _explain(server, parsed)
            case "import":
                return await _import(server, parsed)
            case _:
                return await _export(server, parsed)


class Server:
    """Raises RefusedError with the problem's own sentences (RFC 9457)."""

    def __init__(self, http: aiohttp.ClientSession) -> None:
        self.http = http

    async def call(
        self,
        method: str,
        path: str,
        body: object = None,
        **query: str,
    ) -> Any:  # noqa: ANN401 - JSON
        async with self.http.request(
            method, "/api/v1" + path, json=body, params=query
        ) as answer:
            await refuse(answer)
            return await answer.json()


async def refuse(answer: aiohttp.ClientResponse, *, all_of_them: bool = False) -> None:
    if answer.ok:
        return
    text = await answer.text()
    try:
        problem = json.loads(text)
    except ValueError:
        problem = {}
    faults = [str(Fault.model_validate(one)) for one in problem.get("faults", [])]
    show_all(faults, all_of_them, sys.stderr)
    raise RefusedError(
        problem.get("code", "refused"),
        zh=problem.get("zh", f"服务器回答 {answer.status}"),
        en=problem.get("en", f"the server answered {answer.status} {answer.reason}"),
    )


@asynccontextmanager
async def _server(parsed: argparse.Namespace) -> AsyncIterator[Server]:
    config = load_config(parsed.config, parsed.data, None)
    key = parsed.key
    if key is None:
        signer = Signer(ensure_secret(config.auth.secret, config.server.data_dir))
        grant = AccessGrant(name="tongke timetable", roles=["timetabler"])
        now_s = SystemClock().wall_us() / 1_000_000
        key = signer.access(grant, _KEY_S, now_s)
    if not (key.isascii() and key.isprintable()):
        raise ParseError("bad_key", zh="登录密钥不完整或有别的字", en="not a key")
    url = _address(parsed.server or f"http://127.0.0.1:{config.server.port}")
    headers = {"Authorization": f"Bearer {key}"}
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=10)
    async with aiohttp.ClientSession(url, headers=headers, timeout=timeout) as http:
        yield Server(http)


def _address(text: str) -> URL:
    """Raises ParseError(`bad_server`)."""
    with suppress(ValueError):
        url = URL(text)
        if url.scheme in ("http", "https") and url.host and url.path == "/":
            return url
    raise ParseError(
        "bad_server",
        zh=f"{text} 不是服务器地址，请写成 http://主机:端口",
        en=f"{text} is no server's address; write http://host:port",
    )


# ---- the solver -------------------------------------------------------------------


async def _solve(server: Server, parsed: argparse.Namespace) -> int:
    edition = parsed.edition or await _new_draft(server, parsed)
    order = {"seconds": parsed.seconds, "keep": parsed.keep}
    job = await server.call("POST", f"/editions/{edition}/solve", order)
    job = await _watch(server, job)
    print(sentence(job))
    print(f"版本 edition {edition}")
    unplaced = (job["progress"] or {}).get("unplaced", 1)
    return 0 if job["answer"] and not unplaced else 1


async def _new_draft(server: Server, parsed: argparse.Namespace) -> str:
    term = parsed.term or await _only_term(server)
    body = {"week": parsed.week} if parsed.week else {}
    edition = await server.call("POST", f"/terms/{term}/editions", body)
    return str(edition["id"])


async def _watch(server: Server, job: dict[str, Any]) -> dict[str, Any]:
    """Until it has ended; Ctrl-C stops it with the best it has found."""
    loop, line = asyncio.get_running_loop(), Line()
    stop = f"/jobs/{job['id']}/stop"
    stopping: list[asyncio.Task[Any]] = []

    def interrupted() -> None:
        stopping.append(loop.create_task(server.call("POST", stop)))

    loop.add_signal_handler(signal.SIGINT, interrupted)
    try:
        path = f"/api/v1/jobs/{job['id']}/stream"
        async with server.http.get(path) as answer:
            await refuse(answer)
            async for raw in answer.content:
                text = raw.decode().strip()
                if text.startswith("data:"):
                    job = json.loads(text.removeprefix("data:"))
                    _show(line, job)
    finally:
        loop.remove_signal_handler(signal.SIGINT)
        await asyncio.gather(*stopping)
    line.end()
    finished: dict[str, Any] = await server.call("GET", f"/jobs/{job['id']}")
    return finished


def _show(line: Line, job: dict[str, Any]) -> None:
    if now := job["progress"]:
        line.show(
            now["phase"], now["seconds"], now["placed"], now["unplaced"], now["cost"]
        )


async def _check(server: Server, parsed: argparse.Namespace) -> int:
    edition = parsed.edition or await _published(server, parsed)
    found = await server.call("GET", f"/editions/{edition}/check")
    for mark, name in (("!", "warnings"), ("x", "problems")):
        for one in found[name]:
            print(f"{mark}  {sentence(one)}")
    for lost in found["unplaced"]:
        print(f"-  {lost['course']}: 还有 {lost['missing']} 节没有时间 without a place")
    missing = sum(one["missing"] for one in found["unplaced"])
    print(f"{len(found['problems'])} 处冲突 broken rules, {missing} 节未排 unplaced")
    return 0 if not found["problems"] and not missing else 1


async def _explain(server: Server, parsed: argparse.Namespace) -> int:
    edition = parsed.edition or await _new_draft(server, parsed)
    order = {"seconds": parsed.seconds}
    job = await server.call("POST", f"/editions/{edition}/explain", order)
    job = await _watch(server, job)
    print(sentence(job))
    for rule in job["rules"]:
        print(f"-  {sentence(rule)}")
    return 1 if job["rules"] else 0


async def _only_term(server: Server) -> str:
    terms = [term["id"] for term in await server.call("GET", "/terms")]
    if len(terms) == 1:
        return str(terms[0])
    names = " ".join(terms) or "-"
    raise NotFoundError(
        "which_term",
        zh=f"请用 --term 写明学期，可选：{names}",
        en=f"name the term with --term, one of: {names}",
    )


async def _published(server: Server, parsed: argparse.Namespace) -> str:
    term = parsed.term or await _only_term(server)
    editions = await server.call("GET", f"/terms/{term}/editions")
    for edition in editions:
        if edition["state"] == "published":
            return str(edition["id"])
    names = " ".join(edition["id"] for edition in editions) or "-"
    raise NotFoundError(
        "nothing_published",
        zh=f"这个学期还没有发布的课表，请用 --edition 写明版本：{names}",
        en=f"nothing is published in this term; name an --edition: {names}",
    )


# ---- files ------------------------------------------------------------------------


async def _import(server: Server, parsed: argparse.Namespace) -> int:
    uploads = read_files(parsed.files)
    if not uploads:
        raise ParseError("no_files", zh="请写明要导入的文件", en="name files to import")
    form = aiohttp.FormData()
    for upload in uploads:
        form.add_field("file", upload.data, filename=upload.name)
    query = {"check": "true"} if parsed.check else {}
    async with server.http.post(
        "/api/v1/import/all", data=form, params=query
    ) as answer:
        await refuse(answer, all_of_them=parsed.all)
        show_report(await answer.json(), parsed.all)
    return 0


async def _export(server: Server, parsed: argparse.Namespace) -> int:
    suffix = parsed.out.suffix
    if suffix not in (".xlsx", ".zip"):
        raise ParseError(
            "bad_out",
            zh="结果文件要以 .xlsx 或 .zip 结尾",
            en="the result must end in .xlsx or .zip",
        )
    path = f"/api/v1/export/{parsed.what}{suffix}"
    async with server.http.get(path) as answer:
        await refuse(answer)
        parsed.out.write_bytes(await answer.read())
    print(parsed.out)
    return 0
