"""Is each kind of operator lowered to the operation, the bytes and the FLOP that it is?"""

from __future__ import annotations

from typing import Any

import pytest

from socsim.errors import WorkloadError
from socsim.workload import Operation, Workload, work

torch = pytest.importorskip("torch", reason="needs the extra 'trace'")
pytestmark = pytest.mark.torch

from socsim.frontend import trace  # noqa: E402
from socsim.frontend.operators.matmul import parse_equation  # noqa: E402
from socsim.frontend.operators.views import merged  # noqa: E402

nn, F = torch.nn, torch.nn.functional


class Function(nn.Module):  # type: ignore[misc]
    """A module that is one function of its inputs, with an optional parameter `weight`."""

    def __init__(self, function: Any, *weight: int) -> None:
        super().__init__()
        self.function = function
        if weight:
            self.weight = nn.Parameter(torch.empty(weight, device="meta"))

    def forward(self, *inputs: Any) -> Any:
        return self.function(self, *inputs) if hasattr(self, "weight") else self.function(*inputs)


def zeros(*shape: int, dtype: Any = torch.float32) -> Any:
    return torch.zeros(shape, dtype=dtype, device="meta")


def traced(module: Any, *inputs: Any, **options: Any) -> Workload:
    module = module if isinstance(module, nn.Module) else Function(module)
    return trace(module.eval(), inputs, **options)


def kinds(workload: Workload) -> list[str]:
    return [operation.kind for operation in workload.operations]


def only(workload: Workload) -> Operation:
    assert len(workload.operations) == 1, kinds(workload)
    return workload.operations[0]


def test_a_pooling_window_larger_than_the_image_sees_the_image_only() -> None:
    workload = traced(lambda x: F.avg_pool2d(x, 1280, ceil_mode=True), zeros(1, 8, 7, 7))
    assert only(workload).attributes["kernel"] == (7, 7)


def test_views_and_dropout_are_no_operations_and_read_their_own_part() -> None:
    def function(x: Any) -> Any:
        y = F.dropout(x.view(4, 6).transpose(0, 1), 0.5, training=False)
        return torch.relu(y[:2].unsqueeze(0))

    workload = traced(function, zeros(24))
    operation = only(workload)
    view = workload.tensors[operation.inputs[0]]
    assert (view.shape, view.alias_of) == ((1, 2, 4), "inputs_0")
    assert work(workload.bind(operation, {})).read_bytes == 8 * 4


def test_a_reshape_is_a_copy_only_where_strides_forbid_a_view() -> None:
    assert kinds(traced(lambda x: torch.relu(x.reshape(6, 4)), zeros(4, 6))) == ["elementwise"]
    copied = traced(lambda x: torch.relu(x.transpose(0, 1).reshape(24)), zeros(4, 6))
    assert kinds(copied) == ["data_movement", "elementwise"]
    assert copied.total_work().write_bytes == 2 * 24 * 4


def test_a_reordering_copy_is_made_for_element_wise_consumers_and_not_for_matrix_products() -> None:
    assert kinds(traced(lambda x: torch.relu(x.transpose(0, 1).contiguous()), zeros(4, 6))) == [
        "data_movement",
        "elementwise",
    ]
    assert kinds(traced(lambda x, y: x.transpose(0, 1).contiguous() @ y, zeros(4, 6), zeros(4, 5))) == ["matmul"]
    twice = traced(lambda x: torch.relu(y := x.t().contiguous()) + y, zeros(4, 6))
    assert kinds(twice) == ["data_movement", "elementwise", "elementwise"]


def test_an_in_place_operator_makes_a_new_tensor_that_later_readers_and_views_see() -> None:
    def function(x: Any) -> Any:
        y = x * 2
        part = y[:1]
        y.relu_()
        return part + 1

    workload = traced(function, zeros(4, 6))
    multiply, relu, add = workload.operations
    assert [operation.operator for operation in (multiply, relu, add)] == ["aten.mul", "aten.relu_", "aten.add"]
    assert relu.inputs == multiply.outputs
    assert relu.outputs != multiply.outputs
    assert workload.root(add.inputs[0]) == relu.outputs[0]


def test_an_in_place_operator_on_a_part_writes_into_the_whole() -> None:
    def function(x: Any) -> Any:
        y = x * 2
        y[:1].add_(1)
        return y + 1

    workload = traced(function, zeros(4, 6))
    multiply, part, add = workload.operations
    written = workload.tensors[part.outputs[0]]
    assert (written.alias_of, written.shape) == (multiply.outputs[0], (1, 6))
    assert add.inputs == multiply.outputs


def test_what_follows_from_parameters_alone_is_computed_before() -> None:
    def function(self: Any, x: Any) -> Any:
        bias = (self.weight * 3).reshape(2, 2, 3).permute(1, 0, 2).reshape(2, 6)
        return x + bias

    workload = traced(Function(function, 12), zeros(2, 6))
    operation = only(workload)
    assert workload.tensors[operation.inputs[1]].role == "weight"
    assert workload.weight_bytes() == 12 * 4  # the derived table, not the parameter too


def test_positions_and_masks_are_bookkeeping() -> None:
    def function(x: Any) -> Any:
        n = x.shape[1]
        mask = torch.arange(n, device=x.device)[None, :] <= torch.arange(n, device=x.device)[:, None]
        return F.scaled_dot_product_attention(x[:, None], x[:, None], x[:, None], attn_mask=mask)

    workload = traced(function, zeros(2, 5, 8), shapes=({1: "seq"},))
    operation = only(workload)
    assert (operation.kind, len(operation.inputs), operation.attributes["causal"]) == ("attention", 3, 1)


def test_a_mask_that_is_computed_from_data_is_read() -> None:
    workload = traced(
        lambda x, m: F.scaled_dot_product_attention(x, x, x, attn_mask=m * 2), zeros(1, 2, 5, 8), zeros(1, 1, 5, 5)
    )
    attention = workload.operations[-1]
    assert workload.bind(attention, {}).inputs[3].shape == (1, 1, 5, 5)
    assert attention.attributes["causal"] == 0


@pytest.mark.parametrize("how", ["expand", "repeat_interleave", "enable_gqa", "matmul"])
def test_grouped_queries_read_keys_and_values_without_repetition(how: str) -> None:
    def repeated(k: Any) -> Any:
        if how == "repeat_interleave":
            return k.repeat_interleave(4, dim=1)
        return k[:, :, None].expand(1, 2, 4, 7, 16).reshape(1, 8, 7, 16)

    def function(q: Any, k: Any) -> Any:
        if how == "enable_gqa":
            return F.scaled_dot_product_attention(q, k, k, enable_gqa=True)
        if how == "matmul":
            return torch.softmax(q @ repeated(k).transpose(2, 3), -1) @ repeated(k)
        return F.scaled_dot_product_attention(q, repeated(k), repeated(k))

    workload = traced(function, zeros(1, 8, 5, 16), zeros(1, 2, 7, 16))
    assert "data_movement" not in kinds(workload)
    first = workload.bind(workload.operations[0], {})
    assert first.inputs[1].num_elements == 2 * 7 * 16
    assert workload.total_work().matmul_flop == 2 * 8 * 5 * 7 * (16 + 16)


def test_repetition_that_an_element_wise_consumer_sees_is_copied() -> None:
    workload = traced(lambda k: torch.relu(k.repeat_interleave(4, dim=1)), zeros(1, 2, 7))
    assert kinds(workload) == ["data_movement", "elementwise"]
    assert work(workload.bind(workload.operations[0], {})).write_bytes == 8 * 7 * 4


def test_the_output_of_attention_may_lie_in_any_order() -> None:
    def function(x: Any) -> Any:
        return F.scaled_dot_product_attention(x, x, x).transpose(1, 2).contiguous().view(1, 5, 16) + 1

    assert kinds(traced(function, zeros(1, 2, 5, 8))) == ["attention", "elementwise"]


@pytest.mark.parametrize(
    ("name", "function", "inputs"),
    [
        ("linear", F.linear, [(2, 3, 8), (5, 8), (5,)]),
        ("matmul of batches", torch.matmul, [(2, 4, 3, 8), (2, 4, 8, 5)]),
        ("matmul that broadcasts", torch.matmul, [(2, 1, 3, 8), (4, 8, 5)]),
        ("matmul by a matrix", torch.matmul, [(2, 4, 3, 8), (8, 5)]),
        ("bmm", torch.bmm, [(4, 3, 8), (4, 8, 5)]),
        ("addmm", torch.addmm, [(5,), (3, 8), (8, 5)]),
        ("baddbmm", torch.baddbmm, [(4, 3, 5), (4, 3, 8), (4, 8, 5)]),
        ("einsum", lambda a, b: torch.einsum("bhwc,hkc->bhwk", a, b), [(2, 3, 4, 8), (3, 5, 8)]),
        ("einsum with ellipsis", lambda a, b: torch.einsum("...ij,...jk->...ik", a, b), [(2, 3, 8), (2, 8, 5)]),
        ("conv1d", lambda x, w: F.conv1d(x, w, padding=1), [(2, 4, 9), (6, 4, 3)]),
        ("conv2d", lambda x, w: F.conv2d(x, w, stride=2, padding=1), [(2, 4, 9, 9), (6, 4, 3, 3)]),
        ("conv2d, same", lambda x, w: F.conv2d(x, w, padding="same"), [(2, 4, 9, 9), (6, 4, 3, 3)]),
        ("depthwise", lambda x, w: F.conv2d(x, w, groups=4), [(2, 4, 9, 9), (4, 1, 3, 3)]),
        ("transposed", lambda x, w: F.conv_transpose2d(x, w, stride=2), [(2, 4, 5, 5), (4, 6, 2, 2)]),
        ("attention", F.scaled_dot_product_attention, [(2, 3, 5, 8), (2, 3, 7, 8), (2, 3, 7, 4)]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_matrix_products_count_what_torch_counts(name: str, function: Any, inputs: list[tuple[int, ...]]) -> None:
    from torch.utils.flop_counter import FlopCounterMode

    tensors = [zeros(*shape) for shape in inputs]
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        function(*tensors)
    assert traced(function, *tensors).total_work().matmul_flop == counter.get_total_flops() > 0


def test_a_product_with_a_vector_counts_although_torch_does_not_count_it() -> None:
    assert traced(torch.matmul, zeros(3, 8), zeros(8)).total_work().matmul_flop == 2 * 3 * 8


@pytest.mark.parametrize(
    ("equation", "ranks", "expected"),
    [
        ("bij,bjk->bik", (3, 3), (("bij", "bjk"), "bik")),
        ("ij, jk", (2, 2), (("ij", "jk"), "ik")),
        ("...ij,jk->...ik", (4, 2), (("ABij", "jk"), "ABik")),
        ("...i,...i->...", (3, 2), (("ABi", "Bi"), "AB")),
    ],
)
def test_equations_of_einsum(equation: str, ranks: tuple[int, ...], expected: tuple[tuple[str, ...], str]) -> None:
    assert parse_equation(equation, ranks) == expected


def test_merging_dimensions_keeps_count_of_what_only_repeats() -> None:
    assert merged((2, 3, 4, 5), (2, 3, 1, 5), (2, 12, 5), (2, 12, 5)) == (2, 3, 5)
    assert merged((2, 3, 4, 5), (2, 3, 4, 5), (2, 12, 5), (2, 12, 5)) is None  # nothing repeats
    assert merged((4, 6), (1, 6), (3, 8), (3, 8)) is None  # regrouped, not merged


class TinyRMSNorm(nn.Module):  # type: ignore[misc]
    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(8, device="meta"))

    def forward(self, x: Any) -> Any:
        y = x.to(torch.float32)
        return self.weight * (y * torch.rsqrt(y.pow(2).mean(-1, keepdim=True) + 1e-6)).to(x.dtype)


class NormTwice(nn.Module):  # type: ignore[misc]
    def __init__(self) -> None:
        super().__init__()
        self.norm = TinyRMSNorm()

    def forward(self, x: Any) -> Any:
        return self.norm(torch.relu(self.norm(x)))


def test_a_norm_written_in_pointwise_nodes_is_one_operation() -> None:
    workload = traced(NormTwice(), zeros(2, 8))
    assert kinds(workload) == ["normalization", "elementwise", "normalization"]
    first = workload.operations[0]
    assert (first.label, first.module_class, first.attributes["function"]) == ("norm", "TinyRMSNorm", "rms_norm")
    assert [workload.bind(first, {}).inputs[i].shape for i in range(2)] == [(2, 8), (8,)]


def test_a_rotary_embedding_is_one_element_wise_operation() -> None:
    def function(x: Any, cos: Any, sin: Any) -> Any:
        rotated = torch.cat((-x[..., 4:], x[..., :4]), dim=-1)
        return x * cos + rotated * sin

    operation = only(traced(function, zeros(2, 3, 5, 8), zeros(1, 1, 5, 8), zeros(1, 1, 5, 8)))
    assert (operation.kind, operation.attributes["function"]) == ("elementwise", "rotary")
    assert len(operation.inputs) == 3


def test_real_copies_move_data() -> None:
    assert kinds(traced(lambda x: torch.cat([x, x]), zeros(4))) == ["data_movement"]
    assert kinds(traced(lambda x: F.pad(x, (1, 2)), zeros(4))) == ["data_movement"]
    assert kinds(traced(lambda x: torch.relu(F.pad(x, (0, 0))), zeros(4))) == ["elementwise"]
    assert kinds(traced(lambda x: torch.roll(x, 1), zeros(4))) == ["data_movement"]


def test_an_embedding_reads_rows_not_the_table() -> None:
    module = nn.Embedding(1000, 16, device="meta")
    workload = traced(module, zeros(3, dtype=torch.int64))
    done = work(workload.bind(only(workload), {}))
    assert done.read_bytes == 3 * 16 * 4 + 3 * 8
    assert workload.weight_bytes() == 1000 * 16 * 4


def test_results_that_nothing_reads_are_dropped() -> None:
    def function(x: Any) -> Any:
        values, _ = torch.topk(x * 2, 2)
        _ = x + 5
        return values

    assert kinds(traced(function, zeros(8))) == ["elementwise", "reduction"]


def test_labels_are_module_paths_and_dtypes_the_modules_own() -> None:
    module = nn.Sequential(nn.Linear(4, 5, device="meta"), nn.ReLU(), nn.Linear(5, 6, device="meta")).bfloat16()
    workload = traced(module, zeros(2, 4, dtype=torch.bfloat16))
    assert [operation.label for operation in workload.operations] == ["0", "1", "2"]
    assert {tensor.dtype.name for tensor in workload.tensors.values()} == {"bf16"}
    assert workload.tensors["2.weight"].role == "weight"


def test_named_lengths_become_expressions() -> None:
    workload = traced(
        lambda x, y: torch.cat([x, y], 1).flatten(0, 1) + 1,
        zeros(2, 3, 4),
        zeros(2, 5, 4),
        shapes=({0: "batch", 1: "a"}, {0: "batch", 1: "b"}),
    )
    concatenated, added = workload.operations
    assert workload.tensors[concatenated.outputs[0]].shape == ("batch", "a + b", 4)
    bound = workload.bind(added, {"batch": 7, "a": 11, "b": 13})
    assert bound.outputs[0].shape == (7 * 24, 4)


def test_a_length_that_the_model_fixes_is_an_error() -> None:
    with pytest.raises(WorkloadError, match="fixes the length 'n'"):
        traced(lambda x: x.reshape(3, 4) + 1, zeros(12), shapes=({0: "n"},))


def test_operators_without_a_cost_are_all_listed_with_counts_and_labels() -> None:
    class Inner(nn.Module):  # type: ignore[misc]
        def forward(self, x: Any) -> Any:
            return torch.special.i0(x) + torch.special.i0(x + 1)

    class Outer(nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.inner = Inner()

        def forward(self, x: Any) -> Any:
            return torch.lgamma(self.inner(x))

    with pytest.raises(WorkloadError) as caught:
        traced(Outer(), zeros(8))
    message = str(caught.value)
    assert "aten.special_i0: 2 × at inner, inner" in message or "aten.i0: 2 × at inner, inner" in message
    assert "aten.lgamma: 1 × at (top level)" in message
    assert "--allow-unknown" in message

    allowed = traced(Outer(), zeros(8), allow_unknown=True)
    assert allowed.partial
    assert kinds(allowed).count("unknown") == 3
    priced = next(op for op in allowed.operations if op.kind == "unknown")
    done = work(allowed.bind(priced, {}))
    assert (done.flop, done.read_bytes, done.write_bytes) == (0, 32, 32)


def test_a_model_that_cannot_be_exported_says_why() -> None:
    def function(x: Any) -> Any:
        return x + 1 if x.sum() > 0 else x

    with pytest.raises(WorkloadError, match=r"torch\.export cannot trace it"):
        traced(function, zeros(4))


def test_another_operator_is_one_registration() -> None:
    from socsim.frontend.operators import register
    from socsim.frontend.operators.registration import _OPERATORS

    @register("aten.lgamma")
    def lgamma(call: Any) -> Any:
        return call.emit("elementwise", call.tensors(), function="lgamma", flop_per_element=9)

    try:
        assert traced(torch.lgamma, zeros(4)).total_work().flop == 36
    finally:
        del _OPERATORS._items["aten.lgamma"]
