"""The bus: one stream of events in Redis or Valkey. The only user of redis-py.

A named reader keeps its position in the store and gets every event at least once,
also after a restart; a name seen for the first time starts at now. The stream is
trimmed to about `_KEPT` events: the bus carries news, the database keeps the truth.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from redis import asyncio as redis
from redis.backoff import ExponentialBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from common import log
from common.errors import ParseError, UnavailableError
from common.protocol.base import parse_message
from common.protocol.events import BusEvent, Event, bus_event

_STREAM = "tongke:events"
_KEPT = 20_000
_BLOCK_MS = 2_000
_RETRY_S = 1.0

_log = log.get("bus")


class Bus:
    def __init__(self, url: str) -> None:
        # redis-py's own deadline must be longer than a blocking read.
        self._redis = redis.Redis.from_url(
            url,
            decode_responses=True,
            # RESP2: a read answers a list of (stream, entries) on every server.
            protocol=2,
            socket_timeout=_BLOCK_MS / 1000 + 5,
            socket_connect_timeout=5,
            retry=Retry(ExponentialBackoff(cap=1, base=0.05), retries=3),
        )

    async def connect(self) -> None:
        """Raises UnavailableError(`bus_unreachable`)."""
        if not await self.ping():
            raise UnavailableError(
                "bus_unreachable",
                zh="连不上消息总线，请检查 bus.url",
                en="the bus is unreachable, check bus.url",
            )

    async def ping(self) -> bool:
        try:
            return bool(await self._redis.ping())
        except (RedisError, OSError):
            return False

    async def publish(self, event: Event) -> None:
        """Raises UnavailableError(`bus_unreachable`) after a few tries."""
        try:
            await self._redis.xadd(
                _STREAM, {"event": event.to_json()}, maxlen=_KEPT, approximate=True
            )
        except (RedisError, OSError) as error:
            raise UnavailableError(
                "bus_unreachable", zh="消息总线暂时不可用", en=str(error)
            ) from error
        _heed_cancellation()

    async def subscribe(self, name: str) -> AsyncIterator[BusEvent]:
        """Events for the reader `name`, for ever; an outage is waited out.

        An event counts as read when the next one is asked for.
        """
        position_key = f"tongke:position:{name}"
        position: str | None = None
        while True:
            try:
                if position is None:
                    position = await self._first_position(position_key)
                entries = await self._read(position)
            except (RedisError, OSError) as error:
                _log.warning("bus_away", reader=name, error=str(error))
                await asyncio.sleep(_RETRY_S)
                continue
            _heed_cancellation()
            for position, fields in entries:
                event = _parse(fields)
                if event is not None:
                    yield event
                await self._keep(position_key, position)
                _heed_cancellation()

    async def unread(self, name: str) -> AsyncIterator[BusEvent]:
        """What the reader `name` has not read yet, and nothing that is said after.

        Raises UnavailableError.
        """
        position_key = f"tongke:position:{name}"
        try:
            position = await self._first_position(position_key)
            while entries := await self._read(position, block_ms=None):
                for position, fields in entries:
                    event = _parse(fields)
                    if event is not None:
                        yield event
                    await self._keep(position_key, position)
        except (RedisError, OSError) as error:
            raise UnavailableError(
                "bus_unreachable", zh="消息总线暂时不可用", en=str(error)
            ) from error
        _heed_cancellation()

    async def _read(
        self, position: str, block_ms: int | None = _BLOCK_MS
    ) -> list[tuple[str, dict[str, str]]]:
        streams: Any = await self._redis.xread(
            {_STREAM: position}, count=64, block=block_ms
        )
        return [entry for _stream, entries in streams or [] for entry in entries]

    async def _first_position(self, key: str) -> str:
        kept = await self._redis.get(key)
        if kept:
            return str(kept)
        last = await self._redis.xrevrange(_STREAM, count=1)
        first = str(last[0][0]) if last else "0-0"
        await self._redis.set(key, first)
        return first

    async def _keep(self, key: str, position: str) -> None:
        try:
            await self._redis.set(key, position)
        except (RedisError, OSError) as error:
            _log.warning("bus_position_not_kept", key=key, error=str(error))

    async def close(self) -> None:
        await self._redis.aclose()


def _heed_cancellation() -> None:
    """redis-py writes inside `asyncio.wait_for`, which before Python 3.12 loses a
    cancellation that arrives in the moment the write is done (python/cpython#86296):
    the task would go on for ever and `stop()` of a service would hang."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


def _parse(fields: dict[str, str]) -> BusEvent | None:
    try:
        return parse_message(bus_event, fields["event"])
    except (ParseError, KeyError) as error:
        # A newer service on the same bus may say things we do not know yet.
        _log.warning("x bus_event", reason=str(error))
        return None
