"""ConvNeXt tiny (Liu et al. 2022)."""

from __future__ import annotations

from typing import Any

from socsim.frontend.example import Example
from socsim.frontend.zoo.registration import BATCH, on_meta, on_meta_zeros, register


@register("convnext-tiny", source="config.json of facebook/convnext-tiny-224")
def _build(layers: int | None = None) -> Example:
    def make() -> Any:
        from transformers import ConvNextConfig, ConvNextForImageClassification

        config = ConvNextConfig(
            patch_size=4, depths=[3, 3, 9, 3], hidden_sizes=[96, 192, 384, 768], image_size=224, num_labels=1000
        )
        return ConvNextForImageClassification(config)

    images = on_meta_zeros(2, 3, 224, 224)
    return Example(on_meta(make, "convnext-tiny"), (images,), shapes=({0: "batch"},), symbols=BATCH)
