"""The second process answers, and is never left behind."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from itertools import count

import psutil
import pytest

from scheduler.solver import first
from scheduler.solver.check import violations
from scheduler.solver.fork import Fork, can_fork
from scheduler.solver.generate import Size, generate
from scheduler.solver.solve import solve
from tests.support.guard import GUARD_S

pytestmark = pytest.mark.skipif(not can_fork(), reason="no fork on this system")

ORPHAN = """
import time
from scheduler.solver.fork import Fork
other = Fork(lambda: time.sleep(600))
print(other.pid, flush=True)
time.sleep(600)
"""


def wait_until_gone(pid: int) -> None:
    end = time.monotonic() + GUARD_S
    while time.monotonic() < end:
        with suppress(psutil.NoSuchProcess):
            if psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
                time.sleep(0.01)
                continue
        return
    raise AssertionError(f"process {pid} is still there")


def answer_of(other: Fork) -> bytes:
    end = time.monotonic() + GUARD_S
    while time.monotonic() < end:
        answer = other.answer()
        if answer is not None:
            return answer
        time.sleep(0.01)
    raise AssertionError("no answer")


def test_the_other_process_knows_what_this_one_knew_and_answers() -> None:
    known = {"a": 1}
    with Fork(lambda: f"{known['a']} {os.getpid()}".encode()) as other:
        known["a"] = 2
        assert answer_of(other) == f"1 {other.pid}".encode()


def test_a_process_that_found_nothing_says_nothing() -> None:
    with Fork(lambda: None) as other:
        assert other.pid is not None
        wait_until_gone(other.pid)
        assert other.answer() is None


def test_leaving_the_block_ends_the_other_process() -> None:
    with Fork(lambda: next(b"" for n in count() if n < 0)) as other:
        pid = other.pid
    assert pid is not None
    assert not psutil.pid_exists(pid)


def test_the_other_process_dies_with_the_first() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", ORPHAN], stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        parent.send_signal(signal.SIGKILL)
    wait_until_gone(pid)


def test_two_searches_race_and_leave_nobody_behind(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(first, "ALONE_SHAKES", 0)
    before = psutil.Process().children()
    made = generate(Size(points=30, lessons=190, load_percent=99), seed=4)
    result = solve(made.problem, seconds=GUARD_S, workers=2, seed=4, first_only=True)
    assert violations(made.problem, result.placements) == []
    assert psutil.Process().children() == before
