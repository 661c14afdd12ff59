"""Mixtral 8×7B (Jiang et al. 2024): a mixture of 8 experts, 2 of them for each token."""

from __future__ import annotations

from typing import Any

from socsim.frontend.example import Example
from socsim.frontend.language_model import TRACED_LAYERS, Decoder, extend_example
from socsim.frontend.zoo.registration import on_meta, register

_DECODER = Decoder("model", "lm_head", "model.layers", depth=32, kv_heads=8, head_size=128, context=32768)


@register("mixtral-8x7b", source="config.json of mistralai/Mixtral-8x7B-v0.1")
def _build(layers: int | None = None) -> Example:
    built = layers or TRACED_LAYERS

    def make() -> Any:
        from transformers import MixtralConfig, MixtralForCausalLM

        config = MixtralConfig(
            vocab_size=32000,
            hidden_size=4096,
            intermediate_size=14336,
            num_hidden_layers=built,
            num_attention_heads=32,
            num_key_value_heads=8,
            max_position_embeddings=32768,
            num_local_experts=8,
            num_experts_per_tok=2,
            sliding_window=None,
            experts_implementation="grouped_mm",
        )
        return MixtralForCausalLM(config)

    return extend_example(on_meta(make, "mixtral-8x7b"), _DECODER, built)
