"""What does a neural engine's front end take for a task, and when do scores of an attention leave the chip?"""

from __future__ import annotations

from typing import Any

import pytest

from socsim.cost.npu import Npu, NpuParams
from socsim.workload import BoundOperation, Operand, dtype


def params(**changes: Any) -> NpuParams:
    base: dict[str, Any] = {
        "name": "npu", "kind": "npu", "clock": 10**9, "flop_per_cycle": {"fp16": 8192}, "matrix_efficiency": 1.0,
        "vector_elements_per_cycle": 128, "special_elements_per_cycle": 16, "layer_cycles": 1000,
    }  # fmt: skip
    return NpuParams.model_validate(base | changes, context={"base_units": True})


def operand(*shape: int, role: Any = "activation", name: str = "fp16") -> Operand:
    return Operand(shape, dtype(name), role)


def convolution(name: str = "fp16") -> BoundOperation:
    image, weight = operand(1, 32, 8, 8, name=name), operand(32, 32, 1, 1, role="weight", name=name)
    return BoundOperation("convolution", (image, weight), (image,))


def attention(tokens: int) -> BoundOperation:
    one = operand(1, 4, tokens, 64)
    return BoundOperation("attention", (one, one, one), (one,))


RELU = BoundOperation("elementwise", (operand(1, 32, 8, 8),), (operand(1, 32, 8, 8),), (("function", "relu"),))


def test_what_is_folded_into_a_product_is_no_layer_of_its_own() -> None:
    model = Npu()
    assert model.launch_cycles([convolution(), RELU], params(), starts_program=False) == 1000
    assert model.launch_cycles([RELU], params(), starts_program=False) == 1000


def test_heads_of_an_attention_are_layers_where_the_compiler_splits_them() -> None:
    assert Npu().launch_cycles([attention(8)], params(), starts_program=False) == 1000
    assert Npu().launch_cycles([attention(8)], params(head_layers=5), starts_program=False) == 4 * 5 * 1000


@pytest.mark.parametrize(("name", "cycles"), [("fp16", 501_000), ("int8", 101_000)])
def test_a_program_starts_at_the_cost_of_its_precision(name: str, cycles: int) -> None:
    given = params(program_cycles={"fp16": 500_000, "int8": 100_000})
    assert Npu().launch_cycles([convolution(name)], given, starts_program=True) == cycles
    assert Npu().launch_cycles([convolution(name)], given, starts_program=False) == 1000


def test_scores_leave_the_chip_only_where_they_do_not_fit() -> None:
    given = params(on_chip=2**20, score_passes=2)
    small, large = Npu().cost([attention(128)], given), Npu().cost([attention(1024)], given)
    assert (small.scratch_bytes, small.scratch_passes) == (0, 0)
    assert (large.scratch_bytes, large.scratch_passes) == (4 * 1024 * 1024 * 2, 2)
