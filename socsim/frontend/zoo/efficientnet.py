"""EfficientNet-B0 (Tan and Le 2019)."""

from __future__ import annotations

from typing import Any

from socsim.frontend.example import Example
from socsim.frontend.zoo.registration import BATCH, on_meta, on_meta_zeros, register


@register("efficientnet-b0", source="config.json of google/efficientnet-b0")
def _build(layers: int | None = None) -> Example:
    def make() -> Any:
        from transformers import EfficientNetConfig, EfficientNetForImageClassification

        config = EfficientNetConfig(
            image_size=224,
            width_coefficient=1.0,
            depth_coefficient=1.0,
            hidden_dim=1280,
            dropout_rate=0.2,
            num_labels=1000,
        )
        return EfficientNetForImageClassification(config)

    images = on_meta_zeros(2, 3, 224, 224)
    return Example(on_meta(make, "efficientnet-b0"), (images,), shapes=({0: "batch"},), symbols=BATCH)
