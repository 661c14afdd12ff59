"""CLIP (Radford et al. 2021) with a ViT-B/32 image encoder: both encoders together, and each alone; with ViT-B/16, as
it is exported for phones: both."""

from __future__ import annotations

from functools import partial
from typing import Any

from socsim.frontend.example import Example
from socsim.frontend.zoo.registration import BATCH, on_meta, on_meta_zeros, register
from socsim.workload import Symbol

_SOURCE = "config.json of openai/clip-vit-base-patch32"
_TEXT = {
    "vocab_size": 49408, "hidden_size": 512, "intermediate_size": 2048, "num_hidden_layers": 12,
    "num_attention_heads": 8, "max_position_embeddings": 77, "projection_dim": 512, "hidden_act": "quick_gelu",
}  # fmt: skip
_VISION = {
    "hidden_size": 768, "intermediate_size": 3072, "num_hidden_layers": 12, "num_attention_heads": 12,
    "image_size": 224, "patch_size": 32, "projection_dim": 512, "hidden_act": "quick_gelu",
}  # fmt: skip
_TEXTS = Symbol("texts", 1, 1, 2**20, "texts side by side, each of 77 tokens")


def _both(name: str, patch: int, layers: int | None = None) -> Example:
    def make() -> Any:
        from transformers import CLIPConfig, CLIPModel

        vision = {**_VISION, "patch_size": patch}
        return CLIPModel(CLIPConfig(text_config=_TEXT, vision_config=vision, projection_dim=512))

    inputs = (on_meta_zeros(3, 77, dtype="int64"), on_meta_zeros(2, 3, 224, 224))
    shapes = ({0: "texts"}, {0: "batch"})
    return Example(on_meta(make, name), inputs, shapes=shapes, symbols=(*BATCH, _TEXTS))


register("clip-vit-b32", _SOURCE)(partial(_both, "clip-vit-b32", 32))
register("clip-vit-b16", "config.json of openai/clip-vit-base-patch16")(partial(_both, "clip-vit-b16", 16))


@register("clip-vit-b32-image-encoder", _SOURCE)
def _image(layers: int | None = None) -> Example:
    def make() -> Any:
        from transformers import CLIPVisionConfig, CLIPVisionModelWithProjection

        return CLIPVisionModelWithProjection(CLIPVisionConfig(**_VISION))

    images = on_meta_zeros(2, 3, 224, 224)
    return Example(on_meta(make, "clip-vit-b32-image-encoder"), (images,), shapes=({0: "batch"},), symbols=BATCH)


@register("clip-vit-b32-text-encoder", _SOURCE)
def _text(layers: int | None = None) -> Example:
    def make() -> Any:
        from transformers import CLIPTextConfig, CLIPTextModelWithProjection

        return CLIPTextModelWithProjection(CLIPTextConfig(**_TEXT))

    tokens = on_meta_zeros(2, 77, dtype="int64")
    return Example(on_meta(make, "clip-vit-b32-text-encoder"), (tokens,), shapes=({0: "batch"},), symbols=BATCH)
