"""MobileNetV2 at width 1.0 (Sandler et al. 2018).

Convolutions pad by themselves, as in PyTorch's own model and in exports for phones; the TensorFlow checkpoint's
separate padding operators (`tf_padding`) are off.
"""

from __future__ import annotations

from typing import Any

from socsim.frontend.example import Example
from socsim.frontend.zoo.registration import BATCH, on_meta, on_meta_zeros, register


@register("mobilenet-v2", source="config.json of google/mobilenet_v2_1.0_224 (tf_padding false, 1000 classes)")
def _build(layers: int | None = None) -> Example:
    def make() -> Any:
        from transformers import MobileNetV2Config, MobileNetV2ForImageClassification

        config = MobileNetV2Config(image_size=224, depth_multiplier=1.0, tf_padding=False, num_labels=1000)
        return MobileNetV2ForImageClassification(config)

    images = on_meta_zeros(2, 3, 224, 224)
    return Example(on_meta(make, "mobilenet-v2"), (images,), shapes=({0: "batch"},), symbols=BATCH)
