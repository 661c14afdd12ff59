"""A state-space model: does it generate, and does its memory stay as it is while the context grows?"""

from __future__ import annotations

import pytest

import socsim
from socsim.simulation import RunOptions, load_components, simulate
from socsim.simulation.models import Models
from socsim.workload.scenario import Model


def test_a_step_takes_as_long_after_a_long_context_as_after_a_short_one() -> None:
    soc, model = socsim.load_soc("apple/m1_max"), socsim.load_workload("mamba-130m")
    short, long = (
        simulate(model, soc, RunOptions(lengths=(("seq", 1), ("past", past)))).latency_ps for past in (1, 100_000)
    )
    assert short == long


def test_it_answers_like_any_language_model() -> None:
    soc, model = socsim.load_soc("apple/m1_max"), socsim.load_workload("mamba-130m")
    figures = simulate(model, soc, RunOptions(prompt=64, tokens=5, prefill_chunk=32)).summary["generation"]
    assert figures["requests"][0]["output_tokens"] == 5
    assert figures["inter_token_gap_s"]["max"] == pytest.approx(figures["inter_token_gap_s"]["mean"], rel=0.02)


def test_a_sequence_keeps_a_state_of_fixed_size() -> None:
    load_components()
    fixed, per_token = Models(socsim.load_soc("apple/m1_max")).state_bytes(Model("mamba-130m"))
    # 24 layers of 1536 channels: a window of 3 tokens and 16 state elements, in fp16
    assert (fixed, per_token) == (24 * 1536 * (3 + 16) * 2, 0)


def test_the_scan_is_counted_by_its_formula() -> None:
    model = socsim.load_workload("mamba-130m")
    counts = {seq: model.total_work({"batch": 1, "seq": seq, "past": 0, "logits": 1}) for seq in (1, 65)}
    scan = [operation for operation in model.operations if operation.kind == "scan"]
    assert len(scan) == 24
    per_token = (counts[65].flop - counts[65].matmul_flop - counts[1].flop + counts[1].matmul_flop) / 64
    assert per_token > 24 * 1536 * (8 * 16 + 2)
