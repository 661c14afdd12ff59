"""Low-rank adapters (Hu et al., LoRA, 2021), merged into the weights or computed beside them."""

from __future__ import annotations

import dataclasses

from pydantic import Field

from socsim.errors import WorkloadError
from socsim.transform.formats import noted
from socsim.transform.selection import Selective
from socsim.transform.transform import transforms
from socsim.workload import Dim, Operation, Tensor, Workload, dtype
from socsim.workload.operation import Attribute, Kind


@transforms.register("lora")
class Lora(Selective):
    """`{rank: 16, layers: ["*.q_proj", "*.v_proj"], merged: false}`: an adapter for each chosen linear layer.

    Beside the weights it adds x A (k to rank) and (x A) B (rank to n) and their sum with the layer's own result: FLOP
    2 m rank (k + n) + m n, bytes rank (k + n). Merged it changes the values of the weights and nothing else.
    """

    rank: int = Field(ge=1, description="rank of the adapter")
    merged: bool = Field(default=False, description="added to the weights beforehand")
    format: str = Field(default="fp16", description="number format of the adapter's weights")

    def apply(self, workload: Workload) -> Workload:
        note = f"LoRA rank {self.rank} {'merged' if self.merged else 'beside'}"
        chosen = [operation for operation in self.selected(workload) if _is_linear(workload, operation)]
        if not chosen:
            raise WorkloadError(workload.name, f"no linear layer with weights of its own matches {self.layers}")
        if self.merged:
            return noted(workload, note)
        tensors = dict(workload.tensors)
        meant = {operation.id for operation in chosen}
        operations: list[Operation] = []
        for operation in workload.operations:
            operations += self._beside(operation, tensors) if operation.id in meant else [operation]
        return noted(dataclasses.replace(workload, tensors=tensors, operations=tuple(operations)), note)

    def _beside(self, operation: Operation, tensors: dict[str, Tensor]) -> list[Operation]:
        """The layer, its two small products and the sum, which keeps the name of the layer's result."""
        source, result = operation.inputs[0], tensors[operation.outputs[0]]
        n, k, m = (operation.attributes[name] for name in ("n", "k", "m"))
        weights = dtype(self.format, "format")

        def new(suffix: str, shape: tuple[Dim, ...], like: Tensor | None = None) -> str:
            name = f"{operation.id}.{suffix}"
            kind = weights if like is None else like.dtype
            tensors[name] = Tensor(name, shape, kind, "weight" if like is None else "activation")
            return name

        base = new("base", result.shape, result)
        down = new("lora_a", (self.rank, k))  # type: ignore[arg-type]
        up = new("lora_b", (n, self.rank))  # type: ignore[arg-type]
        inner = new("lora_inner", (*result.shape[:-1], self.rank), result)
        delta = new("lora_delta", result.shape, result)

        def step(suffix: str, kind: Kind, inputs: tuple[str, str], output: str, **attributes: Attribute) -> Operation:
            name = f"{operation.id}.{suffix}"
            return dataclasses.replace(
                operation, id=name, kind=kind, inputs=inputs, outputs=(output,), attributes=attributes
            )

        return [
            dataclasses.replace(operation, outputs=(base,)),
            step("lora_down", "matmul", (source, down), inner, batch=1, m=m, n=self.rank, k=k),
            step("lora_up", "matmul", (inner, up), delta, batch=1, m=m, n=n, k=self.rank),
            step("lora_add", "elementwise", (base, delta), result.id, function="add", flop_per_element=1),
        ]


def _is_linear(workload: Workload, operation: Operation) -> bool:
    """A product of activations with a weight matrix, whose result nothing but a whole tensor is."""
    return (
        operation.kind == "matmul"
        and operation.attributes.get("batch", 1) == 1
        and workload.tensors[operation.inputs[1]].role == "weight"
        and workload.tensors[operation.outputs[0]].alias_of is None
    )
