"""Networks that say something about every pixel, each at the size of image it is published for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from socsim.frontend.zoo.registration import register_image_network


def _fcn() -> Any:
    from socsim.frontend.networks.segmentation import Fcn

    return Fcn()


def _deeplab() -> Any:
    from socsim.frontend.networks.segmentation import DeepLabV3Plus

    return DeepLabV3Plus()


def _unet() -> Any:
    from socsim.frontend.networks.segmentation import UNet

    return UNet()


def _centernet() -> Any:
    from socsim.frontend.networks.centernet import CenterNet

    return CenterNet()


def _generator() -> Any:
    from socsim.frontend.networks.super_resolution import CompactGenerator

    return CompactGenerator()


def _hrnet() -> Any:
    from socsim.frontend.networks.high_resolution import HighResolutionNet

    return HighResolutionNet()


_NETWORKS: dict[str, tuple[Callable[[], Any], tuple[int, int], str]] = {
    "fcn-resnet50": (_fcn, (520, 520), "torchvision's fcn_resnet50, without the auxiliary classifier"),
    "deeplab-v3-plus-mobilenet": (_deeplab, (520, 520), "Chen et al. 2018 on MobileNetV2, output stride 16"),
    "unet": (_unet, (640, 1280), "milesial/Pytorch-UNet (31.0 M parameters), as exported for phones"),
    "centernet-resnet34": (_centernet, (512, 512), "Zhou et al. 2019; widths of its deconvolutions assumed"),
    "real-esrgan-general-x4v3": (_generator, (128, 128), "Wang et al. 2021 (compact generator, 64 x 32)"),
    "hrnet": (_hrnet, (256, 192), "Sun et al. 2019 (pose, w32)"),
}

for _name, (_make, _size, _source) in _NETWORKS.items():
    register_image_network(_name, _make, _size, _source)
