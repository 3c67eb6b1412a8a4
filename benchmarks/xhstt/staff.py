"""People chosen anew and times exchanged, for the sake of wishes and of open roles.

Hours without anybody are what costs most, wishes (`wishes`) cost less. Two kinds of
step, annealed: somebody gets a role and gives up what is in its way, which others take
if they can; or times are exchanged, and people keep their roles where they can.
"""

import random
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence

from benchmarks.xhstt.annealing import Annealing
from benchmarks.xhstt.grid import Grid, Moves
from benchmarks.xhstt.instance import Meet
from benchmarks.xhstt.roles import Crew, Role
from benchmarks.xhstt.wishes import Wishes, points

OPEN_SHARE = 0.5
"""How often a step begins at a role that is open, if one is."""
AGAIN_SHARE = 0.3
"""How often it goes to somebody who has the event's role already."""
EXCHANGE_SHARE = 0.2
"""How often, if times may be exchanged, that is the step."""
FEW = 50
"""So many open roles are all looked at after an exchange, not to leave it half used."""


class Staff:
    """`has`: who has each of `Crew.jobs` to begin with. `open_hours`: of roles nobody
    has. `unmet`: points of the wishes followed. A *job* is a role at one meet."""

    def __init__(
        self,
        grid: Grid,
        crew: Crew,
        wishes: Wishes,
        rng: random.Random,
        has: Sequence[int | None],
    ) -> None:
        self._grid, self._crew, self._wishes, self._rng = grid, crew, wishes, rng
        self._jobs: list[tuple[int, Role]] = crew.jobs(grid.events)
        self._of_meet: list[list[int]] = [[] for _ in grid.starts]
        for job, (meet, _) in enumerate(self._jobs):
            self._of_meet[meet].append(job)
        self._has: list[int | None] = [None] * len(self._jobs)
        self._doing: list[set[int]] = [set() for _ in crew.people]
        self._work = [0] * len(crew.people)
        self._left = list(crew.limit)
        self._groups = [
            wishes.split_groups(role.event, role.name) for _, role in self._jobs
        ]
        self._takers: list[Counter[int]] = [Counter() for _ in wishes.splits]
        self._open = _Pile(range(len(self._jobs)))
        self.open_hours = sum(grid.durations[meet] for meet, _ in self._jobs)
        self.unmet = wishes.spreads(range(len(grid.starts)))
        self._log: list[tuple[int, int | None] | Moves] = []
        self._put(has)

    def smooth(
        self, annealing: Annealing, wish_cost: float, *, exchanging: bool
    ) -> None:
        """Until no role is open and no wish unmet, or the time is over. `wish_cost`:
        of a point, in hours."""
        best = (self.open_hours, self.unmet)
        kept = (list(self._has), list(self._grid.starts))
        while self.open_hours or self.unmet:
            if not annealing.goes_on():
                break
            self._log.clear()
            before = self.open_hours + wish_cost * self.unmet
            if exchanging and self._rng.random() < EXCHANGE_SHARE:
                done = self._exchange()
            else:
                done = self._hand_over()
            after = self.open_hours + wish_cost * self.unmet
            if not done or not annealing.takes(after - before):
                self._undo()
            elif (self.open_hours, self.unmet) < best:
                best = (self.open_hours, self.unmet)
                kept = (list(self._has), list(self._grid.starts))
        self._restore(*kept)

    def meets(self) -> tuple[Meet, ...]:
        """Of the events, not of their bundles, without those that need nobody."""
        names = self._crew.people
        found: dict[tuple[str, int], dict[str, str]] = defaultdict(dict)
        for (meet, role), who in zip(self._jobs, self._has, strict=True):
            if role.name is not None and who is not None:
                found[role.event, meet][role.name] = names[who]
        grid = self._grid
        return tuple(
            Meet(event, grid.durations[meet], grid.starts[meet], assigned)
            for (event, meet), assigned in found.items()
        )

    def _load(self, job: int) -> int:
        meet, role = self._jobs[job]
        return role.load * self._grid.durations[meet]

    def _fits(self, job: int, who: int) -> bool:
        meet, role = self._jobs[job]
        if (self._work[who] | self._crew.away[who]) & self._grid.masks[meet]:
            return False
        return self._left[who] >= role.load * self._grid.durations[meet]

    def _set(self, job: int, who: int | None) -> None:
        self._log.append((job, self._has[job]))
        self._change(job, who)

    def _change(self, job: int, who: int | None) -> None:
        before, hours = self._has[job], self._grid.durations[self._jobs[job][0]]
        if before is not None:
            self._work_changed(job, before, -1)
            self._doing[before].discard(job)
            self.open_hours += hours
            self._open.add(job)
        if who is not None:
            self._work_changed(job, who, 1)
            self._doing[who].add(job)
            self.open_hours -= hours
            self._open.remove(job)
        self._has[job] = who

    def _work_changed(self, job: int, who: int, by: int) -> None:
        meet, wishes = self._jobs[job][0], self._wishes
        self.unmet -= wishes.days(who, self._work[who])
        self._work[who] ^= self._grid.masks[meet]
        self.unmet += wishes.days(who, self._work[who])
        self._left[who] -= by * self._load(job)
        for group in self._groups[job]:
            takers, c = self._takers[group], wishes.splits[group]
            self.unmet -= points(c, max(0, len(takers) - 1))
            takers[who] += by
            if not takers[who]:
                del takers[who]
            self.unmet += points(c, max(0, len(takers) - 1))

    def _shift(self, moves: Moves) -> Moves:
        """Meets moved; what undoes it."""
        self.unmet -= self._wishes.spreads(moves)
        back = self._grid.move(moves)
        self.unmet += self._wishes.spreads(moves)
        return back

    def _colleagues(self, job: int) -> Collection[int]:
        """Those who have the role at another meet, where that is wished for."""
        groups = self._groups[job]
        return self._takers[groups[0]] if groups else ()

    def _undo(self) -> None:
        for entry in reversed(self._log):
            if isinstance(entry, dict):
                self._shift(entry)
            else:
                self._change(*entry)

    def _restore(self, has: list[int | None], starts: list[int]) -> None:
        for job in range(len(has)):
            if self._has[job] is not None:
                self._change(job, None)
        self._shift(dict(enumerate(starts)))
        self._put(has)

    def _put(self, has: Sequence[int | None]) -> None:
        """To begin with: nobody has anything."""
        for job, who in enumerate(has):
            if who is not None:
                self._change(job, who)

    def _hand_over(self) -> bool:
        rng = self._rng
        if self._open and rng.random() < OPEN_SHARE:
            job = self._open.any(rng)
        elif self._jobs:
            job = rng.randrange(len(self._jobs))
        else:
            return False
        meet, role = self._jobs[job]
        takers = self._colleagues(job)
        if takers and rng.random() < AGAIN_SHARE:
            who = rng.choice(list(takers))
        elif role.candidates:
            who = rng.choice(role.candidates)
        else:
            return False
        if self._has[job] == who or self._crew.away[who] & self._grid.masks[meet]:
            return False
        if self._has[job] is not None:
            self._set(job, None)
        dropped = self._make_room(job, who)
        if not self._fits(job, who):
            return False
        self._set(job, who)
        for other in dropped:
            self._settle(other)
        return True

    def _make_room(self, job: int, who: int) -> list[int]:
        mask, doing = self._grid.masks[self._jobs[job][0]], self._doing[who]
        dropped = []
        if self._work[who] & mask:
            masks, jobs = self._grid.masks, self._jobs
            dropped = [other for other in doing if masks[jobs[other][0]] & mask]
        for other in dropped:
            self._set(other, None)
        while self._left[who] < self._load(job):
            heavy = [other for other in sorted(doing) if self._load(other)]
            if not heavy:
                break
            other = self._rng.choice(heavy)
            self._set(other, None)
            dropped.append(other)
        return dropped

    def _settle(self, job: int) -> None:
        role = self._jobs[job][1]
        could = [who for who in role.candidates if self._fits(job, who)]
        if could:
            takers = self._colleagues(job)
            known = [who for who in could if who in takers]
            self._set(job, self._rng.choice(known or could))

    def _exchange(self) -> bool:
        rng, grid = self._rng, self._grid
        if self._open and rng.random() < OPEN_SHARE:
            one = self._jobs[self._open.any(rng)][0]
        else:
            one = rng.randrange(len(grid.starts))
        moves = grid.any_exchange(one, rng)
        if moves is None:
            return False
        held = {job: self._has[job] for meet in moves for job in self._of_meet[meet]}
        for job, who in held.items():
            if who is not None:
                self._set(job, None)
        self._log.append(self._shift(moves))
        for job, who in held.items():
            if who is not None and self._fits(job, who):
                self._set(job, who)
        others = self._open.members() if len(self._open) <= FEW else ()
        for job in (*held, *others):
            if self._has[job] is None:
                self._settle(job)
        return True


class _Pile:
    """A set from which any member can be drawn at once."""

    def __init__(self, members: range) -> None:
        self._members = list(members)
        self._place = {one: at for at, one in enumerate(self._members)}

    def __len__(self) -> int:
        return len(self._members)

    def add(self, one: int) -> None:
        self._place[one] = len(self._members)
        self._members.append(one)

    def remove(self, one: int) -> None:
        at, last = self._place.pop(one), self._members.pop()
        if last != one:
            self._members[at] = last
            self._place[last] = at

    def members(self) -> list[int]:
        return list(self._members)

    def any(self, rng: random.Random) -> int:
        return rng.choice(self._members)
