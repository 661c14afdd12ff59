"""ResNets and relatives (He et al. 2015; Xie et al., ResNeXt, 2017; Zagoruyko and Komodakis, Wide ResNet, 2016)."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn

from socsim.frontend.networks.blocks import Classifier, conv


class Basic(nn.Module):
    """Two 3x3 convolutions beside a shortcut."""

    expansion = 1

    def __init__(self, channels_in: int, channels: int, stride: int, groups: int, width: int, dilation: int) -> None:
        super().__init__()
        self.first = conv(channels_in, channels, 3, stride)
        self.second = conv(channels, channels, 3, activation=None)
        self.shortcut = _shortcut(channels_in, channels, stride)
        self.activation = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.activation(self.second(self.first(x)) + self.shortcut(x))
        return result


class Bottleneck(nn.Module):
    """1x1, 3x3 (in groups, strided), 1x1 beside a shortcut."""

    expansion = 4

    def __init__(self, channels_in: int, channels: int, stride: int, groups: int, width: int, dilation: int) -> None:
        super().__init__()
        inner = channels * width // 64 * groups
        self.reduce = conv(channels_in, inner)
        self.spatial = conv(inner, inner, 3, stride, groups, dilation=dilation)
        self.expand = conv(inner, channels * 4, activation=None)
        self.shortcut = _shortcut(channels_in, channels * 4, stride)
        self.activation = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.activation(self.expand(self.spatial(self.reduce(x))) + self.shortcut(x))
        return result


def _shortcut(channels_in: int, channels: int, stride: int) -> nn.Module:
    if stride == 1 and channels_in == channels:
        return nn.Identity()
    return conv(channels_in, channels, 1, stride, activation=None)


class Backbone(nn.Module):
    """Stem and four stages. `dilated` stages keep their size and spread their kernels instead (for segmentation)."""

    def __init__(
        self,
        block: type[Basic] | type[Bottleneck],
        depths: Sequence[int],
        groups: int = 1,
        width: int = 64,
        dilated: Sequence[bool] = (False, False, False, False),
    ) -> None:
        super().__init__()
        self.stem = nn.Sequential(conv(3, 64, 7, 2), nn.MaxPool2d(3, 2, 1))
        channels_in, dilation = 64, 1
        self.stages = nn.ModuleList()
        for number, (depth, keeps) in enumerate(zip(depths, dilated, strict=True)):
            channels, stride = 64 << number, 1 if number == 0 or keeps else 2
            previous, dilation = dilation, dilation * (2 if keeps else 1)
            blocks = []
            for index in range(depth):
                blocks.append(
                    block(
                        channels_in,
                        channels,
                        stride if index == 0 else 1,
                        groups,
                        width,
                        previous if index == 0 else dilation,
                    )
                )
                channels_in = channels * block.expansion
            self.stages.append(nn.Sequential(*blocks))
        self.channels = channels_in

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)
        for stage in self.stages:
            x = stage(x)
        return x


class ResidualClassifier(nn.Module):
    """A backbone and its classifier."""

    def __init__(
        self, block: type[Basic] | type[Bottleneck], depths: Sequence[int], groups: int = 1, width: int = 64
    ) -> None:
        super().__init__()
        self.backbone = Backbone(block, depths, groups, width)
        self.head = Classifier(self.backbone.channels)

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.head(self.backbone(x))
        return result
