"""A decoder of transformers as one graph `extend(batch, seq, past)`: prefill, decode and all between from one trace.

The key-value cache goes in as plain tensors and is appended to by an operator of our own, `socsim::kv_append`, whose
node in the exported graph marks the state. The mask is made of positions, so nothing depends on `seq` being 1 or
`past` being 0. The head computes the logits of the last `logits` positions (1, unless drafted tokens are verified).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from socsim.frontend.example import Example
from socsim.workload import Symbol

TRACED_LAYERS = 2
LENGTHS = {"batch": 2, "seq": 3, "past": 5, "logits": 2}
"""Lengths while tracing: 2 or more, because torch treats 0 and 1 as special."""


@dataclass(frozen=True, slots=True)
class Decoder:
    """Where a transformers causal language model keeps what `extend` needs.

    `stack` and `head` are module paths of the layers without the head and of the projection to words, `layers` the path
    of the list of layers and `depth` their number; `kv_heads` and `head_size` shape the cache; `context` is the longest
    sequence.
    """

    stack: str
    head: str
    layers: str
    depth: int
    kv_heads: int
    head_size: int
    context: int


def extend_symbols(context: int) -> tuple[Symbol, ...]:
    """The lengths of every language model."""
    return (
        Symbol("batch", 1, 1, 2**20, "sequences side by side"),
        Symbol("seq", 1, 1, context, "new tokens of each sequence"),
        Symbol("past", min(512, context - 1), 0, context - 1, "tokens that the key-value cache holds already"),
        Symbol(
            "logits", 1, 1, context, "last positions whose logits are computed (more than 1 to verify drafted tokens)"
        ),
    )


def extend_example(
    model: Any, decoder: Decoder, layers: int, lengths: Mapping[str, int] = LENGTHS, cross_length: int = 0
) -> Example:
    """A model built with `layers` layers, to be traced as `extend`. `cross_length` is the length of the encoder's
    output that the decoder attends to, whose keys and values are state (0: it has no encoder)."""
    import torch

    from socsim.frontend.wrapper import CrossExtend, Extend

    ids = torch.zeros(lengths["batch"], lengths["seq"], dtype=torch.long, device="meta")
    logits = torch.zeros(lengths["logits"], device="meta")

    def cache(length: int) -> list[tuple[Any, ...]]:
        shape = (lengths["batch"], decoder.kv_heads, length, decoder.head_size)
        return [tuple(torch.zeros(shape, dtype=model.dtype, device="meta") for _ in "kv") for _ in range(layers)]

    rows, fixed = {0: "batch", 2: "past"}, {0: "batch"}
    inputs: tuple[Any, ...] = (ids, cache(lengths["past"]), logits)
    shapes: tuple[Any, ...] = ({0: "batch", 1: "seq"}, [(rows, rows)] * layers, {0: "logits"})
    module = Extend(model, decoder.stack, decoder.head)
    if cross_length:
        inputs = (*inputs[:2], cache(cross_length), logits)
        shapes = (*shapes[:2], [(fixed, fixed)] * layers, {0: "logits"})
        module = CrossExtend(model, decoder.stack, decoder.head)
    return Example(
        module.eval(),
        inputs,
        shapes=shapes,
        symbols=extend_symbols(decoder.context),
        graph="extend",
        prefix="model",
        layers=(decoder.layers, decoder.depth),
    )
