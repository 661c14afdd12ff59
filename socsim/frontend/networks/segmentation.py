"""Segmentation: FCN (Long et al. 2015), DeepLabV3+ (Chen et al. 2018), U-Net (Ronneberger et al. 2015)."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

from socsim.frontend.networks.blocks import conv
from socsim.frontend.networks.residual import Backbone, Bottleneck


class Fcn(nn.Module):
    """A dilated ResNet-50, two convolutions, resampled to the input's size."""

    def __init__(self, classes: int = 21) -> None:
        super().__init__()
        self.backbone = Backbone(Bottleneck, (3, 4, 6, 3), dilated=(False, False, True, True))
        inner = self.backbone.channels // 4
        self.head = nn.Sequential(conv(self.backbone.channels, inner, 3), nn.Conv2d(inner, classes, 1))

    def forward(self, x: Tensor) -> Tensor:
        return _resized(self.head(self.backbone(x)), x)


def _resized(x: Tensor, like: Tensor) -> Tensor:
    return functional.interpolate(x, size=(like.shape[-2], like.shape[-1]), mode="bilinear", align_corners=False)


class InvertedResidual(nn.Module):
    """Expand, depthwise, project (Sandler et al., MobileNetV2, 2018)."""

    def __init__(self, channels_in: int, channels: int, stride: int, ratio: int, dilation: int) -> None:
        super().__init__()
        inner = channels_in * ratio
        layers = [conv(channels_in, inner, activation=nn.ReLU6)] if ratio != 1 else []
        layers.append(conv(inner, inner, 3, stride, inner, nn.ReLU6, dilation=dilation))
        layers.append(conv(inner, channels, activation=None))
        self.layers = nn.Sequential(*layers)
        self.adds = stride == 1 and channels_in == channels

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.layers(x)
        return x + result if self.adds else result


class MobileNetBackbone(nn.Module):
    """MobileNetV2 at an output stride of 16: features of stride 4 and of stride 16."""

    _STAGES = (
        (1, 16, 1, 1),
        (6, 24, 2, 2),
        (6, 32, 3, 2),
        (6, 64, 4, 2),
        (6, 96, 3, 1),
        (6, 160, 3, 2),
        (6, 320, 1, 1),
    )

    def __init__(self) -> None:
        super().__init__()
        blocks: list[nn.Module] = [conv(3, 32, 3, 2, activation=nn.ReLU6)]
        channels_in, stride_now, dilation, self.low_blocks = 32, 2, 1, 0
        for ratio, channels, count, stride in self._STAGES:
            if stride_now == 16 and stride == 2:
                stride, dilation = 1, dilation * 2
            for index in range(count):
                step = stride if index == 0 else 1
                blocks.append(InvertedResidual(channels_in, channels, step, ratio, dilation))
                channels_in = channels
            stride_now *= stride
            if channels == 24:
                self.low_blocks = len(blocks)
        self.blocks = nn.ModuleList(blocks)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        low = x
        for index, block in enumerate(self.blocks):
            x = block(x)
            if index + 1 == self.low_blocks:
                low = x
        return low, x


class DeepLabV3Plus(nn.Module):
    """MobileNetV2, atrous spatial pyramid pooling, a decoder with features of stride 4."""

    def __init__(self, classes: int = 21) -> None:
        super().__init__()
        self.backbone = MobileNetBackbone()
        self.pyramid = nn.ModuleList([conv(320, 256), *(conv(320, 256, 3, dilation=rate) for rate in (6, 12, 18))])
        self.pooled = nn.Sequential(nn.AdaptiveAvgPool2d(1), conv(320, 256))
        self.project = conv(256 * 5, 256)
        self.low = conv(24, 48)
        self.fuse = nn.Sequential(conv(304, 256, 3), conv(256, 256, 3))
        self.classify = nn.Conv2d(256, classes, 1)

    def forward(self, x: Tensor) -> Tensor:
        low, high = self.backbone(x)
        branches = [*(branch(high) for branch in self.pyramid), _resized(self.pooled(high), high)]
        up = _resized(self.project(torch.cat(branches, 1)), low)
        return _resized(self.classify(self.fuse(torch.cat([self.low(low), up], 1))), x)


class UNet(nn.Module):
    """Four levels of two 3x3 convolutions down, four up with transposed convolutions, 64 channels at the top."""

    def __init__(self, classes: int = 2) -> None:
        super().__init__()
        widths = (64, 128, 256, 512, 1024)
        self.start = _double(3, 64)
        self.down = nn.ModuleList([_double(a, b) for a, b in pairwise(widths)])
        pairs = list(zip(widths[:0:-1], widths[-2::-1], strict=True))
        self.grow = nn.ModuleList([nn.ConvTranspose2d(a, b, 2, 2) for a, b in pairs])
        self.up = nn.ModuleList([_double(a, b) for a, b in pairs])
        self.classify = nn.Conv2d(64, classes, 1)

    def forward(self, x: Tensor) -> Tensor:
        levels = [self.start(x)]
        for down in self.down:
            levels.append(down(functional.max_pool2d(levels[-1], 2)))
        x = levels.pop()
        for grow, up in zip(self.grow, self.up, strict=True):
            x = up(torch.cat([levels.pop(), grow(x)], 1))
        result: Tensor = self.classify(x)
        return result


def _double(channels_in: int, channels: int) -> nn.Sequential:
    return nn.Sequential(conv(channels_in, channels, 3), conv(channels, channels, 3))
