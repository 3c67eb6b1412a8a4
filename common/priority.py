"""Media before everything else on the machine."""

import os
from contextlib import suppress
from pathlib import Path

_NICENESS = -5
"""Above ordinary programs, below what keeps the system itself alive."""
_PATIENCE = 10
_OOM_SCORE = "800"


def come_first() -> bool:
    """Asks the system to run this program before others when the processor is short;
    what it starts inherits that. False when it may not (setpriority(2) needs
    CAP_SYS_NICE, or `Nice=` of the service manager)."""
    try:
        os.setpriority(os.PRIO_PROCESS, 0, _NICENESS)
    except (PermissionError, AttributeError):
        return False
    return True


def come_last(memory_bytes: int) -> None:
    """For a program of its own that calculates: it runs when others do not need the
    processor, may take this much memory, and is the first to be ended when the
    machine has none left. Where the system does not know a bound, it is left out."""
    os.nice(_PATIENCE)
    with suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_DATA, (memory_bytes, memory_bytes))
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(_OOM_SCORE)
