"""Modules that give a transformers decoder plain tensors in and out, and mark its state in the exported graph.

Importing this file imports torch and transformers and defines the operators of the namespace `socsim`:

- `kv_append(past, new, slot) -> all`: appends new rows to the module's state `slot`
- `state(past, slot) -> past`: reads a state that another graph wrote
- `last_positions(hidden, like) -> rows`: the last `len(like)` positions
"""

from __future__ import annotations

from typing import Any

import torch
from transformers import cache_utils

_library = torch.library.Library("socsim", "DEF")
_library.define("kv_append(Tensor past, Tensor new, str slot) -> Tensor")
_library.define("state(Tensor past, str slot) -> Tensor")
_library.define("last_positions(Tensor hidden, Tensor like) -> Tensor")

KEYS, VALUES = "key_cache", "value_cache"
CROSS_KEYS, CROSS_VALUES = "cross_key_cache", "cross_value_cache"

Cache = list[tuple[torch.Tensor, torch.Tensor]]
"""For each layer keys and values `[batch, heads, length, size]`."""


def _kv_append(past: torch.Tensor, new: torch.Tensor, slot: str) -> torch.Tensor:
    batch, heads, length, size = past.shape
    return past.new_empty((batch, heads, length + new.shape[2], size))


def _state(past: torch.Tensor, slot: str) -> torch.Tensor:
    return torch.empty_like(past)


def _last_positions(hidden: torch.Tensor, like: torch.Tensor) -> torch.Tensor:
    return hidden.new_empty((hidden.shape[0], like.shape[0], hidden.shape[2]))


_library.impl("kv_append", _kv_append, "Meta")
_library.impl("state", _state, "Meta")
_library.impl("last_positions", _last_positions, "Meta")


class StateCache(cache_utils.Cache):  # type: ignore[misc]
    """A cache of transformers whose updates are `socsim::kv_append` nodes."""

    def __init__(self, past: Cache) -> None:
        super().__init__(layers=[cache_utils.DynamicLayer() for _ in past])
        self._past = past

    def update(
        self, key_states: torch.Tensor, value_states: torch.Tensor, layer_idx: int, *args: Any, **kwargs: Any
    ) -> tuple[torch.Tensor, torch.Tensor]:
        key, value = self._past[layer_idx]
        return (
            torch.ops.socsim.kv_append(key, key_states, KEYS),
            torch.ops.socsim.kv_append(value, value_states, VALUES),
        )

    def get_seq_length(self, layer_idx: int = 0) -> int:
        length: int = self._past[layer_idx][0].shape[2]  # symbolic while it is traced: int() would fix it
        return length


class _CrossLayer:
    """A layer of a cache of transformers with the keys and values of an encoder's output, marked where they are
    read."""

    is_initialized = True
    is_sliding = False

    def __init__(self, keys: torch.Tensor, values: torch.Tensor) -> None:
        self._keys, self._values = keys, values

    @property
    def keys(self) -> torch.Tensor:
        return torch.ops.socsim.state(self._keys, CROSS_KEYS)

    @property
    def values(self) -> torch.Tensor:
        return torch.ops.socsim.state(self._values, CROSS_VALUES)


class CrossCache(cache_utils.Cache):  # type: ignore[misc]
    """The keys and values that a decoder reads from an encoder: state that another graph wrote."""

    def __init__(self, cross: Cache) -> None:
        super().__init__(layers=[_CrossLayer(keys, values) for keys, values in cross])
        self._length = int(cross[0][0].shape[2])

    def get_seq_length(self, layer_idx: int = 0) -> int:
        return self._length


class Extend(torch.nn.Module):  # type: ignore[misc]
    """`forward(input_ids[batch, seq], cache[layers][2][batch, heads, past, size], logits[n]) -> logits[batch, n,
    words]`.

    `decoder` is the stack without the head; `head` the projection to words.
    """

    def __init__(self, model: torch.nn.Module, decoder: str, head: str) -> None:
        super().__init__()
        self.model = model
        self._decoder = decoder
        self._head = head

    def forward(self, input_ids: torch.Tensor, cache: Cache, logits: torch.Tensor) -> torch.Tensor:
        past, seq = cache[0][0].shape[2], input_ids.shape[1]
        positions, mask = positions_and_mask(past, seq, input_ids.device)
        hidden = self.model.get_submodule(self._decoder)(
            input_ids=input_ids,
            past_key_values=StateCache(cache),
            position_ids=positions,
            attention_mask=mask,
            use_cache=True,
        ).last_hidden_state
        return self.model.get_submodule(self._head)(torch.ops.socsim.last_positions(hidden, logits))


class CrossExtend(Extend):
    """`Extend` of a decoder that also attends to an encoder's output, whose keys and values `cross` are state."""

    def forward(  # type: ignore[override]
        self, input_ids: torch.Tensor, cache: Cache, cross: Cache, logits: torch.Tensor
    ) -> torch.Tensor:
        past, seq = cache[0][0].shape[2], input_ids.shape[1]
        positions, mask = positions_and_mask(past, seq, input_ids.device)
        both = cache_utils.EncoderDecoderCache(StateCache(cache), CrossCache(cross))
        both.is_updated = dict.fromkeys(range(len(cross)), True)
        heads = cross[0][0]
        encoded = heads.new_empty((heads.shape[0], heads.shape[2], heads.shape[1] * heads.shape[3]))
        hidden = self.model.get_submodule(self._decoder)(
            input_ids=input_ids,
            encoder_hidden_states=encoded,
            past_key_values=both,
            position_ids=positions,
            attention_mask=mask,
            use_cache=True,
        ).last_hidden_state
        return self.model.get_submodule(self._head)(torch.ops.socsim.last_positions(hidden, logits))


class CrossProjection(torch.nn.Module):  # type: ignore[misc]
    """`forward(encoded[batch, length, size])`: the keys and values that every decoder layer reads of an encoder's
    output."""

    def __init__(self, model: torch.nn.Module, layers: str, attention: str) -> None:
        super().__init__()
        self.model = model
        self._layers = layers
        self._attention = attention

    def forward(self, encoded: torch.Tensor) -> list[tuple[torch.Tensor, torch.Tensor]]:
        attentions = [layer.get_submodule(self._attention) for layer in self.model.get_submodule(self._layers)]
        return [(attention.k_proj(encoded), attention.v_proj(encoded)) for attention in attentions]


def positions_and_mask(past: int, seq: int, device: torch.device) -> tuple[torch.Tensor, torch.Tensor]:
    """Positions `[1, seq]` of the new tokens, and which of all positions each may look at `[1, 1, seq, past + seq]`."""
    positions = torch.arange(seq, device=device) + past
    mask = torch.arange(past + seq, device=device)[None, :] <= positions[:, None]
    return positions[None], mask[None, None]
