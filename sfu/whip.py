"""WHIP (RFC 9725): FFmpeg, OBS or GStreamer publish into a room with one POST.

The join token is the Bearer token. What is published follows from the kinds of the
offer's sections. Neither trickle ICE nor ICE restarts are offered, so there is no
PATCH (§4.3: answered with 405).
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import hdrs, web

from common.clock import Clock
from common.errors import DeniedError, NotFoundError, ParseError
from common.http import read_bearer
from common.identity import JoinGrant, Signer
from common.ids import ParticipantId
from sfu.live import Entrance, LiveRoom
from sfu.node import Node

PREFIX = "/sfu/v1/whip"
OFFER_MAX_BYTES = 200_000
SDP = "application/sdp"


class UnsupportedMediaError(ParseError):
    status = 415


class TooLargeError(ParseError):
    status = 413


@dataclass(frozen=True, slots=True)
class _Resource:
    room: LiveRoom
    grant: JoinGrant


class Whip:
    def __init__(self, node: Node, signer: Signer, clock: Clock) -> None:
        self._node = node
        self._signer = signer
        self._clock = clock
        self._resources: dict[ParticipantId, _Resource] = {}

    def routes(self) -> Sequence[web.AbstractRouteDef]:
        return [
            web.post(PREFIX + "/{room}", self._publish),
            web.options(PREFIX + "/{room}", self._describe),
            web.delete(PREFIX + "/{room}/{resource}", self._stop),
        ]

    async def _publish(self, request: web.Request) -> web.Response:
        """§4.2: 201 with the answer, the resource's place and its ICE session tag."""
        grant, until = self._read_grant(request)
        offer = await _read_offer(request)
        entrance = Entrance(grant, "WHIP", offer, None, until)
        room, joined = self._node.join(entrance, door=None)
        who = ParticipantId(joined.participant)
        self._forget_gone()
        self._resources[who] = _Resource(room, grant)
        return web.Response(
            status=201,
            text=joined.answer,
            content_type=SDP,
            headers={
                hdrs.LOCATION: f"{PREFIX}/{grant.room}/{who}",
                hdrs.ETAG: f'"{secrets.token_hex(8)}"',
            },
        )

    async def _describe(self, _request: web.Request) -> web.Response:
        return web.Response(status=204, headers={"Accept-Post": SDP})

    async def _stop(self, request: web.Request) -> web.Response:
        """§4.2: the publisher ends the session."""
        grant, _ = self._read_grant(request)
        who = ParticipantId(request.match_info["resource"])
        resource = self._resources.pop(who, None)
        if resource is None or resource.grant != grant:
            if resource is not None:
                self._resources[who] = resource
            raise NotFoundError(
                "no_such_resource", zh="没有这路直播", en="no such WHIP resource"
            )
        resource.room.leave(who, "left")
        return web.Response(status=200)

    def _read_grant(self, request: web.Request) -> tuple[JoinGrant, float]:
        """And when its token ends."""
        now_s = self._clock.wall_us() / 1_000_000
        grant, until = self._signer.read_join_until(read_bearer(request), now_s)
        if grant.room != request.match_info["room"]:
            raise DeniedError(
                "token_wrong_room",
                zh="令牌不属于这个课堂",
                en="this token is for another room",
            )
        return grant, until

    def _forget_gone(self) -> None:
        self._resources = {
            who: r for who, r in self._resources.items() if who in r.room.seats
        }


async def _read_offer(request: web.Request) -> str:
    if request.content_type != SDP:
        raise UnsupportedMediaError(
            "not_sdp", zh="请求体须为 application/sdp", en=f"the body must be {SDP}"
        )
    body = await request.content.read(OFFER_MAX_BYTES + 1)
    while len(body) <= OFFER_MAX_BYTES:
        more = await request.content.read(OFFER_MAX_BYTES + 1)
        if not more:
            break
        body += more
    if len(body) > OFFER_MAX_BYTES:
        raise TooLargeError(
            "offer_too_large", zh="SDP 过大", en="the offer is too large"
        )
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise ParseError(
            "bad_sdp", zh="媒体描述 (SDP) 无法解析", en="the offer is not UTF-8"
        ) from error
