"""Vision Transformer, base, patches of 16×16 (Dosovitskiy et al. 2020)."""

from __future__ import annotations

from typing import Any

from socsim.frontend.example import Example
from socsim.frontend.zoo.registration import BATCH, on_meta, on_meta_zeros, register


@register("vit-base", source="config.json of google/vit-base-patch16-224")
def _build(layers: int | None = None) -> Example:
    def make() -> Any:
        from transformers import ViTConfig, ViTForImageClassification

        config = ViTConfig(
            hidden_size=768,
            num_hidden_layers=12,
            num_attention_heads=12,
            intermediate_size=3072,
            image_size=224,
            patch_size=16,
            num_labels=1000,
        )
        return ViTForImageClassification(config)

    images = on_meta_zeros(2, 3, 224, 224)
    return Example(on_meta(make, "vit-base"), (images,), shapes=({0: "batch"},), symbols=BATCH)
