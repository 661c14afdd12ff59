"""Mamba (Gu and Dao 2023): state-space language models, whose memory does not grow with the context."""

from __future__ import annotations

from functools import partial
from typing import Any

from socsim.frontend.example import Example
from socsim.frontend.language_model import LENGTHS, TRACED_LAYERS, extend_symbols
from socsim.frontend.zoo.registration import on_meta, on_meta_zeros, register

_WORDS, _STATE, _KERNEL, _EXPAND = 50280, 16, 4, 2
_CONTEXT = 2**20
"""The state has no longest context; this bounds the lengths of a run."""

_MODELS = {
    "mamba-130m": (768, 24, 48, "config.json of state-spaces/mamba-130m-hf"),
    "mamba-2.8b": (2560, 64, 160, "config.json of state-spaces/mamba-2.8b-hf"),
}
"""Width, layers, rank of the step's projection."""


def _build(name: str, layers: int | None = None) -> Example:
    width, depth, rank, _ = _MODELS[name]
    built = layers or TRACED_LAYERS

    def make() -> Any:
        from socsim.frontend import wrapper  # defines socsim::last_positions
        from socsim.frontend.networks.state_space import Mamba

        assert wrapper.KEYS
        return Mamba(built, width, _WORDS, _STATE, _KERNEL, _EXPAND, rank)

    batch, inner = LENGTHS["batch"], _EXPAND * width
    states = [(on_meta_zeros(batch, inner, _KERNEL - 1), on_meta_zeros(batch, inner, _STATE)) for _ in range(built)]
    ids = on_meta_zeros(batch, LENGTHS["seq"], dtype="int64")
    by_batch = {0: "batch"}
    return Example(
        on_meta(make, name),
        (ids, states, on_meta_zeros(LENGTHS["logits"])),
        shapes=({0: "batch", 1: "seq"}, [(by_batch, by_batch)] * built, {0: "logits"}),
        symbols=extend_symbols(_CONTEXT),
        graph="extend",
        layers=("layers", depth),
    )


for _name, (_, _, _, _source) in _MODELS.items():
    register(_name, _source)(partial(_build, _name))
