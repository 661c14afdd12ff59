"""Image classifiers that are written as plain modules here."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from socsim.frontend.zoo.registration import register_image_network


def _residual(depths: tuple[int, ...], groups: int = 1, width: int = 64, basic: bool = False) -> Any:
    from socsim.frontend.networks.residual import Basic, Bottleneck, ResidualClassifier

    return ResidualClassifier(Basic if basic else Bottleneck, depths, groups, width)


def _densenet() -> Any:
    from socsim.frontend.networks.dense import DenseNet

    return DenseNet((6, 12, 24, 16))


def _googlenet() -> Any:
    from socsim.frontend.networks.inception import GoogLeNet

    return GoogLeNet()


def _inception() -> Any:
    from socsim.frontend.networks.inception import InceptionV3

    return InceptionV3()


def _mobilenet_v3(large: bool) -> Any:
    from socsim.frontend.networks.mobile import LARGE, SMALL, MobileNetV3

    return MobileNetV3(LARGE, 1280) if large else MobileNetV3(SMALL, 1024)


def _mnasnet() -> Any:
    from socsim.frontend.networks.mobile import MnasNet

    return MnasNet()


def _shufflenet() -> Any:
    from socsim.frontend.networks.mobile import ShuffleNetV2

    return ShuffleNetV2((48, 96, 192, 1024))


def _squeezenet() -> Any:
    from socsim.frontend.networks.mobile import SqueezeNet

    return SqueezeNet()


_NETWORKS: dict[str, tuple[Callable[[], Any], str]] = {
    "resnet-34": (partial(_residual, (3, 4, 6, 3), basic=True), "He et al. 2015, table 1"),
    "resnet-101": (partial(_residual, (3, 4, 23, 3)), "He et al. 2015, table 1; stride in the 3x3 convolution"),
    "resnext-50": (partial(_residual, (3, 4, 6, 3), 32, 4), "Xie et al. 2017, table 1 (32x4d)"),
    "resnext-101": (partial(_residual, (3, 4, 23, 3), 32, 8), "Xie et al. 2017 (32x8d)"),
    "wide-resnet-50": (partial(_residual, (3, 4, 6, 3), 1, 128), "torchvision's wide_resnet50_2"),
    "densenet-121": (_densenet, "Huang et al. 2017, table 1"),
    "googlenet": (_googlenet, "torchvision's googlenet, without auxiliary classifiers"),
    "inception-v3": (_inception, "torchvision's inception_v3, at 224 pixels as exported for phones"),
    "mobilenet-v3-large": (partial(_mobilenet_v3, True), "Howard et al. 2019, table 1"),
    "mobilenet-v3-small": (partial(_mobilenet_v3, False), "Howard et al. 2019, table 2"),
    "mnasnet": (_mnasnet, "torchvision's mnasnet1_0"),
    "shufflenet-v2": (_shufflenet, "Ma et al. 2018, table 5, at width 0.5"),
    "squeezenet": (_squeezenet, "torchvision's squeezenet1_1"),
}

for _name, (_make, _source) in _NETWORKS.items():
    register_image_network(_name, _make, (224, 224), _source)
