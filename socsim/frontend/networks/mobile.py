"""Small classifiers for phones: MobileNetV3 (Howard et al. 2019), MnasNet (Tan et al. 2019), ShuffleNetV2 (Ma et al.
2018), SqueezeNet 1.1 (Iandola et al. 2016)."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from socsim.frontend.networks.blocks import Activation, Classifier, SqueezeExcite, conv


class InvertedBlock(nn.Module):
    """Expand, depthwise, squeeze-and-excite where asked for, project; a shortcut where the shape stays."""

    def __init__(
        self,
        channels_in: int,
        inner: int,
        channels: int,
        kernel: int,
        stride: int,
        squeeze: int,
        activation: Activation,
    ) -> None:
        super().__init__()
        layers: list[nn.Module] = [conv(channels_in, inner, activation=activation)] if inner != channels_in else []
        layers.append(conv(inner, inner, kernel, stride, inner, activation))
        if squeeze:
            layers.append(SqueezeExcite(inner, squeeze, nn.Hardsigmoid))
        layers.append(conv(inner, channels, activation=None))
        self.layers = nn.Sequential(*layers)
        self.adds = stride == 1 and channels_in == channels

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.layers(x)
        return x + result if self.adds else result


Row = tuple[int, int, int, bool, bool, int]
"""Kernel, inner channels, channels, squeeze-and-excite, hard swish, stride."""

LARGE: tuple[Row, ...] = (
    (3, 16, 16, False, False, 1), (3, 64, 24, False, False, 2), (3, 72, 24, False, False, 1),
    (5, 72, 40, True, False, 2), (5, 120, 40, True, False, 1), (5, 120, 40, True, False, 1),
    (3, 240, 80, False, True, 2), (3, 200, 80, False, True, 1), (3, 184, 80, False, True, 1),
    (3, 184, 80, False, True, 1), (3, 480, 112, True, True, 1), (3, 672, 112, True, True, 1),
    (5, 672, 160, True, True, 2), (5, 960, 160, True, True, 1), (5, 960, 160, True, True, 1),
)  # fmt: skip
SMALL: tuple[Row, ...] = (
    (3, 16, 16, True, False, 2), (3, 72, 24, False, False, 2), (3, 88, 24, False, False, 1),
    (5, 96, 40, True, True, 2), (5, 240, 40, True, True, 1), (5, 240, 40, True, True, 1), (5, 120, 48, True, True, 1),
    (5, 144, 48, True, True, 1), (5, 288, 96, True, True, 2), (5, 576, 96, True, True, 1), (5, 576, 96, True, True, 1),
)  # fmt: skip


def _eighths(value: float) -> int:
    rounded = max(8, int(value + 4) // 8 * 8)
    return rounded if rounded >= 0.9 * value else rounded + 8


class MobileNetV3(nn.Module):
    """Inverted blocks as searched, a wide last layer."""

    def __init__(self, rows: Sequence[Row], last: int) -> None:
        super().__init__()
        layers: list[nn.Module] = [conv(3, 16, 3, 2, activation=nn.Hardswish)]
        channels = 16
        for kernel, inner, width, squeezes, swishes, stride in rows:
            activation = nn.Hardswish if swishes else nn.ReLU
            squeeze = _eighths(inner / 4) if squeezes else 0
            layers.append(InvertedBlock(channels, inner, width, kernel, stride, squeeze, activation))
            channels = width
        layers.append(conv(channels, 6 * channels, activation=nn.Hardswish))
        self.features = nn.Sequential(*layers)
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.head = nn.Sequential(nn.Linear(6 * channels, last), nn.Hardswish(), nn.Linear(last, 1000))

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.head(self.pool(self.features(x)).flatten(1))
        return result


class MnasNet(nn.Module):
    """MnasNet-B1 at width 1.0, as torchvision has it (without squeeze-and-excite)."""

    _STAGES = (
        (3, 3, 24, 3, 2),
        (3, 5, 40, 3, 2),
        (3, 5, 80, 6, 2),
        (2, 3, 96, 6, 1),
        (4, 5, 192, 6, 2),
        (1, 3, 320, 6, 1),
    )

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = [conv(3, 32, 3, 2), conv(32, 32, 3, groups=32), conv(32, 16, activation=None)]
        channels = 16
        for count, kernel, width, ratio, stride in self._STAGES:
            for index in range(count):
                step = stride if index == 0 else 1
                layers.append(InvertedBlock(channels, channels * ratio, width, kernel, step, 0, nn.ReLU))
                channels = width
        self.features = nn.Sequential(*layers, conv(320, 1280))
        self.head = Classifier(1280)

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.head(self.features(x))
        return result


class _ShuffleUnit(nn.Module):
    def __init__(self, channels_in: int, channels: int, stride: int) -> None:
        super().__init__()
        half = channels // 2
        self.stride = stride
        width = channels_in if stride == 2 else half
        if stride == 2:
            self.left = nn.Sequential(conv(width, width, 3, 2, width, None), conv(width, half))
        self.right = nn.Sequential(conv(width, half), conv(half, half, 3, stride, half, None), conv(half, half))

    def forward(self, x: Tensor) -> Tensor:
        if self.stride == 2:
            x = torch.cat([self.left(x), self.right(x)], 1)
        else:
            kept, worked = x.chunk(2, 1)
            x = torch.cat([kept, self.right(worked)], 1)
        batch, channels, height, width = x.shape
        return x.view(batch, 2, channels // 2, height, width).transpose(1, 2).reshape(batch, channels, height, width)


class ShuffleNetV2(nn.Module):
    """Units that split, work on one half and shuffle channels."""

    def __init__(self, widths: Sequence[int]) -> None:
        super().__init__()
        layers: list[nn.Module] = [conv(3, 24, 3, 2), nn.MaxPool2d(3, 2, 1)]
        channels = 24
        for width, count in zip(widths[:3], (4, 8, 4), strict=True):
            for index in range(count):
                layers.append(_ShuffleUnit(channels, width, 2 if index == 0 else 1))
                channels = width
        self.features = nn.Sequential(*layers, conv(channels, widths[3]))
        self.head = Classifier(widths[3])

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.head(self.features(x))
        return result


class _Fire(nn.Module):
    def __init__(self, channels_in: int, squeeze: int, expand: int) -> None:
        super().__init__()
        self.squeeze = nn.Sequential(nn.Conv2d(channels_in, squeeze, 1), nn.ReLU())
        self.one = nn.Sequential(nn.Conv2d(squeeze, expand, 1), nn.ReLU())
        self.three = nn.Sequential(nn.Conv2d(squeeze, expand, 3, padding=1), nn.ReLU())

    def forward(self, x: Tensor) -> Tensor:
        x = self.squeeze(x)
        return torch.cat([self.one(x), self.three(x)], 1)


class SqueezeNet(nn.Module):
    """SqueezeNet 1.1: fire modules, a convolution as classifier."""

    def __init__(self) -> None:
        super().__init__()
        fires = (
            (64, 16, 64), (128, 16, 64), None, (128, 32, 128), (256, 32, 128), None,
            (256, 48, 192), (384, 48, 192), (384, 64, 256), (512, 64, 256),
        )  # fmt: skip
        layers: list[nn.Module] = [nn.Conv2d(3, 64, 3, 2), nn.ReLU(), nn.MaxPool2d(3, 2, ceil_mode=True)]
        layers += [nn.MaxPool2d(3, 2, ceil_mode=True) if row is None else _Fire(*row) for row in fires]
        layers += [nn.Conv2d(512, 1000, 1), nn.ReLU(), nn.AdaptiveAvgPool2d(1)]
        self.layers = nn.Sequential(*layers)

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.layers(x).flatten(1)
        return result
