"""Matrix products: linear layers, matmul in all its forms, einsum, grouped products of mixtures of experts."""

from __future__ import annotations

import string
from collections.abc import Sequence
from typing import Any

from socsim.frontend.call import Call, sizes_in
from socsim.frontend.operators.registration import register
from socsim.frontend.sizes import Size, product
from socsim.frontend.value import Value


def _with_bias(operands: list[Value], bias: Value | None) -> list[Value]:
    return [*operands, bias] if bias is not None else operands


@register("aten.linear", product=True)
def linear(call: Call) -> Any:
    """`x[..., k] @ weight[n, k]^T`: m = rows of x."""
    x, weight = call.sizes("input"), call.sizes("weight")
    operands = _with_bias([call.value("input"), call.value("weight")], call.optional("bias"))
    return call.emit("matmul", operands, batch=1, m=product(x[:-1]), n=weight[0], k=weight[1])


@register("aten.mm", "aten._int_mm", product=True)
def mm(call: Call) -> Any:
    (m, k), (_, n) = call.sizes("self"), call.sizes("mat2")
    return call.emit("matmul", [call.value("self"), call.value("mat2")], batch=1, m=m, n=n, k=k)


@register("aten.addmm", product=True)
def addmm(call: Call) -> Any:
    (m, k), (_, n) = call.sizes("mat1"), call.sizes("mat2")
    operands = [call.value("mat1"), call.value("mat2"), call.value("self")]
    return call.emit("matmul", operands, batch=1, m=m, n=n, k=k)


@register("aten.bmm", product=True)
def bmm(call: Call) -> Any:
    (batch, m, k), (_, _, n) = call.sizes("self"), call.sizes("mat2")
    operands = [call.value("self"), call.value("mat2")]
    return call.emit("matmul", operands, strided=True, batch=batch, m=m, n=n, k=k)


@register("aten.baddbmm", product=True)
def baddbmm(call: Call) -> Any:
    (batch, m, k), (_, _, n) = call.sizes("batch1"), call.sizes("batch2")
    operands = [call.value("batch1"), call.value("batch2"), call.value("self")]
    return call.emit("matmul", operands, batch=batch, m=m, n=n, k=k)


@register("aten.matmul", product=True)
def matmul(call: Call) -> Any:
    """torch.matmul: vectors, matrices, and batches that broadcast."""
    a, b = call.sizes("self"), call.sizes("other")
    m = a[-2] if len(a) > 1 else 1
    n = b[-1] if len(b) > 1 else 1
    batch: Size = 1
    if len(b) <= 2:
        m = product(a[:-1])
    elif len(a) <= 2:
        batch = product(b[:-2])
    else:
        batch = product(call.outputs()[0].sizes[:-2])
    operands = [call.value("self"), call.value("other")]
    return call.emit("matmul", operands, strided=True, batch=batch, m=m, n=n, k=a[-1])


@register("aten.einsum", product=True)
def einsum(call: Call) -> Any:
    """A product of two operands in Einstein notation: labels in both and the result are the batch, labels in both but
    not in the result are summed over."""
    operands = call.values("tensors")
    shapes = [sizes_in(node.meta["val"].shape) for node in call.arguments["tensors"]]
    if len(operands) != 2:
        call.lowering.unknown[f"{call.operator} of {len(operands)} operands"].append(call.label)
        return call.emit("unknown", operands)
    (left, right), result = parse_equation(str(call.arguments["equation"]), [len(shape) for shape in shapes])
    size = dict(zip(left, shapes[0], strict=True)) | dict(zip(right, shapes[1], strict=True))
    a, b, out = set(left), set(right), set(result)
    summed = [label for label in left if label in b and label not in out]
    if not summed:
        return call.emit("elementwise", operands, function="mul", flop_per_element=1)
    return call.emit(
        "matmul",
        operands,
        strided=True,
        batch=product(size[label] for label in result if label in a and label in b),
        m=product(size[label] for label in result if label in a and label not in b),
        n=product(size[label] for label in result if label in b and label not in a),
        k=product(size[label] for label in summed),
    )


def parse_equation(equation: str, ranks: Sequence[int]) -> tuple[tuple[str, ...], str]:
    """`"bhwc,hkc->bhwk"` -> operand labels and result labels; an ellipsis becomes labels that occur nowhere else."""
    text = equation.replace(" ", "")
    inputs, arrow, result = text.partition("->")
    terms = inputs.split(",")
    spare = [label for label in string.ascii_uppercase + string.ascii_lowercase if label not in text]
    hidden = max(rank - len(term.replace("...", "")) for rank, term in zip(ranks, terms, strict=True))
    expanded = []
    for rank, term in zip(ranks, terms, strict=True):
        missing = rank - len(term.replace("...", ""))
        expanded.append(term.replace("...", "".join(spare[hidden - missing : hidden])))
    if arrow:
        return tuple(expanded), result.replace("...", "".join(spare[:hidden]))
    once = sorted(label for label in set("".join(expanded)) if "".join(expanded).count(label) == 1)
    return tuple(expanded), "".join(once)


@register("aten._grouped_mm", "transformers.grouped_mm_fallback", product=True)
def grouped_mm(call: Call) -> Any:
    """Tokens sorted by expert times each expert's matrix: `tokens[m, k] @ weights[experts, k, n]`."""
    first, second = list(call.arguments)[:2]
    tokens, weights = call.sizes(first), call.sizes(second)
    return call.emit(
        "grouped_matmul",
        [call.value(first), call.value(second)],
        m=tokens[0],
        k=tokens[1],
        n=weights[2],
        experts=weights[0],
        experts_per_token=call.lowering.experts_per_token,
    )
