"""Child processes that never outlive their parent."""

import ctypes
import signal

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


def die_with_parent() -> None:
    """For `preexec_fn`: the kernel kills the child when the parent ends, also by
    `kill -9` (prctl(2) PR_SET_PDEATHSIG). It follows the *thread* that forked: start
    children from a thread that lives as long as the program. Linux only; elsewhere
    it does nothing."""
    if hasattr(_libc, "prctl"):
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
