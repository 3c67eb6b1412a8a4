"""Sockets that have not joined yet: so many from one address, so many in all. Pure.

Whoever has a token joins within moments; only a flood, or a fault, waits in numbers.
"""

from collections import Counter

from common.errors import UnavailableError


class Lobby:
    def __init__(self, per_address: int, total: int) -> None:
        self._per_address = per_address
        self._total = total
        self._waiting: Counter[str] = Counter()

    def __len__(self) -> int:
        return self._waiting.total()

    def enter(self, address: str) -> "Place":
        """Raises UnavailableError(`too_many_connections`)."""
        full = len(self) >= self._total
        if full or self._waiting[address] >= self._per_address:
            raise UnavailableError(
                "too_many_connections",
                zh="同时等待加入课堂的连接太多，请过几秒再试",
                en="too many connections wait to join: try again in a few seconds",
            )
        self._waiting[address] += 1
        return Place(self, address)

    def _leave(self, address: str) -> None:
        self._waiting[address] -= 1
        if not self._waiting[address]:
            del self._waiting[address]


class Place:
    """Held until `leave`, which is idempotent."""

    def __init__(self, lobby: Lobby, address: str) -> None:
        self._lobby: Lobby | None = lobby
        self._address = address

    def leave(self) -> None:
        lobby, self._lobby = self._lobby, None
        if lobby is not None:
            lobby._leave(self._address)
