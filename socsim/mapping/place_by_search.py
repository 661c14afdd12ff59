"""Placement by search: the best of the simple policies, made better by moves that whole simulations confirm.

Starting points are the other policies, each unit as far as it goes, and the cheapest way through the graph taken as a
chain (dynamic programming over segments: a state per unit, hand-overs and new programs as transitions). From the best
of them a local search moves windows of operations, parallel branches and whole segments to other units. An estimate
(a list schedule of the prices) ranks the moves, a simulation of the whole mapping decides. The number of simulations
is bounded by the size of the graph, the draws come from one seeded generator: the same question, the same answer.
"""

from __future__ import annotations

import random

from socsim.mapping.place_by_heft import heft_choice
from socsim.mapping.place_by_rule import place_by_rule
from socsim.mapping.place_greedy import greedy_choice
from socsim.mapping.placement import PlacementProblem, placements
from socsim.mapping.prices import Prices
from socsim.mapping.schedule import chain_choice, estimate_ps

_TASKS = 5_000
"""Tasks that all simulations of one search run together, about: what bounds its time."""
_FEWEST_TRIALS, _MOST_TRIALS = 16, 80
_WINDOWS = 60
"""Random windows that are looked at for each improvement."""
_TRIALS_PER_ROUND = 4


@placements.register("search")
def place_by_search(problem: PlacementProblem) -> list[str]:
    """See the module. Never worse than greedy or rule where placements can be simulated; says by how much better."""
    search = _Search(problem)
    starts = {
        "rule": place_by_rule(problem),
        "greedy": search.prices.units_of(greedy_choice(search.prices)),
        "heft": search.prices.units_of(heft_choice(search.prices)),
        "segments": search.prices.units_of(chain_choice(search.prices)),
    }
    for number, candidate in enumerate(problem.candidates):
        choice = [number if number in atom.units else atom.units[0] for atom in search.prices.atoms]
        starts[f"all on {candidate.params.name}"] = search.prices.units_of(choice)
    found = {name: search.measure(placed) for name, placed in starts.items()}
    name = min(found, key=lambda key: found[key])
    best = search.improve(starts[name], found[name])
    less = 1 - search.best_ps / found["greedy"] if found["greedy"] else 0.0
    problem.notes.append(
        f"{problem.workload.name}: search found {search.best_ps / 1e9:.4g} ms, {less:.1%} less than greedy "
        f"({found['greedy'] / 1e9:.4g} ms; rule {found['rule'] / 1e9:.4g}, heft {found['heft'] / 1e9:.4g}, segments "
        f"{found['segments'] / 1e9:.4g}), after {len(search.known)} simulations from '{name}'"
    )
    return best


class _Search:
    """Remembers what every placement that was tried takes."""

    def __init__(self, problem: PlacementProblem) -> None:
        self.problem = problem
        self.prices = Prices.of(problem)
        self.random = random.Random(problem.seed)
        self.known: dict[tuple[str, ...], int] = {}
        self.best_ps = 0
        self.budget = max(_FEWEST_TRIALS, min(_MOST_TRIALS, _TASKS // max(1, len(self.prices.atoms))))

    def measure(self, placed: list[str]) -> int:
        """What a placement takes: simulated as a whole, or estimated where nobody can simulate."""
        key = tuple(placed)
        known = self.known.get(key)
        if known is None:
            trial = self.problem.trial_ps
            known = trial(placed) if trial is not None else estimate_ps(self.prices, self.prices.choice_of(placed))
            self.known[key] = known
        return known

    def improve(self, placed: list[str], latency_ps: int) -> list[str]:
        """Moves from a placement, as long as they help and the budget lasts."""
        self.best_ps = latency_ps
        choice = self.prices.choice_of(placed)
        if self.measure(self.prices.units_of(choice)) <= latency_ps:
            placed = self.prices.units_of(choice)
        while len(self.known) < self.budget:
            moves = self._moves(choice)
            if not moves:
                break
            tried = [(self.measure(self.prices.units_of(move)), move) for move in moves[:_TRIALS_PER_ROUND]]
            least, move = min(tried)
            if least < self.best_ps:
                self.best_ps, choice = least, move
                placed = self.prices.units_of(move)
        return placed

    def _moves(self, choice: list[int]) -> list[list[int]]:
        """Neighbours that were not tried yet, the most promising first."""
        seen: dict[tuple[int, ...], int] = {}
        for first, last in [*self._segments(choice), *self._windows(len(choice))]:
            for unit in range(len(self.problem.candidates)):
                moved = list(choice)
                for position in range(first, last):
                    if unit in self.prices.atoms[position].units:
                        moved[position] = unit
                key = tuple(moved)
                if moved != choice and key not in seen and tuple(self.prices.units_of(moved)) not in self.known:
                    seen[key] = estimate_ps(self.prices, moved)
        return [list(key) for key in sorted(seen, key=lambda key: (seen[key], key))]

    def _segments(self, choice: list[int]) -> list[tuple[int, int]]:
        """Runs of atoms on one unit, and runs of atoms that each feed the next alone (branches)."""
        atoms = self.prices.atoms
        found = []
        start = 0
        for position in range(1, len(choice) + 1):
            if position == len(choice) or choice[position] != choice[start]:
                found.append((start, position))
                start = position
        start = 0
        for position in range(1, len(choice) + 1):
            if position == len(choice) or [before for before, _ in atoms[position].producers] != [position - 1]:
                found.append((start, position))
                start = position
        return found

    def _windows(self, count: int) -> list[tuple[int, int]]:
        found = []
        for _ in range(_WINDOWS):
            first = self.random.randrange(count)
            length = max(1, int(count ** self.random.random()))
            found.append((first, min(count, first + length)))
        return found
