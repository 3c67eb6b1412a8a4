"""What is made to stay is not looked through, and still goes when nobody needs it."""

import gc
import weakref

import pytest

from common.memory import made_to_pass, made_to_stay


class Thing:
    pass


def test_the_collector_is_off_while_things_are_made_and_on_again_after() -> None:
    with made_to_stay():
        assert not gc.isenabled()
        thing = Thing()
    assert gc.isenabled()
    assert gc.get_freeze_count() > 0
    assert not any(one is thing for one in gc.get_objects())
    gone = weakref.ref(thing)
    del thing
    assert gone() is None
    gc.unfreeze()


def test_a_failure_while_making_turns_the_collector_on_again() -> None:
    with pytest.raises(ValueError, match="half made"), made_to_stay():
        raise ValueError("half made")
    assert gc.isenabled()
    gc.unfreeze()


def test_the_collector_stays_off_until_the_last_of_several_is_made() -> None:
    with made_to_pass():
        with made_to_pass():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()
