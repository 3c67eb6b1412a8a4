"""When a step that costs something is taken all the same: less and less."""

import random
import time
from math import log

LOOK_EVERY = 64
"""Steps between two looks at the clock."""


NO_LIMIT = 10**12


class Annealing:
    """Falls from `hot` to `cold` (in units of cost), geometrically, over `steps` or
    `seconds`, whichever end first."""

    def __init__(
        self,
        seconds: float,
        hot: float,
        cold: float,
        rng: random.Random,
        *,
        steps: int = NO_LIMIT,
    ) -> None:
        self.rng = rng
        self._hot, self._fall = hot, cold / hot
        self._began, self._seconds = time.monotonic(), max(seconds, 1e-3)
        self._steps, self._most = 0, steps
        self._heat = hot

    def goes_on(self) -> bool:
        """Once before every step."""
        self._steps += 1
        if self._steps % LOOK_EVERY == 1:
            past = (time.monotonic() - self._began) / self._seconds
            past = max(past, self._steps / self._most)
            self._heat = self._hot * self._fall ** min(past, 1.0)
            return past < 1
        return True

    def takes(self, dearer: float) -> bool:
        return dearer <= self.most()

    def most(self) -> float:
        """How much dearer the next step may be: drawn first, so that a step that
        costs more need not be counted to its end."""
        return -self._heat * log(1 - self.rng.random())
