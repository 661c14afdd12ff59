"""Do placement policies choose as their definitions say, and does search find what the others miss?"""

from __future__ import annotations

import pytest

from socsim import RunOptions, load_soc, load_workload, simulate
from socsim.cost import unit_models
from socsim.hardware import Soc
from socsim.mapping import Candidate, PlacementProblem, placements
from socsim.mapping.place_by_heft import upward_ranks_ps
from socsim.mapping.prices import Prices
from socsim.mapping.schedule import chain_choice, estimate_ps
from socsim.mapping.segments import new_programs
from socsim.result import RunResult
from socsim.simulation import load_components
from socsim.workload import Operation, Tensor, Workload, dtype
from tests.building import make_soc

load_components()


def products(shapes: list[tuple[str, tuple[str, ...], int]], rows: int = 64) -> Workload:
    """Matrix products by (name, products whose results it reads, width): `rows` x width results, inner size 64."""
    half = dtype("fp32")
    tensors = {"x": Tensor("x", (rows, 64), half, "input")}
    operations = []
    for name, before, width in shapes:
        tensors[f"w_{name}"] = Tensor(f"w_{name}", (width, 64), half, "weight")
        tensors[f"y_{name}"] = Tensor(f"y_{name}", (rows, width), half)
        inputs = (*[f"y_{other}" for other in before], *(["x"] if not before else []), f"w_{name}")
        attributes = {"m": rows, "n": width, "k": 64}
        operations.append(Operation(name, "matmul", inputs, (f"y_{name}",), attributes, label=name))
    return Workload("products", tensors, tuple(operations))


def problem_of(soc: Soc, workload: Workload, **pins: str) -> PlacementProblem:
    candidates = tuple(Candidate(unit, unit_models.get(unit.kind)()) for unit in soc.units)
    bound = [workload.bind(operation, {}) for operation in workload.operations]
    index = {operation.id: number for number, operation in enumerate(workload.operations)}
    return PlacementProblem(soc, workload, bound, candidates, {index[name]: unit for name, unit in pins.items()})


def two_units(fast_handover: str = "0 ns") -> Soc:
    return make_soc({"slow": {}, "fast": {"flop_per_cycle_per_core": {"fp32": 4}, "handover": fast_handover}})


CHAIN = products([("a", (), 64), ("b", ("a",), 64), ("c", ("b",), 64)])


def test_greedy_takes_the_faster_unit_unless_the_hand_over_costs_more_than_it_saves() -> None:
    # each product is 2 * 64^3 = 524288 FLOP: 262.1 us on `slow` (2 FLOP a cycle, 1 GHz), half of that on `fast`
    place = placements.get("greedy")
    assert place(problem_of(two_units(), CHAIN)) == ["fast"] * 3
    assert place(problem_of(two_units("120 us"), CHAIN, a="slow")) == ["slow", "fast", "fast"]
    assert place(problem_of(two_units("140 us"), CHAIN, a="slow")) == ["slow", "slow", "slow"]


def test_the_cheapest_chain_pays_a_hand_over_that_greedy_refuses() -> None:
    # 140 us are more than one product saves (131 us) and less than two save
    problem = problem_of(two_units("140 us"), CHAIN, a="slow")
    prices = Prices.of(problem)
    assert prices.units_of(chain_choice(prices)) == ["slow", "fast", "fast"]


def test_upward_rank_is_the_mean_time_and_the_longest_way_to_the_end() -> None:
    prices = Prices.of(problem_of(two_units(), products([("a", (), 64), ("b", ("a",), 64)])))
    mean = [sum(atom.alone_ps) // 2 for atom in prices.atoms]
    ranks = upward_ranks_ps(prices)
    assert ranks[1] == mean[1]
    crossings = [prices.crossing_ps(s, t, 64 * 64 * 4) for s in (0, 1) for t in (0, 1)]
    assert ranks[0] == mean[0] + sum(crossings) // 4 + mean[1]


def test_heft_runs_independent_branches_side_by_side() -> None:
    forked = products([("a", (), 64), ("b", ("a",), 512), ("c", ("a",), 512)])
    equal = make_soc({"one": {}, "two": {}})
    placed = placements.get("heft")(problem_of(equal, forked))
    assert sorted(placed[1:]) == ["one", "two"]
    assert placements.get("rule")(problem_of(equal, forked)) == ["one"] * 3


def test_an_estimate_of_a_chain_is_the_sum_of_its_parts() -> None:
    prices = Prices.of(problem_of(two_units("100 us"), CHAIN))
    slow, fast = prices.atoms[0].alone_ps
    crossing = prices.crossing_ps(0, 1, 64 * 64 * 4)
    assert crossing >= 100_000_000
    assert estimate_ps(prices, [0, 0, 0]) == 3 * slow
    assert estimate_ps(prices, [0, 1, 1]) == slow + crossing + 2 * fast


@pytest.mark.parametrize("policy", ["rule", "greedy", "heft", "search"])
def test_every_policy_keeps_to_pins(policy: str) -> None:
    placed = placements.get(policy)(problem_of(two_units(), CHAIN, b="slow"))
    assert placed[1] == "slow"


def test_a_program_goes_on_until_it_needs_what_another_unit_made_meanwhile() -> None:
    # n0 -> c1 and n2; n3 reads c1: it cannot be part of the program that c1 waits for
    assert new_programs(["n", "c", "n", "n"], [(), (0,), (0,), (1, 2)]) == [True, True, False, True]
    assert new_programs(["c", "n", "n"], [(), (0,), (0, 1)]) == [True, True, False]


@pytest.mark.parametrize(
    ("chip", "model"), [("m1", "squeezenet"), ("m1_max", "whisper-tiny-encoder"), ("a16", "googlenet")]
)
def test_search_beats_greedy_and_is_never_worse_than_rule_in_whole_simulations(chip: str, model: str) -> None:
    soc, workload = load_soc(f"apple/{chip}"), load_workload(model)

    def run(place: str) -> RunResult:
        return simulate(workload, soc, RunOptions(precision="fp16", place=place))

    latency = {place: run(place).summary["latency_s"] for place in ("rule", "greedy", "heft")}
    searched = run("search")
    assert searched.summary["latency_s"] < latency["greedy"]
    assert searched.summary["latency_s"] <= min(latency.values())
    assert any("less than greedy" in note for note in searched.notes)


def test_the_same_seed_finds_the_same_placement() -> None:
    soc, workload = load_soc("apple/m1"), load_workload("whisper-tiny-encoder")
    runs = [simulate(workload, soc, RunOptions(precision="fp16", place="search", seed=3)) for _ in range(2)]
    assert [task.variants for task in runs[0].graphs[0].tasks] == [task.variants for task in runs[1].graphs[0].tasks]
