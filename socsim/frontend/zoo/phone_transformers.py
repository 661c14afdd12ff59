"""Networks of transformers' own for phones and small tasks: MobileNetV1, MobileViTV2, RegNet, Depth Anything."""

from __future__ import annotations

from typing import Any

from socsim.frontend.zoo.registration import register_image_network


def _mobilenet_v1() -> Any:
    from transformers import MobileNetV1Config, MobileNetV1ForImageClassification

    return MobileNetV1ForImageClassification(
        MobileNetV1Config(image_size=224, depth_multiplier=1.0, tf_padding=False, num_labels=1000)
    )


def _mobilevit_v2() -> Any:
    from transformers import MobileViTV2Config, MobileViTV2ForImageClassification

    return MobileViTV2ForImageClassification(MobileViTV2Config(image_size=256, width_multiplier=1.0, num_labels=1000))


def _regnet() -> Any:
    from transformers import RegNetConfig, RegNetForImageClassification

    config = RegNetConfig(
        embedding_size=32, hidden_sizes=[96, 192, 432, 1008], depths=[2, 6, 15, 2], groups_width=48, layer_type="x",
        num_labels=1000,
    )  # fmt: skip
    return RegNetForImageClassification(config)


def _depth_anything() -> Any:
    from transformers import DepthAnythingConfig, DepthAnythingForDepthEstimation, Dinov2Config

    backbone = Dinov2Config(
        hidden_size=384, num_hidden_layers=12, num_attention_heads=6, image_size=518, patch_size=14,
        out_indices=[9, 10, 11, 12], reshape_hidden_states=False, apply_layernorm=True,
    )  # fmt: skip
    config = DepthAnythingConfig(
        backbone_config=backbone, reassemble_hidden_size=384, neck_hidden_sizes=[48, 96, 192, 384],
        fusion_hidden_size=64, head_hidden_size=32,
    )  # fmt: skip
    return DepthAnythingForDepthEstimation(config)


register_image_network("mobilenet-v1", _mobilenet_v1, (224, 224), "config.json of google/mobilenet_v1_1.0_224")
register_image_network("mobilevit-v2", _mobilevit_v2, (256, 256), "config.json of apple/mobilevitv2-1.0-imagenet1k-256")
register_image_network("regnet", _regnet, (224, 224), "torchvision's regnet_x_3_2gf (15.3 M parameters)")
register_image_network(
    "depth-anything",
    _depth_anything,
    (518, 518),
    "config.json of LiheYoung/depth-anything-small-hf (24.8 M)",
)
