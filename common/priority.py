"""Media before everything else on the machine."""

import os

_NICENESS = -5
"""Above ordinary programs, below what keeps the system itself alive."""


def come_first() -> bool:
    """Asks the system to run this program before others when the processor is short;
    what it starts inherits that. False when it may not (setpriority(2) needs
    CAP_SYS_NICE, or `Nice=` of the service manager)."""
    try:
        os.setpriority(os.PRIO_PROCESS, 0, _NICENESS)
    except (PermissionError, AttributeError):
        return False
    return True
