"""Which cuts are worth a trial: pairs of units that share a graph by batch, by rows, or its heaviest work by columns.

Shares are in proportion to the units' speed over the whole graph, in eighths.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from socsim.mapping.placement import PlacementProblem
from socsim.mapping.prices import Prices
from socsim.mapping.split import Split

_SHARES = 8
_HEAVY_FRACTION = 0.02
"""Products that take at least this part of the graph's time are worth a cut of their own."""
_SLOWEST = 16
"""A unit that takes so many times longer than another has nothing to give it."""


def proposals(problem: PlacementProblem) -> Iterator[dict[int, Split]]:
    """Cuts by number of operation, the pairs of the fastest units first."""
    prices = Prices.of(problem)
    totals = {
        number: sum(atom.on(number) if number in atom.units else max(atom.alone_ps) for atom in prices.atoms)
        for number in range(len(problem.candidates))
    }
    fast = sorted(totals, key=lambda number: (totals[number], number))
    for one, two in combinations(fast, 2):
        if totals[two] > _SLOWEST * totals[one] or not totals[one]:
            continue
        share = max(1, round(_SHARES * totals[one] / (totals[one] + totals[two])))
        names = [problem.candidates[number].params.name for number in (one, two)]
        over = ((names[0], _SHARES - share), (names[1], share))
        if 2 * share == _SHARES:
            over = ((names[0], 1), (names[1], 1))
        both = [atom for atom in prices.atoms if one in atom.units and two in atom.units]
        heavy = [atom for atom in both if atom.on(one) >= _HEAVY_FRACTION * totals[one]]
        for by, atoms in (("batch", both), ("rows", both), ("columns", heavy)):
            chosen = [index for atom in atoms for index in atom.operations if index not in problem.pins]
            if chosen:
                yield dict.fromkeys(chosen, Split(by, over))
