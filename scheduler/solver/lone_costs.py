"""What a lesson costs at each start, whatever stands around it. Pure."""

from collections.abc import Iterable

from scheduler.catalogue.bells import Minutes
from scheduler.solver.grid import Grid
from scheduler.solver.grids import Grids
from scheduler.solver.holdings import holdings
from scheduler.solver.problem import (
    PeriodTime,
    Problem,
    Site,
    Stream,
)


class LoneCosts:
    """Every soft rule that looks at one lesson alone; streams share most of it."""

    def __init__(self, problem: Problem, grids: Grids) -> None:
        self._problem, self._grids = problem, grids
        self._bare: dict[tuple[int, str], list[int]] = {}
        self._misfits: dict[tuple[int, int], list[int]] = {}

    def under(self, problem: Problem) -> "LoneCosts":
        """When other times are taken; misfits and edges cost the same."""
        twin = LoneCosts(problem, self._grids)
        twin._bare, twin._misfits = self._bare, self._misfits
        return twin

    def at(self, stream: Stream, weekday: int, time: Minutes) -> int:
        """At any time, one of its grid or not."""
        number = self._grids.of(stream).at.get((weekday, time.start))
        if number is not None and time.end - time.start == stream.minutes:
            return self.of(stream)[number]
        total = self._bare_at(stream, weekday, time)
        for receiver in stream.receivers:
            site = self._problem.receiving_site(receiver)
            total += self._misfit_at(site, weekday, time)
        if stream.displaces_local:
            total += self._given_up_at(stream, weekday, time)
        return total

    def of(self, stream: Stream) -> list[int]:
        """`at`, for every one of its grid."""
        grid = self._grids.of(stream)
        rows = [self._bare_of(stream, grid)]
        for receiver in stream.receivers:
            rows.append(self._misfits_of(self._problem.receiving_site(receiver), grid))
        if stream.displaces_local:
            given_up = self._given_up_at
            rows.append([given_up(stream, s.weekday, s.time) for s in grid.starts])
        return [sum(column) for column in zip(*rows, strict=True)]

    def _bare_of(self, stream: Stream, grid: Grid) -> list[int]:
        key = (grid.number, stream.subject)
        if key not in self._bare:
            at = self._bare_at
            self._bare[key] = [at(stream, s.weekday, s.time) for s in grid.starts]
        return self._bare[key]

    def _bare_at(self, stream: Stream, weekday: int, time: Minutes) -> int:
        """What the hour costs, whoever listens."""
        problem = self._problem
        bells = problem.master_site(stream).bells.get(weekday, ())
        starts = [p.start for p in bells]
        edge = bool(starts) and time.start in (min(starts), max(starts))
        subject = sum(
            t.cost
            for t in problem.subject_times
            if t.subject == stream.subject and t.time.start <= time.start < t.time.end
        )
        return problem.weights.edge * edge + subject

    def _misfits_of(self, site: Site, grid: Grid) -> list[int]:
        key = (grid.number, self._grids.bells_of(site))
        if key not in self._misfits:
            at = self._misfit_at
            self._misfits[key] = [at(site, s.weekday, s.time) for s in grid.starts]
        return self._misfits[key]

    def _misfit_at(self, site: Site, weekday: int, time: Minutes) -> int:
        """Local periods cut into beyond the one that any lesson takes."""
        cut = periods_cut(site.bells.get(weekday, ()), time)
        return self._problem.weights.misfit * max(0, len(cut) - 1)

    def _given_up_at(self, stream: Stream, weekday: int, time: Minutes) -> int:
        lessons = {
            (resource, busy.time.start)
            for resource, may in holdings(stream)
            for busy in self._problem.busy_by.get((resource, weekday), ())
            if may
            and busy.kind == "local"
            and busy.weeks & stream.weeks
            and busy.time.overlap(time)
        }
        return self._problem.weights.misfit * len(lessons)


def periods_cut(bells: Iterable[PeriodTime], time: Minutes) -> list[PeriodTime]:
    return [p for p in bells if time.overlap(Minutes(p.start, p.end))]
