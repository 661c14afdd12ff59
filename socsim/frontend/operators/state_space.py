"""State-space models: operators that read and write a state of fixed size."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from socsim.frontend.call import Call
from socsim.frontend.operators.registration import register
from socsim.frontend.origin import module_class_of
from socsim.frontend.value import Value
from socsim.workload.operation import Attribute, Kind

SCAN_FLOP_PER_STATE_ELEMENT = 8
"""exp(step a): 2; (step b) x: 2; state update: 2; c times state: 2. Of each element of the state and each token."""

SCAN_FLOP_PER_ELEMENT = 2
"""y + d x."""


@register("socsim.causal_convolution", product=True)
def causal_convolution(call: Call) -> Any:
    """Depthwise, over the new tokens and the last ones of the step before, which are state."""
    x, weight, bias = call.value("x"), call.value("weight"), call.value("bias")
    kernel = int(call.sizes("weight")[2])
    return _with_state(
        call, "convolution", [x, weight, bias], "window",
        {"stride": (1,), "padding": (kernel - 1,), "dilation": (1,), "groups": int(call.sizes("weight")[0]),
         "transposed": 0},
    )  # fmt: skip


@register("socsim.selective_scan", product=True)
def selective_scan(call: Call) -> Any:
    """state = exp(step a) state + step b x; y = c state + d x, for each channel and token."""
    operands = [call.value(name) for name in ("x", "step", "a", "b", "c", "d")]
    flop = SCAN_FLOP_PER_STATE_ELEMENT * int(call.sizes("a")[1]) + SCAN_FLOP_PER_ELEMENT
    return _with_state(call, "scan", operands, "scan_state", {"function": "selective_scan", "flop_per_element": flop})


def _with_state(call: Call, kind: Kind, inputs: list[Value], slot: str, attributes: dict[str, Attribute]) -> Value:
    """An operation that also reads and writes the module's state `slot`, of the shape of the argument `state`."""
    lowering, builder = call.lowering, call.lowering.builder
    given = call.value("state")
    name = f"{call.label}/{slot}" if call.label else slot
    state = builder.declare(name, call.sizes("state"), given.dtype, "state")
    operation = builder.unique(call.name)
    ready = [lowering.materialized(replace(value, copy=None)) for value in inputs]
    read = tuple(builder.read(value, operation, index) for index, value in enumerate(ready))
    out = call.outputs()[0]
    written = builder.declare(operation, out.sizes, out.dtype, "activation")
    builder.add(
        operation, kind, (*read, state), (written, state), attributes, call.label, call.operator,
        module_class_of(call.node),
    )  # fmt: skip
    return replace(out, root=written)
