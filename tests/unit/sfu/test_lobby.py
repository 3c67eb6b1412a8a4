import pytest

from common.errors import UnavailableError
from sfu.lobby import Lobby


def test_one_address_cannot_fill_the_lobby() -> None:
    lobby = Lobby(per_address=2, total=10)
    for _ in range(2):
        lobby.enter("a")
    with pytest.raises(UnavailableError) as refused:
        lobby.enter("a")
    assert refused.value.code == "too_many_connections"
    assert refused.value.zh
    lobby.enter("b")
    assert len(lobby) == 3


def test_many_addresses_together_cannot_either() -> None:
    lobby = Lobby(per_address=2, total=3)
    for address in ("a", "b", "c"):
        lobby.enter(address)
    with pytest.raises(UnavailableError, match="too_many_connections"):
        lobby.enter("d")


def test_who_leaves_makes_room_once() -> None:
    lobby = Lobby(per_address=1, total=2)
    place = lobby.enter("a")
    place.leave()
    place.leave()
    assert len(lobby) == 0
    lobby.enter("a")
    lobby.enter("b")
    with pytest.raises(UnavailableError):
        lobby.enter("c")


def test_nothing_is_kept_of_addresses_that_are_gone() -> None:
    lobby = Lobby(per_address=1, total=1)
    for number in range(1000):
        lobby.enter(f"address-{number}").leave()
    assert not lobby._waiting
