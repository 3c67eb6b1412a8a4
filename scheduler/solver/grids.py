"""Which streams share a grid: those of one length where the same bells ring."""

from collections.abc import Iterator

from scheduler.catalogue.bells import Minutes
from scheduler.solver.grid import Grid, Start, span_of
from scheduler.solver.problem import PeriodTime, Problem, Site, Stream

_BellsKey = tuple[tuple[int, tuple[PeriodTime, ...]], ...]
_WindowsKey = tuple[tuple[int, tuple[Minutes, ...]], ...]
_GridKey = tuple[int, int, tuple[tuple[int, int], ...]]
"""Bells of the master site, minutes of a lesson, common starts."""


class Grids:
    """Each made once. What counts is the sites of `problem` and its load samples."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self._grids: dict[_GridKey, Grid] = {}
        self._bells: dict[int, int] = {}
        self._known_bells: dict[_BellsKey, int] = {}
        self._windows: dict[int, int] = {}
        self._known_windows: dict[_WindowsKey, int] = {}

    def of(self, stream: Stream) -> Grid:
        """The starts that its bells, or the parties' agreement, leave it."""
        site = self._problem.master_site(stream)
        key = (self.bells_of(site), stream.minutes, stream.common_starts)
        found = self._grids.get(key)
        if found is None:
            starts = [
                self._start(weekday, Minutes(start, start + stream.minutes))
                for weekday, start in self.starts(stream)
            ]
            found = self._grids[key] = Grid(len(self._grids), starts)
        return found

    def bells_of(self, site: Site) -> int:
        """Sites that ring the same have the same number."""
        number = self._bells.get(id(site.bells))
        if number is None:
            key = tuple((day, site.bells[day]) for day in sorted(site.bells))
            number = self._known_bells.setdefault(key, len(self._known_bells))
            self._bells[id(site.bells)] = number
        return number

    def windows_of(self, site: Site) -> int:
        """Sites with the same windows have the same number."""
        number = self._windows.get(id(site.windows))
        if number is None:
            rows = tuple((day, site.windows[day]) for day in sorted(site.windows))
            number = self._known_windows.setdefault(rows, len(self._known_windows))
            self._windows[id(site.windows)] = number
        return number

    def _start(self, weekday: int, time: Minutes) -> Start:
        samples = tuple(
            k
            for k, (day, minute) in enumerate(self._problem.load_samples)
            if day == weekday and time.start <= minute < time.end
        )
        return Start(weekday, time, span_of(time), samples)

    def starts(self, stream: Stream) -> Iterator[tuple[int, int]]:
        """(weekday, minute) at which the master site may begin."""
        if stream.common_starts:
            yield from sorted(set(stream.common_starts))
            return
        for weekday, periods in sorted(self._problem.master_site(stream).bells.items()):
            for start in dict.fromkeys(p.start for p in periods):
                yield weekday, start
