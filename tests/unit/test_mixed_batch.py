"""A chunk of a prompt beside a decode step: is it the work of both, and are the weights there once?"""

from __future__ import annotations

import pytest

from socsim.errors import WorkloadError
from socsim.transform import mixed_batch
from socsim.workload import Workload, find_workload, load_workload

DECODE = {"batch": 5, "seq": 3, "past": 300, "logits": 3}
CHUNK = {"batch": 1, "seq": 64, "past": 128, "logits": 1}
BOTH = {**DECODE, "chunk": 64, "chunk_past": 128}


def load(name: str) -> Workload:
    return load_workload(find_workload(name))


@pytest.mark.parametrize("name", ["llama-3.2-1b", "mamba-130m", "whisper-tiny-decoder", "gpt2", "mixtral-8x7b"])
def test_the_work_is_that_of_both_and_the_weights_are_read_once(name: str) -> None:
    workload = load(name)
    mixed = mixed_batch(workload)
    decode, chunk, both = workload.total_work(DECODE), workload.total_work(CHUNK), mixed.total_work(BOTH)
    assert both.matmul_flop == decode.matmul_flop + chunk.matmul_flop
    assert both.flop == pytest.approx(decode.flop + chunk.flop, rel=1e-6)
    saved = decode.read_bytes + chunk.read_bytes - both.read_bytes
    tables = sum(t.bind({}).size_bytes for t in workload.tensors.values() if t.role == "weight" and "embed" in t.id)
    least = 0.8 if "mixtral" in name else 0.99  # a decode step alone chooses most experts; scans read theirs apart
    assert least * (workload.weight_bytes() - tables) <= saved <= workload.weight_bytes()


def test_the_weights_are_those_of_the_model_and_each_part_has_a_cache_of_its_own() -> None:
    workload = load("gpt2")
    mixed = mixed_batch(workload)
    assert mixed.weights_hash == workload.content_hash != mixed.content_hash
    state = {t.id for t in workload.tensors.values() if t.role == "state"}
    assert {t.id for t in mixed.tensors.values() if t.role == "state"} == state | {f"{name}#chunk" for name in state}
    assert sum(op.kind == "attention" for op in mixed.operations) == 2 * sum(
        op.kind == "attention" for op in workload.operations
    )
    assert sum(op.kind == "matmul" for op in mixed.operations) == sum(op.kind == "matmul" for op in workload.operations)


def test_only_a_language_model_can() -> None:
    with pytest.raises(WorkloadError, match=r"resnet-18.*no language model"):
        mixed_batch(load("resnet-18"))
