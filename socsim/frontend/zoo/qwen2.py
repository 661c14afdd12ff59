"""Qwen 2.5 (Qwen team 2024)."""

from __future__ import annotations

from typing import Any

from socsim.frontend.example import Example
from socsim.frontend.language_model import TRACED_LAYERS, Decoder, extend_example
from socsim.frontend.zoo.registration import on_meta, register

_DECODER = Decoder("model", "lm_head", "model.layers", depth=28, kv_heads=4, head_size=128, context=131072)


@register("qwen2.5-7b", source="config.json of Qwen/Qwen2.5-7B")
def _build(layers: int | None = None) -> Example:
    built = layers or TRACED_LAYERS

    def make() -> Any:
        from transformers import Qwen2Config, Qwen2ForCausalLM

        config = Qwen2Config(
            vocab_size=152064,
            hidden_size=3584,
            intermediate_size=18944,
            num_hidden_layers=built,
            num_attention_heads=28,
            num_key_value_heads=4,
            max_position_embeddings=131072,
            tie_word_embeddings=False,
        )
        return Qwen2ForCausalLM(config)

    return extend_example(on_meta(make, "qwen2.5-7b"), _DECODER, built)
