"""A tensor of a workload: its shape, number format and role. Frozen data without values."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from socsim.workload.dtype import DType
from socsim.workload.expression import Dim, evaluate

Role = Literal["weight", "activation", "input", "output", "state"]
"""`state` lives from one run of the graph to the next (a KV cache)."""

ROLES: tuple[str, ...] = get_args(Role)


@dataclass(frozen=True, slots=True)
class Tensor:
    """`shape` may hold symbolic sizes. `alias_of` names the tensor whose storage this one views (always a root, never
    itself a view): reading the view reads its own bytes, of that tensor's buffer."""

    id: str
    shape: tuple[Dim, ...]
    dtype: DType
    role: Role = "activation"
    alias_of: str | None = None

    def bind(self, bindings: Mapping[str, int]) -> Operand:
        """This tensor with every size a number."""
        return Operand(tuple(evaluate(dim, bindings) for dim in self.shape), self.dtype, self.role)


@dataclass(frozen=True, slots=True)
class Operand:
    """A tensor as a cost model sees it: sizes, format and role, without identity (equal layers compare equal)."""

    shape: tuple[int, ...]
    dtype: DType
    role: Role

    @property
    def num_elements(self) -> int:
        return math.prod(self.shape)

    @property
    def size_bytes(self) -> int:
        return self.dtype.size_bytes(math.prod(self.shape))
