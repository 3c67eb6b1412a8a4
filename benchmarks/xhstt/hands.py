"""Who takes which role, handed on so that as few as possible stay open.

Somebody is found for a role as a larger matching is: whoever could take it but is busy
then, or has no workload left, hands something on, its taker may have to hand on too,
until somebody is idle (the shortest such chain). What a search without result has gone
through leads nowhere for the next role either.

With `apart` every time of a meet may have people of its own: less is required, and
where all hours are the same workload no choice of people leaves fewer open. Where two
lessons are in the way of one of two times the chain is not followed.
"""

from collections.abc import Sequence

from benchmarks.xhstt.annealing import Annealing
from benchmarks.xhstt.grid import Grid, Moves
from benchmarks.xhstt.roles import Crew

AT_FAULT_SHARE = 0.6
"""How often the meet to move is one that a search without result went through."""


class Hands:
    """A *job* is a role at one meet, with `apart` at one time of it; jobs are in the
    order of `Crew.jobs`. `open`: the jobs nobody has; `open_hours` of them."""

    def __init__(self, grid: Grid, crew: Crew, *, apart: bool) -> None:
        self._grid = grid
        self._times: list[range] = []
        self._wants: list[int] = []
        self._loads: list[int] = []
        self._meet: list[int] = []
        self._of_meet: list[list[int]] = [[] for _ in grid.starts]
        for meet, role in crew.jobs(grid.events):
            for times in _stretches(grid.times(meet), apart=apart):
                self._of_meet[meet].append(len(self._meet))
                self._meet.append(meet)
                self._times.append(times)
                self._wants.append(sum(1 << who for who in role.candidates))
                self._loads.append(role.load * len(times))
        for jobs in self._of_meet:
            jobs.sort(key=self._choice)
        self._free = [crew.free(time) for time in range(len(grid.at))]
        self._left = list(crew.limit)
        self._doing: list[set[int]] = [set() for _ in crew.people]
        self._owner: list[dict[int, int]] = [{} for _ in grid.at]
        self._taken = [0] * len(grid.at)
        self._has = [0] * len(self._meet)
        self._log: list[tuple[int, int]] = []
        self.open = set(range(len(self._meet)))
        self.open_hours = sum(map(len, self._times))
        self._at_fault: list[int] = []
        self._fill()

    def _choice(self, job: int) -> int:
        return self._wants[job].bit_count()

    def _fill(self) -> None:
        for job in sorted(self.open, key=self._choice):
            if self._find(job, _Searched(self._free)):
                self.open.discard(job)
                self.open_hours -= len(self._times[job])

    def has(self) -> list[int | None]:
        """Who has each job."""
        return [_who(bit) if bit else None for bit in self._has]

    def ease(self, annealing: Annealing) -> None:
        """Times exchanged until no job is open or the time is over."""
        rng, grid = annealing.rng, self._grid
        best, kept = self.open_hours, (list(grid.starts), list(self._has))
        while best and annealing.goes_on():
            if self._at_fault and rng.random() < AT_FAULT_SHARE:
                one = rng.choice(self._at_fault)
            else:
                one = rng.randrange(len(grid.starts))
            moves = grid.any_exchange(one, rng)
            if moves is None or not self._exchange(moves, annealing.most()):
                continue
            if self.open_hours < best:
                best, kept = self.open_hours, (list(grid.starts), list(self._has))
        self._restore(*kept)

    def _restore(self, starts: list[int], has: list[int]) -> None:
        self._give(dict.fromkeys(range(len(has)), 0))
        self._move(dict(enumerate(starts)))
        self._give(dict(enumerate(has)))
        self.open = {job for job, bit in enumerate(has) if not bit}
        self.open_hours = sum(len(self._times[job]) for job in self.open)

    def _exchange(self, moves: Moves, most: float) -> bool:
        """Makes the moves and finds people anew, unless that leaves more than `most`
        hours more open."""
        self._log.clear()
        gone = [job for meet in moves for job in self._of_meet[meet]]
        self._give(dict.fromkeys(gone, 0))
        back = self._move(moves)
        searched = _Searched(self._free)
        hours, still = 0, set()
        for job in (*gone, *sorted(self.open.difference(gone))):
            if not self._find(job, searched):
                still.add(job)
                hours += len(self._times[job])
                if hours > self.open_hours + most:
                    self._undo(0, back)
                    return False
        self.open, self.open_hours = still, hours
        self._at_fault = [self._meet[job] for job in searched.jobs]
        return True

    def _move(self, moves: Moves) -> Moves:
        """Of meets whose jobs nobody has; the moves that undo these."""
        back = self._grid.move(moves)
        for meet, before in back.items():
            later = moves[meet] - before
            for job in self._of_meet[meet]:
                times = self._times[job]
                self._times[job] = range(times.start + later, times.stop + later)
        return back

    def _find(self, job: int, searched: "_Searched") -> bool:
        """Whether somebody was found for the job. If not, `searched` grows."""
        if self._idle_takes(job):
            return True
        search = _Search(job, searched)
        for one in search.queue:
            want, taken = self._reached(one, search.seen)
            if self._ask_idle(one, want & ~taken, search):
                return True
            self._ask_busy(one, want & taken, search)
        searched.seen, searched.full = search.seen, search.full
        searched.jobs += search.queue
        return False

    def _reached(self, job: int, seen: list[int]) -> tuple[int, int]:
        """Bits of who could take the job and was not seen at its times, and of who is
        busy then."""
        times, want, taken = self._times[job], self._wants[job], 0
        for time in times:
            want &= self._free[time] & ~seen[time]
            taken |= self._taken[time]
        for time in times:
            seen[time] |= want
        return want, taken

    def _ask_idle(self, job: int, bits: int, search: "_Search") -> bool:
        """Whether one of them took it; else what they could hand on is searched."""
        while bits:
            bit = bits & -bits
            bits ^= bit
            lacks = self._loads[job] - self._left[_who(bit)]
            if lacks <= 0:
                if self._hand_on(job, bit, search.after):
                    return True
            elif not search.full & bit:
                search.full |= bit
                for other in self._heavy(bit, lacks, search.seen):
                    search.add(other, job, bit)
        return False

    def _ask_busy(self, job: int, bits: int, search: "_Search") -> None:
        while bits:
            bit = bits & -bits
            bits ^= bit
            other = self._in_the_way(job, bit)
            if other is not None:
                search.add(other, job, bit)

    def _idle_takes(self, job: int) -> bool:
        todo = self._wants[job]
        for time in self._times[job]:
            todo &= self._free[time] & ~self._taken[time]
        while todo:
            bit = todo & -todo
            if self._loads[job] <= self._left[_who(bit)]:
                self._log.append((job, 0))
                return self._take(job, bit)
            todo ^= bit
        return False

    def _heavy(self, bit: int, lacks: int, seen: list[int]) -> list[int]:
        """Jobs not seen any one of which leaves workload enough when handed on."""
        found = []
        for job in self._doing[_who(bit)]:
            times = self._times[job]
            if self._loads[job] >= lacks and not seen[times.start] & bit:
                for time in times:
                    seen[time] |= bit
                found.append(job)
        return found

    def _in_the_way(self, job: int, bit: int) -> int | None:
        """The job that, handed on, lets whoever `bit` is take `job`; None if one is
        not enough."""
        other = None
        for time in self._times[job]:
            if self._taken[time] & bit:
                owner = self._owner[time][bit]
                if other is not None and owner != other:
                    return None
                other = owner
        if other is None:
            return None
        lacks = self._loads[job] - self._loads[other]
        return other if lacks <= 0 or lacks <= self._left[_who(bit)] else None

    def _hand_on(
        self, job: int, bit: int, after: dict[int, tuple[int, int] | None]
    ) -> bool:
        """From the end of a chain to its beginning. False, and nothing done: somebody
        has two places in it that do not go together."""
        takes = {}
        link: tuple[int, int] | None = (job, bit)
        while link is not None:
            takes[link[0]] = link[1]
            link = after[link[0]]
        mark = len(self._log)
        if self._give(takes):
            return True
        self._undo(mark, {})
        return False

    def _give(self, takes: dict[int, int]) -> bool:
        """All at once; false, and not done to the end, where that cannot be."""
        for job in takes:
            self._log.append((job, self._has[job]))
            self._drop(job)
        return all(self._take(job, bit) for job, bit in takes.items())

    def _take(self, job: int, bit: int) -> bool:
        if not bit:
            return True
        times, who = self._times[job], _who(bit)
        for time in times:
            if self._taken[time] & bit:
                return False
        for time in times:
            self._owner[time][bit] = job
            self._taken[time] |= bit
        self._has[job] = bit
        self._left[who] -= self._loads[job]
        self._doing[who].add(job)
        return self._left[who] >= 0

    def _drop(self, job: int) -> None:
        bit = self._has[job]
        if bit:
            who = _who(bit)
            for time in self._times[job]:
                del self._owner[time][bit]
                self._taken[time] ^= bit
            self._has[job] = 0
            self._left[who] += self._loads[job]
            self._doing[who].discard(job)

    def _undo(self, mark: int, back: Moves) -> None:
        """What was done since the log was that long."""
        before = dict(reversed(self._log[mark:]))
        del self._log[mark:]
        for job in before:
            self._drop(job)
        self._move(back)
        for job, bit in before.items():
            self._take(job, bit)


class _Searched:
    """What searches without result went through: slots (a bit for each person, by
    time), people without workload left, jobs."""

    def __init__(self, times: Sequence[object]) -> None:
        self.seen = [0] * len(times)
        self.full = 0
        self.jobs: list[int] = []


class _Search:
    """For somebody for `job`: the jobs that lead there, and after each of them the
    job that whoever has it would take then, who is named too."""

    def __init__(self, job: int, searched: _Searched) -> None:
        self.seen, self.full = list(searched.seen), searched.full
        self.after: dict[int, tuple[int, int] | None] = {job: None}
        self.queue = [job]

    def add(self, other: int, job: int, bit: int) -> None:
        if other not in self.after:
            self.after[other] = job, bit
            self.queue.append(other)


def _who(bit: int) -> int:
    return bit.bit_length() - 1


def _stretches(times: range, *, apart: bool) -> list[range]:
    return [range(time, time + 1) for time in times] if apart else [times]
