"""Segment Anything with a ViT-B image encoder (Kirillov et al. 2023): one image, one point."""

from __future__ import annotations

from typing import Any

from socsim.frontend.example import Example
from socsim.frontend.zoo.registration import on_meta, on_meta_zeros, register


@register("sam-b", source="config.json of facebook/sam-vit-base")
def _build(layers: int | None = None) -> Example:
    def make() -> Any:
        from transformers import SamConfig, SamModel, SamVisionConfig

        vision = SamVisionConfig(
            hidden_size=768,
            num_hidden_layers=12,
            num_attention_heads=12,
            image_size=1024,
            patch_size=16,
            window_size=14,
            global_attn_indexes=[2, 5, 8, 11],
        )
        return SamModel(SamConfig(vision_config=vision.to_dict()))

    inputs = {
        "pixel_values": on_meta_zeros(1, 3, 1024, 1024),
        "input_points": on_meta_zeros(1, 1, 1, 2),
        "input_labels": on_meta_zeros(1, 1, 1, dtype="int64"),
    }
    return Example(on_meta(make, "sam-b"), inputs)
