"""Swin Transformer tiny, windows of 7×7 (Liu et al. 2021)."""

from __future__ import annotations

from typing import Any

from socsim.frontend.example import Example
from socsim.frontend.zoo.registration import BATCH, on_meta, on_meta_zeros, register


@register("swin-tiny", source="config.json of microsoft/swin-tiny-patch4-window7-224")
def _build(layers: int | None = None) -> Example:
    def make() -> Any:
        from transformers import SwinConfig, SwinForImageClassification

        config = SwinConfig(
            image_size=224,
            patch_size=4,
            embed_dim=96,
            depths=[2, 2, 6, 2],
            num_heads=[3, 6, 12, 24],
            window_size=7,
            mlp_ratio=4.0,
            num_labels=1000,
        )
        return SwinForImageClassification(config)

    images = on_meta_zeros(2, 3, 224, 224)
    return Example(on_meta(make, "swin-tiny"), (images,), shapes=({0: "batch"},), symbols=BATCH)
