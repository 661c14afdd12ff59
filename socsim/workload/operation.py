"""An operation of a workload: what is computed, never where or when.

The kinds are a small closed taxonomy. What a kind needs beyond its operands' shapes stands in `attributes`:

=================  =====================================================================================================
kind               operands and attributes
=================  =====================================================================================================
matmul             (a, b[, bias]) -> out; `batch`, `m`, `n`, `k`: out has batch*m*n elements, each a sum of k products.
                   A linear layer has batch = 1, m = rows of the input. Sizes may be symbolic
grouped_matmul     mixture of experts: (tokens, weights[experts, k, n]) -> out; `m` (token-expert pairs), `n`, `k`,
                   `experts`, `experts_per_token`, `routing_skew` (Zipf exponent of the experts' popularity; default 0)
convolution        (input[N, C, *spatial], weight[C_out, C_in/groups, *kernel][, bias]) -> out; `stride`, `padding`,
                   `dilation` (tuples), `groups`, `transposed` (0 or 1; weight is then [C_in, C_out/groups, *kernel])
attention          (q[B, H, Q, D], k[B, H_kv, S, D], v[B, H_kv, S, D_v][, mask]) -> out[B, H, Q, D_v]; `causal` (0 or 1)
elementwise        any number of inputs; `function` (add, mul, silu, gelu, ...)
normalization      (x[, weight, bias]); `function` (layer_norm, rms_norm, batch_norm, group_norm)
softmax            (x) -> out
reduction          (x) -> out; `function` (mean, sum, max, argmax, cumsum, ...)
embedding          (table, indices) -> out: reads rows, not the table. Also index, gather (`function`)
scatter            (target, indices, source): writes the rows that change
pooling            (x) -> out; `function` (max, average), `kernel`, `stride` (tuples)
resample           (x) -> out; `function` (nearest, bilinear, bicubic)
data_movement      a real copy: concat, pad, transpose that copies, ...; `function`. `kv_append` writes the new rows
scan               recurrence along a sequence: (x, state, ...) -> out; `flop_per_element`
media              pictures through a camera, codec or display: any inputs -> outputs; `function`
                   (image_signal_processing, video_encode, video_decode, jpeg_encode, jpeg_decode, display_scanout,
                   ...), `pixels`, and `flop_per_pixel`, the arithmetic where a processor does it in software
unknown            an operator without a formula, priced by its bytes; only with the user's consent
=================  =====================================================================================================
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, get_args

from socsim.workload.expression import evaluate
from socsim.workload.tensor import Operand

Kind = Literal[
    "matmul", "grouped_matmul", "convolution", "attention", "elementwise", "normalization", "softmax", "reduction",
    "embedding", "scatter", "pooling", "resample", "data_movement", "scan", "media", "unknown",
]  # fmt: skip

KINDS: tuple[str, ...] = get_args(Kind)

Attribute = int | float | str | tuple[int, ...]
"""A number, a symbolic size or a name, or a tuple of sizes."""

_NO_ATTRIBUTES: Mapping[str, Attribute] = MappingProxyType({})

SIZE_ATTRIBUTES = frozenset({"batch", "m", "n", "k", "flop_per_element", "pixels", "flop_per_pixel"})
"""Attributes whose text is a symbolic size; the text of any other attribute is a name."""


@dataclass(frozen=True, slots=True)
class Operation:
    """`inputs` and `outputs` are tensor ids; `label` is the model's own module path (`model.layers.0.mlp.up_proj`),
    `operator` what the model called (`aten.linear`), `module_class` the class of the module (`LlamaMLP`)."""

    id: str
    kind: Kind
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: Mapping[str, Attribute] = field(default_factory=lambda: _NO_ATTRIBUTES)
    label: str = ""
    operator: str = ""
    module_class: str = ""


@dataclass(frozen=True, slots=True)
class BoundOperation:
    """An operation with every size a number and no identity: equal layers compare equal, so costs can be memoised."""

    kind: Kind
    inputs: tuple[Operand, ...]
    outputs: tuple[Operand, ...]
    attributes: tuple[tuple[str, int | float | str | tuple[int, ...]], ...] = ()

    def attribute(
        self, name: str, default: int | float | str | tuple[int, ...] = 0
    ) -> int | float | str | tuple[int, ...]:
        for key, value in self.attributes:
            if key == name:
                return value
        return default

    def integer(self, name: str, default: int = 0) -> int:
        """An attribute that is a whole number."""
        value = self.attribute(name, default)
        if not isinstance(value, int):
            raise TypeError(f"attribute {name} of {self.kind} is {value!r}, not an integer")
        return value

    def sizes(self, name: str, default: tuple[int, ...] = ()) -> tuple[int, ...]:
        """An attribute that is a tuple of whole numbers."""
        value = self.attribute(name, default)
        if not isinstance(value, tuple):
            raise TypeError(f"attribute {name} of {self.kind} is {value!r}, not a tuple")
        return value

    @property
    def function(self) -> str:
        return str(self.attribute("function", ""))


def bind_attributes(
    attributes: Mapping[str, Attribute], bindings: Mapping[str, int]
) -> tuple[tuple[str, int | float | str | tuple[int, ...]], ...]:
    """Attributes in sorted order with their symbolic sizes evaluated."""
    return tuple(
        (key, evaluate(value, bindings) if key in SIZE_ATTRIBUTES and isinstance(value, str) else value)
        for key, value in sorted(attributes.items())
    )
