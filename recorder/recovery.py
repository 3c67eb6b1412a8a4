"""After a kill: recordings that were being made, and the time they missed."""

from collections.abc import Iterator
from pathlib import Path

from common import log
from recorder.manifest import Manifest, Outage, Record, fold
from recorder.spool import Spool

_log = log.get("recovery")


def unfinished(spool_dir: Path) -> Iterator[tuple[Spool, Manifest]]:
    """Every recording on this disk, with the manifest its journal tells.

    Raises OSError, ParseError(`bad_message`) for a journal that is not ours.
    """
    for journal in sorted(spool_dir.glob("*/journal.jsonl")):
        found = unfinished_in(journal.parent)
        if found is not None:
            yield found


def unfinished_in(directory: Path) -> tuple[Spool, Manifest] | None:
    """One recording, None when there is nothing. Raises as `unfinished`."""
    if not directory.exists():
        return None
    spool = Spool(directory)
    manifest = fold(spool.open())
    if manifest is not None:
        return spool, manifest
    # Killed before the first line was safe: nothing was recorded yet.
    _log.warning("empty_spool_removed", directory=str(directory))
    spool.remove()
    return None


def still_expected(manifest: Manifest) -> set[str]:
    """Tracks that were being recorded when the recorder went away. Pure."""
    return {
        name
        for name, track in manifest.tracks.items()
        if track.expects and track.expects[-1].expected
    }


def catch_up(manifest: Manifest, now_us: int) -> list[Record]:
    """The records that declare the time the recorder was away. Pure."""
    ends = [track.end_us for track in manifest.tracks.values() if track.segments]
    since = min(ends, default=0)
    if manifest.ended is not None or now_us <= since:
        return []
    return [Outage(start_us=since, end_us=now_us, reason="recorder_down")]
