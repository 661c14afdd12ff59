"""What a node of an exported graph stands for while it is lowered: which storage it reads, how much of it, and whether
it is computed in each run at all."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from socsim.frontend.sizes import Size

Status = Literal["real", "constant", "bookkeeping"]
"""`real` is computed in each run. `constant` follows from parameters and fixed sizes alone: computed once, before.
`bookkeeping` is integer or boolean arithmetic on positions, lengths and masks, which kernels do on the way."""


@dataclass(frozen=True, slots=True)
class DeferredCopy:
    """A copy that only repeats elements (keys and values of grouped-query attention) or only changes their order:
    dropped where the consumer reads the elements as they lie (attention, matrix products, a cache), made otherwise.
    `node` is the graph node that asked for it."""

    node: str
    sizes: tuple[Size, ...]
    label: str
    operator: str
    module_class: str


@dataclass(frozen=True, slots=True)
class Value:
    """A tensor of the graph as its consumers see it.

    `root`: id of the tensor whose storage it lives in; None for a constant or bookkeeping value that nothing has
    needed yet. `sizes`: its distinct elements; a dimension that is only repeated (stride 0) has size 1 here.
    `free_layout`: the producer may write the elements in any order, so a transposing copy behind it costs nothing.
    `positional`: a mask that compares positions (causal).
    """

    root: str | None
    sizes: tuple[Size, ...]
    dtype: str
    status: Status = "real"
    origin: str = ""
    free_layout: bool = False
    positional: bool = False
    copy: DeferredCopy | None = None

    def viewed(self, sizes: tuple[Size, ...]) -> Value:
        """The same storage under other sizes."""
        return replace(self, sizes=sizes)
