"""GPT-2 (Radford et al. 2019), 124 M parameters."""

from __future__ import annotations

from typing import Any

from socsim.frontend.example import Example
from socsim.frontend.language_model import TRACED_LAYERS, Decoder, extend_example
from socsim.frontend.zoo.registration import on_meta, register

_DECODER = Decoder("transformer", "lm_head", "transformer.h", depth=12, kv_heads=12, head_size=64, context=1024)


@register("gpt2", source="config.json of openai-community/gpt2")
def _build(layers: int | None = None) -> Example:
    built = layers or TRACED_LAYERS

    def make() -> Any:
        from transformers import GPT2Config, GPT2LMHeadModel

        config = GPT2Config(vocab_size=50257, n_positions=1024, n_embd=768, n_layer=built, n_head=12)
        return GPT2LMHeadModel(config)

    return extend_example(on_meta(make, "gpt2"), _DECODER, built)
