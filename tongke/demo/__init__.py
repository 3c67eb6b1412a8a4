"""`tongke demo`: one whole 1+3 lesson on real media, measured.

`story` tells it, `processes` runs the parts, `recording` measures what was recorded
like a foreign player, `promises` says what must hold.
"""

from pathlib import Path


def run_demo(keep: bool, report: Path | None, seconds: float) -> int:
    """Exit status: 0 when every promise was kept, 1 when one was broken."""
    from tongke import up
    from tongke.demo.story import Story

    return up.run(lambda: Story(seconds).tell(keep=keep, report=report))
