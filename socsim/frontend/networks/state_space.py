"""Mamba: a language model whose layers keep a state of fixed size instead of a key-value cache.

Importing this file imports torch and defines two operators of the namespace `socsim` that mark the state in the
exported graph: `causal_convolution` over the last tokens, and `selective_scan`.

**Source:** Gu and Dao, Mamba: Linear-time sequence modeling with selective state spaces, 2023, section 3.
"""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

_library = torch.library.Library("socsim", "FRAGMENT")
_library.define("causal_convolution(Tensor x, Tensor weight, Tensor bias, Tensor state) -> Tensor")
_library.define("selective_scan(Tensor x, Tensor step, Tensor a, Tensor b, Tensor c, Tensor d, Tensor state) -> Tensor")


def _like_first(x: torch.Tensor, *others: torch.Tensor) -> torch.Tensor:
    return torch.empty_like(x)


_library.impl("causal_convolution", _like_first, "Meta")
_library.impl("selective_scan", _like_first, "Meta")


class MambaMixer(nn.Module):
    """`x[batch, seq, width] -> y`: projection, short convolution, selective scan, gate, projection."""

    def __init__(self, width: int, state_size: int, kernel: int, expand: int, step_rank: int) -> None:
        super().__init__()
        inner = expand * width
        self.inner, self.state_size, self.step_rank, self.kernel = inner, state_size, step_rank, kernel
        self.in_proj = nn.Linear(width, 2 * inner, bias=False)
        self.conv_weight = nn.Parameter(torch.empty(inner, 1, kernel))
        self.conv_bias = nn.Parameter(torch.empty(inner))
        self.x_proj = nn.Linear(inner, step_rank + 2 * state_size, bias=False)
        self.dt_proj = nn.Linear(step_rank, inner)
        self.a = nn.Parameter(torch.empty(inner, state_size))
        self.d = nn.Parameter(torch.empty(inner))
        self.out_proj = nn.Linear(inner, width, bias=False)

    def forward(self, x: torch.Tensor, window: torch.Tensor, state: torch.Tensor) -> torch.Tensor:
        ops = torch.ops.socsim
        x, gate = self.in_proj(x).split(self.inner, dim=-1)
        x = functional.silu(ops.causal_convolution(x.transpose(1, 2), self.conv_weight, self.conv_bias, window))
        step, b, c = self.x_proj(x.transpose(1, 2)).split([self.step_rank, self.state_size, self.state_size], dim=-1)
        step = functional.softplus(self.dt_proj(step))
        y = ops.selective_scan(x.transpose(1, 2), step, self.a, b, c, self.d, state)
        return self.out_proj(y * functional.silu(gate))


class MambaBlock(nn.Module):
    """`x + mixer(norm(x))`."""

    def __init__(self, width: int, state_size: int, kernel: int, expand: int, step_rank: int) -> None:
        super().__init__()
        self.norm = nn.RMSNorm(width)
        self.mixer = MambaMixer(width, state_size, kernel, expand, step_rank)

    def forward(self, x: torch.Tensor, window: torch.Tensor, state: torch.Tensor) -> torch.Tensor:
        y: torch.Tensor = x + self.mixer(self.norm(x), window, state)
        return y


class Mamba(nn.Module):
    """`forward(input_ids[batch, seq], states[layers] of (window, state), logits[n]) -> logits[batch, n, words]`."""

    def __init__(
        self, layers: int, width: int, words: int, state_size: int, kernel: int, expand: int, rank: int
    ) -> None:
        super().__init__()
        self.embeddings = nn.Embedding(words, width)
        self.layers = nn.ModuleList([MambaBlock(width, state_size, kernel, expand, rank) for _ in range(layers)])
        self.norm = nn.RMSNorm(width)
        self.lm_head = nn.Linear(width, words, bias=False)
        self.lm_head.weight = self.embeddings.weight

    def forward(
        self, input_ids: torch.Tensor, states: list[tuple[torch.Tensor, torch.Tensor]], logits: torch.Tensor
    ) -> torch.Tensor:
        hidden = self.embeddings(input_ids)
        for layer, (window, state) in zip(self.layers, states, strict=True):
            hidden = layer(hidden, window, state)
        result: torch.Tensor = self.lm_head(torch.ops.socsim.last_positions(self.norm(hidden), logits))
        return result
