"""Helpers to state a deviation: an expression that is at least the true deviation,
and is pressed down to it by its price."""

from ortools.sat.python import cp_model

from benchmarks.xhstt.instance import Constraint
from benchmarks.xhstt.variables import Expr, Variables

Deviation = tuple[Expr, int]
"""(expression, its upper bound)"""
ZERO: Expr = cp_model.LinearExpr.constant(0)


class Terms:
    def __init__(self, variables: Variables) -> None:
        self.vars = variables
        self.cp = variables.cp
        self.instance = variables.instance
        self.times = range(len(variables.instance.times))

    def strict(self, c: Constraint) -> bool:
        """Whether it may not be broken at any price."""
        return c.required and type(c) not in self.vars.breakable

    def above(self, *floors: Expr, most: int) -> cp_model.IntVar:
        """A variable from 0 to `most`, not below any of `floors`."""
        variable = self.cp.new_int_var(0, max(0, most), "")
        for floor in floors:
            self.cp.add(variable >= floor)
        return variable

    def outside(self, value: Expr, low: int, high: int | None, most: int) -> Deviation:
        """By how much `value`, itself from 0 to `most`, misses `low..high`."""
        floors: list[Expr] = []
        worst = 0
        if low > 0:
            floors.append(low - value)
            worst = low
        if high is not None and high < most:
            floors.append(value - high)
            worst = max(worst, most - high)
        return (self.above(*floors, most=worst), worst) if floors else (ZERO, 0)
