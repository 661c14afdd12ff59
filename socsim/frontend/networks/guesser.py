"""The likeliest word of each position, from a model that gives a score to every word."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn


class Guesser(nn.Module):
    """Scores of a masked language model, then the largest of each position."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model: Any = model

    def forward(self, tokens: Tensor) -> Tensor:
        scores: Tensor = self.model(tokens).logits
        return scores.argmax(-1)
