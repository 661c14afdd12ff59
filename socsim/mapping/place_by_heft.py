"""List scheduling: heterogeneous earliest finish time (HEFT).

**Source:** Topcuoglu, Hariri, Wu: Performance-effective and low-complexity task scheduling for heterogeneous
computing, IEEE TPDS 13(3), 2002: upward ranks of mean costs, insertion into the earliest gap that fits.
"""

from __future__ import annotations

from bisect import insort
from itertools import product

from socsim.mapping.placement import PlacementProblem, placements
from socsim.mapping.prices import Atom, Prices


@placements.register("heft")
def place_by_heft(problem: PlacementProblem) -> list[str]:
    """Operations in the order of their upward rank, each on the unit where it would end earliest given all that was
    placed before, hand-overs and new programs included."""
    prices = Prices.of(problem)
    return prices.units_of(heft_choice(prices))


def heft_choice(prices: Prices) -> list[int]:
    """A candidate per atom."""
    atoms = prices.atoms
    chosen = [-1] * len(atoms)
    ends = [0] * len(atoms)
    busy: list[list[tuple[int, int]]] = [[] for _ in prices.handover_ps]
    ranks = upward_ranks_ps(prices)
    for position in sorted(range(len(atoms)), key=lambda i: (-ranks[i], i)):
        atom = atoms[position]
        best: tuple[int, int, int] | None = None
        for unit in atom.units:
            ready = max([0, *(ends[b] + prices.crossing_ps(chosen[b], unit, size) for b, size in atom.producers)])
            continues = any(chosen[before] == unit for before, _ in atom.producers)
            duration = atom.on(unit) + (0 if continues else prices.run_overhead_ps[unit])
            start = _gap(busy[unit], ready, duration)
            if best is None or start + duration < best[0]:
                best = (start + duration, start, unit)
        assert best is not None
        ends[position], start, chosen[position] = best
        insort(busy[chosen[position]], (start, ends[position]))
    return chosen


def upward_ranks_ps(prices: Prices) -> list[int]:
    """The mean time of an atom over the units that may run it, and the longest way from it to the end, with the mean
    of the hand-overs over all pairs of units."""
    atoms = prices.atoms
    after = [0] * len(atoms)
    ranks = [0] * len(atoms)
    for position in range(len(atoms) - 1, -1, -1):
        atom = atoms[position]
        ranks[position] = sum(atom.alone_ps) // len(atom.alone_ps) + after[position]
        for before, size in atom.producers:
            way = _mean_crossing_ps(prices, atoms[before], atom, size)
            after[before] = max(after[before], way + ranks[position])
    return ranks


def _mean_crossing_ps(prices: Prices, source: Atom, target: Atom, size_bytes: int) -> int:
    pairs = list(product(source.units, target.units))
    return sum(prices.crossing_ps(a, b, size_bytes) for a, b in pairs) // len(pairs)


def _gap(busy: list[tuple[int, int]], ready_ps: int, duration_ps: int) -> int:
    """The earliest start at which a unit is free for so long."""
    start = ready_ps
    for begin, end in busy:
        if start + duration_ps <= begin:
            break
        start = max(start, end)
    return start
