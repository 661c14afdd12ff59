"""ResNet (He et al. 2015), the variant with the stride in the 3×3 convolution ("v1.5")."""

from __future__ import annotations

from functools import partial
from typing import Any

from socsim.frontend.example import Example
from socsim.frontend.zoo.registration import BATCH, on_meta, on_meta_zeros, register

_CONFIGURATIONS: dict[str, dict[str, Any]] = {
    "resnet-18": {"layer_type": "basic", "depths": [2, 2, 2, 2], "hidden_sizes": [64, 128, 256, 512]},
    "resnet-50": {"layer_type": "bottleneck", "depths": [3, 4, 6, 3], "hidden_sizes": [256, 512, 1024, 2048]},
}


def _build(name: str, layers: int | None = None) -> Example:
    def make() -> Any:
        from transformers import ResNetConfig, ResNetForImageClassification

        return ResNetForImageClassification(ResNetConfig(**_CONFIGURATIONS[name], embedding_size=64, num_labels=1000))

    return Example(on_meta(make, name), (on_meta_zeros(2, 3, 224, 224),), shapes=({0: "batch"},), symbols=BATCH)


for _name in _CONFIGURATIONS:
    register(_name, source=f"config.json of microsoft/{_name}; He et al. 2015, table 1")(partial(_build, _name))
