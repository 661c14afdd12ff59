"""Greedy placement by cost: each operation, in order, goes where it and the hand-overs to it cost least."""

from __future__ import annotations

from socsim.mapping.placement import PlacementProblem, placements
from socsim.mapping.prices import Prices


@placements.register("greedy")
def place_greedy(problem: PlacementProblem) -> list[str]:
    """In topological order, the unit with the least time alone plus hand-overs from the units of its producers, plus
    what a new program on it costs where no producer ran there. Never looks ahead; ties go to the preferred unit."""
    prices = Prices.of(problem)
    return prices.units_of(greedy_choice(prices))


def greedy_choice(prices: Prices) -> list[int]:
    """A candidate per atom."""
    chosen: list[int] = []
    for atom in prices.atoms:

        def cost(unit: int, atom: object = atom) -> int:
            return _cost(prices, chosen, len(chosen), unit)

        chosen.append(min(atom.units, key=cost))
    return chosen


def _cost(prices: Prices, chosen: list[int], position: int, unit: int) -> int:
    atom = prices.atoms[position]
    crossing = [prices.crossing_ps(chosen[before], unit, size) for before, size in atom.producers]
    continues = any(chosen[before] == unit for before, _ in atom.producers) or (not atom.producers and unit in chosen)
    return atom.on(unit) + sum(crossing) + (0 if continues else prices.run_overhead_ps[unit])
