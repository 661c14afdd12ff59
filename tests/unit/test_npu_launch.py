"""What do programs and layers cost a neural engine beside arithmetic, and what leaves the chip?"""

from __future__ import annotations

from typing import Any

import pytest

from socsim.cost.npu import Npu, NpuParams
from socsim.mapping.accesses import movements
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


def layers(*operations: BoundOperation, **changes: Any) -> float:
    """Layers that a task is charged for."""
    given = params(**changes)
    free = given.model_copy(update={"layer_cycles": 0})
    return (Npu().cost(operations, given).cycles - Npu().cost(operations, free).cycles) / given.layer_cycles


def test_what_is_folded_into_a_product_is_no_layer_of_its_own() -> None:
    assert layers(convolution(), RELU) == 1
    assert layers(RELU) == 1


def test_heads_of_an_attention_are_layers_where_the_compiler_splits_them() -> None:
    assert layers(attention(8)) == 1
    assert layers(attention(8), head_layers=5) == 4 * 5


@pytest.mark.parametrize(("name", "cycles"), [("fp16", 500_000), ("int8", 100_000)])
def test_a_program_starts_at_the_cost_of_its_precision(name: str, cycles: int) -> None:
    given = params(program_cycles={"fp16": 500_000, "int8": 100_000})
    assert Npu().launch_cycles([convolution(name)], given, starts_program=True) == cycles
    assert Npu().launch_cycles([convolution(name)], given, starts_program=False) == 0


def test_a_concatenation_in_place_moves_nothing_alone_but_what_is_fused_with_it_does() -> None:
    image = operand(1, 32, 8, 8)
    both = BoundOperation("data_movement", (image, image), (operand(1, 64, 8, 8),), (("function", "concat"),))
    slots = [((0, 1), (2,))]
    roles = dict.fromkeys(range(3), "activation")
    copied, in_place = (Npu().cost([both], params(in_place_concatenation=given)) for given in (False, True))
    assert sum(m.read_bytes + m.write_bytes for m in movements([both], slots, roles, copied)) == 4 * image.size_bytes
    assert movements([both], slots, roles, in_place) == ()
    assert not Npu().cost([both, RELU], params(in_place_concatenation=True)).in_place


def test_scores_leave_the_chip_only_where_they_do_not_fit() -> None:
    given = params(on_chip=2**20, score_passes=2)
    small, large = Npu().cost([attention(128)], given), Npu().cost([attention(1024)], given)
    assert (small.scratch_bytes, small.scratch_passes) == (0, 0)
    assert (large.scratch_bytes, large.scratch_passes) == (4 * 1024 * 1024 * 2, 2)
