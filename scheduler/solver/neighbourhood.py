"""Which streams to free together: those that share people, rooms or a master site.

Teaching points that take lessons from one master site form a cluster; freeing part of
a cluster lets its lessons trade places, while the rest of the district stays.
"""

import random
from collections.abc import Iterable

from scheduler.solver.space import Space
from scheduler.solver.state import State


class Neighbourhoods:
    """`size` follows how hard the last ones were."""

    def __init__(
        self, space: Space, seed: int, size: int = 40, least: int = 8, most: int = 400
    ) -> None:
        self._space = space
        self._random = random.Random(f"neighbourhood-{seed}")
        self._size = float(size)
        self._least, self._most = least, most
        self._by_site: dict[str, list[int]] = {}
        for i, site in enumerate(space.master_sites):
            self._by_site.setdefault(site, []).append(i)
        self._by_teacher: dict[str, list[int]] = {}
        for i, stream in enumerate(space.streams):
            self._by_teacher.setdefault(stream.teacher, []).append(i)

    @property
    def clusters(self) -> list[list[int]]:
        """The streams of each master site."""
        return list(self._by_site.values())

    def learn(self, proven: bool, quick: bool) -> None:
        if proven and quick:
            self._size = min(self._most, self._size * 1.05 + 1)
        elif not proven:
            self._size = max(self._least, self._size * 0.9)

    def draw(self) -> list[int]:
        """A random stream and those around it."""
        streams = len(self._space.streams)
        first = self._random.randrange(streams)
        kind = self._random.randrange(3)
        if kind == 0:
            start = self._by_site[self._space.master_sites[first]]
        elif kind == 1:
            start = self._by_teacher[self._space.streams[first].teacher]
        else:
            start = [first]
        return self.around(start, int(self._size))

    def around_unplaced(self, state: State) -> list[int]:
        """An unplaced stream, its cluster and those that share a resource with it."""
        missing = [i for i in range(len(state.chosen)) if state.missing(i)]
        one = self._random.choice(missing)
        near = {k for r in self._space.holds[one] for k in self._space.users[r]}
        near.update(self._by_site[self._space.master_sites[one]])
        near.discard(one)
        return self.around([one, *sorted(near)], int(self._size))

    def around(self, start: Iterable[int], size: int) -> list[int]:
        """Up to `size` streams, the first of `start` always, then its neighbours."""
        first, *rest = start
        self._random.shuffle(rest)
        free = dict.fromkeys([first, *rest][:size])
        pool = list(free)
        tries = 0
        while len(free) < min(size, len(self._space.streams)) and tries < 4 * size:
            tries += 1
            a = self._random.choice(pool)
            resource = self._random.choice(self._space.holds[a])
            b = self._random.choice(self._space.users[resource])
            if b not in free:
                free[b] = None
                pool.append(b)
        return sorted(free)

    def shared(self, streams: Iterable[int]) -> list[int]:
        """These and every stream that shares a resource with one of them."""
        found: set[int] = set()
        for i in streams:
            found.add(i)
            for resource in self._space.holds[i]:
                found.update(self._space.users[resource])
        return sorted(found)
