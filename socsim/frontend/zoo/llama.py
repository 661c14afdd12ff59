"""Llama 2 and 3 (Touvron et al. 2023, Llama team 2024)."""

from __future__ import annotations

from functools import partial
from typing import Any

from socsim.frontend.example import Example
from socsim.frontend.language_model import TRACED_LAYERS, Decoder, extend_example
from socsim.frontend.zoo.registration import on_meta, register

_CONFIGURATIONS: dict[str, dict[str, Any]] = {
    "llama-2-7b": {
        "vocab_size": 32000, "hidden_size": 4096, "intermediate_size": 11008, "num_hidden_layers": 32,
        "num_attention_heads": 32, "num_key_value_heads": 32, "max_position_embeddings": 4096,
    },
    "llama-3.1-8b": {
        "vocab_size": 128256, "hidden_size": 4096, "intermediate_size": 14336, "num_hidden_layers": 32,
        "num_attention_heads": 32, "num_key_value_heads": 8, "max_position_embeddings": 131072,
    },
    "llama-3-70b": {
        "vocab_size": 128256, "hidden_size": 8192, "intermediate_size": 28672, "num_hidden_layers": 80,
        "num_attention_heads": 64, "num_key_value_heads": 8, "max_position_embeddings": 8192,
    },
    "llama-3.2-1b": {
        "vocab_size": 128256, "hidden_size": 2048, "intermediate_size": 8192, "num_hidden_layers": 16,
        "num_attention_heads": 32, "num_key_value_heads": 8, "head_dim": 64, "max_position_embeddings": 131072,
        "tie_word_embeddings": True,
    },
}  # fmt: skip

_SOURCES = {
    "llama-2-7b": "config.json of meta-llama/Llama-2-7b-hf",
    "llama-3.1-8b": "config.json of meta-llama/Llama-3.1-8B",
    "llama-3-70b": "config.json of meta-llama/Meta-Llama-3-70B",
    "llama-3.2-1b": "config.json of meta-llama/Llama-3.2-1B",
}


def _build(name: str, layers: int | None = None) -> Example:
    values = _CONFIGURATIONS[name]
    built = layers or TRACED_LAYERS

    def make() -> Any:
        from transformers import LlamaConfig, LlamaForCausalLM

        return LlamaForCausalLM(LlamaConfig(**values | {"num_hidden_layers": built}))

    decoder = Decoder(
        stack="model",
        head="lm_head",
        layers="model.layers",
        depth=values["num_hidden_layers"],
        kv_heads=values["num_key_value_heads"],
        head_size=values["hidden_size"] // values["num_attention_heads"],
        context=values["max_position_embeddings"],
    )
    return extend_example(on_meta(make, name), decoder, built)


for _name, _source in _SOURCES.items():
    register(_name, _source)(partial(_build, _name))
