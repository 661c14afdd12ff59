"""Which rate of a neural engine does which operation run at?"""

from __future__ import annotations

from typing import Any

import pytest

from socsim.cost.npu import Npu, NpuParams
from socsim.workload import BoundOperation, Operand, dtype

FP16 = dtype("fp16")


def npu(**changes: Any) -> NpuParams:
    return NpuParams.model_validate(
        {
            "name": "npu", "kind": "npu", "clock": "1 GHz", "flop_per_cycle": {"fp16": 1024}, "matrix_efficiency": 0.5,
            "vector_elements_per_cycle": 1e9, "special_elements_per_cycle": 1e9, "softmax_elements_per_cycle": 4,
            **changes,
        }
    )  # fmt: skip


def product() -> BoundOperation:
    a, b, out = (Operand(shape, FP16, "activation") for shape in ((256, 512), (512, 128), (256, 128)))
    return BoundOperation("matmul", (a, b), (out,), (("k", 512), ("m", 256), ("n", 128)))


def convolution() -> BoundOperation:
    image, weight, out = (Operand(s, FP16, "activation") for s in ((1, 64, 32, 32), (64, 64, 3, 3), (1, 64, 32, 32)))
    return BoundOperation("convolution", (image, weight), (out,), (("groups", 1), ("padding", (1, 1))))


def attention() -> BoundOperation:
    operand = Operand((1, 8, 128, 64), FP16, "activation")
    return BoundOperation("attention", (operand, operand, operand), (operand,))


def cycles(operation: BoundOperation, **changes: Any) -> int:
    return Npu().cost([operation], npu(**changes)).cycles


def test_products_that_are_no_convolutions_have_a_rate_of_their_own() -> None:
    assert cycles(product()) == 2 * 256 * 512 * 128 / (1024 * 0.5)
    assert cycles(product(), matmul_efficiency=0.25) == 2 * cycles(product())
    assert cycles(convolution(), matmul_efficiency=0.25) == cycles(convolution())


def test_a_softmax_over_the_last_axis_is_slower_where_the_engine_says_so() -> None:
    elements = 8 * 128 * 128
    slow = cycles(attention(), softmax_over_channels=False, last_axis_softmax_fraction=0.5)
    assert slow - cycles(attention()) == pytest.approx(elements / 2 - elements / 4)
    assert cycles(attention(), last_axis_softmax_fraction=0.5) == cycles(attention())
