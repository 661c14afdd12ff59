"""Are sizes evaluated, roots of views kept and lengths checked as a workload promises?"""

from __future__ import annotations

import pytest

from socsim.errors import WorkloadError
from socsim.workload import Operation, Symbol, Tensor, Workload, dtype

FP16 = dtype("fp16")


def pair(**changes: object) -> Workload:
    tensors = [
        Tensor("x", ("n", 4), FP16, "input"),
        Tensor("w", (4, 4), FP16, "weight"),
        Tensor("y", ("n", 4), FP16, "output"),
        Tensor("w.t", (2, 8), FP16, "weight", "w"),
    ]
    operation = Operation("mm", "matmul", ("x", "w.t"), ("y",), {"m": "n", "n": 4, "k": 4})
    values: dict[str, object] = {
        "name": "pair",
        "tensors": {t.id: t for t in tensors},
        "operations": (operation,),
        "symbols": (Symbol("n", 3, 1, 100),),
    }
    return Workload(**(values | changes))  # type: ignore[arg-type]


def test_weights_count_once_however_many_views_read_them() -> None:
    assert pair().weight_bytes() == 4 * 4 * 2


def test_lengths_take_their_defaults_and_are_checked() -> None:
    workload = pair()
    assert workload.complete() == {"n": 3}
    assert workload.total_work({"n": 10}).matmul_flop == 2 * 10 * 4 * 4
    with pytest.raises(WorkloadError, match="n = 101 is outside 1 … 100"):
        workload.complete({"n": 101})
    with pytest.raises(WorkloadError, match="has no length 'm': known: n"):
        workload.complete({"m": 1})


def test_the_hash_does_not_depend_on_the_order_of_tensors() -> None:
    workload = pair()
    reordered = pair(tensors=dict(reversed(list(workload.tensors.items()))))
    assert reordered.content_hash == workload.content_hash
    assert pair(symbols=(Symbol("n", 4, 1, 100),)).content_hash != workload.content_hash


def test_a_view_of_a_view_is_refused() -> None:
    tensors = dict(pair().tensors)
    tensors["v"] = Tensor("v", (4,), FP16, "weight", "w.t")
    with pytest.raises(WorkloadError, match=r"views 'w\.t', which is not a tensor of its own"):
        pair(tensors=tensors)
