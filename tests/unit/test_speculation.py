"""Speculative decoding: does a round do what it should, and does the speed-up follow the formula?"""

from __future__ import annotations

from dataclasses import replace
from statistics import fmean

import pytest

from socsim.errors import ConfigError
from socsim.result import RunResult
from socsim.simulation import RunOptions, load_components, simulate
from socsim.simulation.models import Models
from socsim.simulation.streams.speculation import speculate
from socsim.workload.scenario import Closed, Distribution, Draft, Generate, Model, Scenario, Stream
from tests.building import make_soc
from tests.language_models import tiny_model

TARGET, DRAFTER = tiny_model("target", 80), tiny_model("drafter", 10)
FAST = {"flop_per_cycle_per_core": {"fp16": 10**9, "fp32": 10**9}}
"""Arithmetic costs nothing: verification is bound by memory and takes as long as a decode step."""


def run(draft: Draft | None, seed: int = 0, tokens: int = 300, batch: int = 1, **unit: object) -> RunResult:
    step = Generate(
        Model("target"), Distribution("constant", 1), Distribution("constant", tokens), batch=batch, draft=draft
    )
    soc = make_soc({"a": {**FAST, **unit}})
    models = {"target": TARGET, "drafter": DRAFTER}
    scenario = Scenario("s", (Stream("s", (step,), Closed(), count=1),))
    return simulate(scenario, soc, RunOptions(seed=seed), given=models)


def per_token_s(result: RunResult) -> float:
    return float(result.summary["generation"]["time_per_output_token_s"])


def cost_ratio(result: RunResult) -> float:
    """A draft step against a decode step."""
    last = {i.phase: i.done_ps - i.arrival_ps for i in result.instances}
    return last["draft"] / last["decode"]


@pytest.mark.parametrize(("length", "acceptance"), [(2, 0.5), (4, 0.7), (6, 0.9)])
def test_the_speed_up_is_that_of_the_formula_when_memory_bounds_verification(length: int, acceptance: float) -> None:
    alone = run(None)
    drafted = [run(Draft(length, acceptance, Model("drafter")), seed) for seed in range(3)]
    speed_up = fmean(per_token_s(alone) / per_token_s(result) for result in drafted)
    expected = (1 - acceptance ** (length + 1)) / ((1 - acceptance) * (cost_ratio(drafted[0]) * length + 1))
    # 3 runs of 300 tokens are about 300 rounds, whose gain varies by 0.6 of its mean: three standard errors are 10 %.
    assert speed_up == pytest.approx(expected, rel=0.1)


def test_nothing_accepted_is_slower_than_no_speculation_and_all_accepted_is_as_fast_as_the_formula() -> None:
    alone = per_token_s(run(None))
    poor = run(Draft(4, 0.0, Model("drafter")))
    ratio = cost_ratio(poor)
    assert alone / per_token_s(poor) == pytest.approx(1 / (1 + 4 * ratio), rel=0.02)
    sure = run(Draft(4, 1.0, Model("drafter")), tokens=401)
    assert alone / per_token_s(sure) == pytest.approx(5 / (1 + 4 * ratio), rel=0.02)


def test_speculation_does_not_pay_where_arithmetic_bounds_verification() -> None:
    slow = {"flop_per_cycle_per_core": {"fp16": 20, "fp32": 20}}
    assert per_token_s(run(Draft(8, 0.5, Model("drafter")), tokens=50, **slow)) > per_token_s(
        run(None, tokens=50, **slow)
    )


def rounds(draft: Draft, tokens: int, prompt: int = 10) -> list[tuple[str, str, int]]:
    load_components()
    models = Models(make_soc({"a": FAST}), given={"target": TARGET, "drafter": DRAFTER})
    step = Generate(Model("target"), Distribution("constant", prompt), Distribution("constant", tokens), draft=draft)
    from random import Random

    works = speculate(step, draft, models, Random(1), prompt, tokens, "decode")
    return [(work.phase, work.graph.bindings, work.tokens) for work in works]


def test_a_full_round_leaves_one_token_to_the_next_draft_and_none_is_too_many() -> None:
    seen = rounds(Draft(3, 1.0, Model("drafter")), tokens=10)
    assert seen == [
        ("draft prefill", "batch=1 seq=10 past=0 logits=1", 0),
        ("draft", "batch=1 seq=1 past=10 logits=1", 0),
        ("draft", "batch=1 seq=1 past=11 logits=1", 0),
        ("draft", "batch=1 seq=1 past=12 logits=1", 0),
        ("decode", "batch=1 seq=4 past=10 logits=4", 4),
        ("draft", "batch=1 seq=2 past=13 logits=1", 0),
        ("draft", "batch=1 seq=1 past=15 logits=1", 0),
        ("draft", "batch=1 seq=1 past=16 logits=1", 0),
        ("decode", "batch=1 seq=4 past=14 logits=4", 4),
        ("decode", "batch=1 seq=1 past=18 logits=1", 1),
    ]


def test_a_refused_draft_leaves_the_cache() -> None:
    seen = rounds(Draft(2, 0.0, Model("drafter")), tokens=4)
    assert [bindings for phase, bindings, _ in seen if phase == "decode"] == [
        "batch=1 seq=3 past=10 logits=3", "batch=1 seq=2 past=11 logits=2", "batch=1 seq=1 past=12 logits=1",
    ]  # fmt: skip
    assert sum(tokens for _, _, tokens in seen) == 3


def test_looking_up_the_prompt_costs_nothing_and_a_tree_is_verified_whole() -> None:
    seen = rounds(Draft(2, 1.0, width=3), tokens=4)
    assert seen == [("decode", "batch=1 seq=13 past=10 logits=13", 3)]


def test_a_batch_brings_forth_every_token_of_every_sequence() -> None:
    result = run(Draft(4, 0.6, Model("drafter")), tokens=30, batch=3)
    assert sum(i.tokens for i in result.instances if i.phase == "decode") == 3 * 29
    one = run(replace(Draft(4, 0.6), model=None), tokens=30)
    assert sum(i.tokens for i in one.instances if i.phase == "decode") == 29


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (RunOptions(prompt=8, tokens=8, draft="drafter"), "--acceptance: say with what probability"),
        (RunOptions(prompt=8, tokens=8, acceptance=0.7), "--acceptance: belongs to speculative decoding"),
        (RunOptions(prompt=8, tokens=8, draft="drafter", acceptance=0.7, draft_width=(2, 1)), "2 levels, but --draft-"),
        (RunOptions(prompt=8, tokens=8, draft="prompt-lookup", acceptance=0.7, draft_length=0), "--draft-length"),
        (RunOptions(draft="prompt-lookup", acceptance=0.7), "needs --prompt and --tokens"),
        (RunOptions(prompt=8, tokens=8, draft="resnet-18", acceptance=0.7), "is no language model"),
        (RunOptions(prompt=8, tokens=8, prefill_chunk=0), "--prefill-chunk: must be at least 1"),
    ],
)
def test_options_that_do_not_fit_together_are_refused(options: RunOptions, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        simulate(TARGET, make_soc({"a": FAST}), options)
