"""A long generation of which few steps are simulated: is it within its own error bound of the exact one?"""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

import socsim
from socsim.errors import ConfigError
from socsim.report import print_summary
from socsim.result import RunResult
from socsim.result.sampling import sampling
from socsim.simulation import RunOptions, simulate
from socsim.simulation.scenario_file import read_scenario
from socsim.simulation.streams.generation import sampled_steps
from tests.building import make_soc
from tests.language_models import tiny_model

MODEL = tiny_model("tiny", 2, kv_width=4096)


def run(tokens: int, sample_steps: int | None, prompt: int = 16, repeat: int = 1) -> RunResult:
    soc = make_soc({"a": {"flop_per_cycle_per_core": {"fp16": 300}}})
    options = RunOptions(prompt=prompt, tokens=tokens, sample_steps=sample_steps, repeat=repeat)
    return simulate(MODEL, soc, options)


@pytest.mark.parametrize(("count", "wanted"), [(1, 2), (10, 2), (127, 5), (1000, 16), (7, 7), (5, 50)])
def test_the_weights_of_the_steps_add_up_to_all_steps_and_integrate_a_line_exactly(count: int, wanted: int) -> None:
    steps = sampled_steps(count, wanted)
    assert len(steps) == min(count, wanted)
    assert sum(weight for _, weight in steps) == pytest.approx(count)
    assert sum((3 + 2 * step) * weight for step, weight in steps) == pytest.approx(sum(3 + 2 * k for k in range(count)))


@pytest.mark.parametrize("sample_steps", [2, 5, 12])
def test_the_time_is_within_the_bound_that_is_stated(sample_steps: int) -> None:
    exact, sampled = run(400, None), run(400, sample_steps)
    bound = sampled.summary["generation"]["sampling"]["error_bound_s"]
    assert abs(exact.summary["latency_s"] - sampled.summary["latency_s"]) <= bound
    assert bound < 1.5 * exact.summary["latency_s"] / sample_steps
    assert sampling(sampled.instances).steps == 399
    assert any("399 decode steps" in note for note in sampled.notes)


def test_every_total_is_that_of_the_whole_generation() -> None:
    exact, sampled = run(300, None, repeat=2).summary, run(300, 8, repeat=2).summary
    for key in ("flop", "matmul_flop", "dram_read_bytes", "dram_write_bytes", "latency_s", "achieved_flop_per_s"):
        assert sampled[key] == pytest.approx(exact[key], rel=2e-3), key
    for key in ("time_per_output_token_s", "output_tokens_per_s", "time_to_first_token_s"):
        assert sampled["generation"][key] == pytest.approx(exact["generation"][key], rel=2e-3), key
    gaps = sampled["generation"]["inter_token_gap_s"], exact["generation"]["inter_token_gap_s"]
    assert gaps[0]["max"] == pytest.approx(gaps[1]["max"], rel=1e-6)
    assert sampled["bound_by"] == pytest.approx(exact["bound_by"], abs=5e-3)
    assert sampled["units"]["a"]["busy_fraction"] == pytest.approx(exact["units"]["a"]["busy_fraction"], rel=2e-3)
    assert [r["output_tokens"] for r in sampled["generation"]["requests"]] == [300, 300]
    assert sampled["tasks"] < exact["tasks"] / 10


def test_energy_is_that_of_the_whole_generation() -> None:
    soc, model = socsim.load_soc("apple/m1_max"), socsim.load_workload("gpt2")
    exact, sampled = (
        simulate(model, soc, RunOptions(prompt=32, tokens=60, sample_steps=steps)).summary for steps in (None, 6)
    )
    assert sampled["energy_j"] == pytest.approx(exact["energy_j"], rel=5e-3)
    assert sampled["units"]["gpu"]["energy_j"] == pytest.approx(exact["units"]["gpu"]["energy_j"], rel=5e-3)
    assert sampled["average_power_w"] == pytest.approx(exact["average_power_w"], rel=5e-3)


def test_all_steps_are_the_exact_run() -> None:
    assert run(20, 50).summary == run(20, None).summary


SCENARIO = """
streams:
  a: {{program: [{{generate: tiny, prompt: 4, tokens: 90, sample_steps: 4{more}}}]{arrival}}}
{other}"""


@pytest.mark.parametrize(
    ("more", "arrival", "other", "words"),
    [
        ("", "", "  b: {program: [{synthetic: a, busy: 1 ms}]}", "run it alone"),
        ("", ", arrival: {poisson: 2 Hz}, count: 3", "", "arrive too late"),
        (", draft: {length: 2, acceptance: 0.5}", "", "", "give no draft"),
    ],
)
def test_steps_are_not_left_out_where_others_would_notice(more: str, arrival: str, other: str, words: str) -> None:
    text = SCENARIO.format(more=more, arrival=arrival, other=other)
    soc = make_soc({"a": {}})
    with pytest.raises(ConfigError, match=rf"s\.yaml:3:6: streams\.a\.sample_steps: .*{words}"):
        simulate(read_scenario(text, "s.yaml", Path(), "s"), soc, given={"tiny": MODEL})


def test_a_single_step_is_no_sample() -> None:
    with pytest.raises(ConfigError, match="--sample-steps: must be at least 2"):
        run(20, 1)


def test_clocks_that_follow_every_step_need_every_step() -> None:
    soc, options = socsim.load_soc("apple/a17_pro"), RunOptions(prompt=8, tokens=90, sample_steps=4, governor="pace")
    with pytest.raises(ConfigError, match="does not go with --governor"):
        simulate(socsim.load_workload("gpt2"), soc, options)


def test_the_table_of_operations_says_that_it_is_of_the_simulated_steps() -> None:
    for steps, words in ((None, "Longest operations (of"), (4, "Longest operations of the simulated steps (of")):
        text = io.StringIO()
        print_summary(run(40, steps), Console(file=text, width=100))
        assert words in text.getvalue()
