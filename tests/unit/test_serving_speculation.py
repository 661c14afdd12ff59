"""Speculative decoding inside batches: does everyone get their tokens as fast as the formula says?"""

from __future__ import annotations

from math import prod
from pathlib import Path
from statistics import fmean

import pytest

from socsim.result import RunResult
from socsim.simulation import RunOptions, simulate
from socsim.simulation.scenario_file import read_scenario
from tests.building import make_soc
from tests.language_models import tiny_model

MODELS = {"target": tiny_model("target", 80), "drafter": tiny_model("drafter", 10)}
FAST = {"flop_per_cycle_per_core": {"fp16": 10**9, "fp32": 10**9}}
"""Arithmetic costs nothing: verification is bound by memory and takes as long as a decode step."""

LATER = "times: [0 s, 0 s, 1 ms, 2 ms, 50 ms]"


def run(
    policy: str, draft: str, program: str = "prompt: 1, tokens: 120", arrival: str = "", seed: int = 0
) -> RunResult:
    given = f", draft: {{{draft}}}" if draft else ""
    text = f"""
streams:
  s:
    program: [{{generate: target, {program}{given}}}]
    arrival: {{{arrival or "times: [0 s, 0 s, 0 s, 0 s]"}}}
    serving: {{policy: {policy}, max_batch: 4}}
"""
    return simulate(read_scenario(text, "s.yaml", Path(), "s"), make_soc({"a": FAST}), RunOptions(seed=seed), MODELS)


def per_token_s(result: RunResult) -> float:
    return float(result.summary["streams"]["s"]["generation"]["time_per_output_token_s"])


def step_s(result: RunResult, phase: str) -> float:
    return fmean(i.done_ps - i.arrival_ps for i in result.instances if i.phase == phase) / 1e12


@pytest.mark.parametrize("policy", ["continuous", "static"])
def test_the_speed_up_in_a_batch_is_that_of_the_formula(policy: str) -> None:
    plain, drafted = run(policy, ""), run(policy, "model: drafter, length: 3, acceptance: 0.7")
    ratio = step_s(drafted, "draft") / step_s(drafted, "decode")
    expected = (1 - 0.7**4) / (0.3 * (1 + 3 * ratio))
    # Four requests of 120 tokens are 190 rounds of one sequence; the batch waits for none of them when continuous.
    assert per_token_s(plain) / per_token_s(drafted) == pytest.approx(expected, rel=0.12)


@pytest.mark.parametrize(("policy", "chunk"), [("continuous", ""), ("continuous", ", chunk: 32"), ("static", "")])
def test_every_request_gets_its_tokens_whoever_drafts(policy: str, chunk: str) -> None:
    program = f"prompt: {{uniform: [20, 90]}}, tokens: {{uniform: [2, 40]}}{chunk}"
    plain = run(policy, "", program, LATER)
    for draft in ("length: 2, acceptance: 0.5", "model: drafter, length: 4, acceptance: 0.6, width: [2, 1, 1, 1]"):
        result = run(policy, draft, program, LATER)
        requests, wanted = (r.summary["streams"]["s"]["generation"]["requests"] for r in (result, plain))
        for key in ("request", "prompt_tokens", "output_tokens"):
            assert sorted(r[key] for r in requests) == sorted(r[key] for r in wanted)


def test_a_request_that_joins_has_its_prompt_taken_in_by_the_drafter_too() -> None:
    result = run("continuous", "model: drafter, length: 2, acceptance: 0.5", "prompt: 64, tokens: 20", LATER)
    prefills = [i for i in result.instances if i.phase == "draft prefill"]
    assert [result.graphs[i.graph].bindings for i in prefills] == ["batch=1 seq=64 past=0 logits=1"] * 5
    verified = [i for i in result.instances if i.phase == "decode" and len(i.shares) > 1]
    assert "seq=3" in result.graphs[verified[0].graph].bindings


@pytest.mark.parametrize("width", [(3, 2, 1), (4, 1, 1)])
def test_a_tree_brings_the_tokens_of_its_formula(width: tuple[int, ...]) -> None:
    acceptance = 0.5
    text = f"length: {len(width)}, acceptance: {acceptance}, width: {list(width)}"
    results = [run("continuous", text, "prompt: 1, tokens: 400", seed=seed) for seed in (0, 1)]
    chances = [1 - (1 - acceptance) ** w for w in width]
    expected = 1 + sum(prod(chances[: level + 1]) for level in range(len(width)))
    gains = [tokens for r in results for i in r.instances if i.phase == "decode" for _, tokens in i.shares]
    # Some 1100 rounds whose gain varies by 1.2 tokens: three standard errors are 0.11.
    assert fmean(gains) == pytest.approx(expected, abs=0.11)
    nodes = sum(prod(width[: level + 1]) for level in range(len(width)))
    assert f"seq={1 + nodes} " in results[0].graphs[results[0].instances[8].graph].bindings
