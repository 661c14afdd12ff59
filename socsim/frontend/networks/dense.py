"""DenseNet (Huang et al. 2017): every layer reads what all before it in its block have written."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from socsim.frontend.networks.blocks import Classifier, conv


class _Layer(nn.Module):
    def __init__(self, channels_in: int, growth: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(channels_in)
        self.activation = nn.ReLU()
        self.reduce = conv(channels_in, 4 * growth)
        self.spatial = nn.Conv2d(4 * growth, growth, 3, padding=1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        new: Tensor = self.spatial(self.reduce(self.activation(self.norm(x))))
        return torch.cat([x, new], 1)


class DenseNet(nn.Module):
    """Four dense blocks with halving transitions between them."""

    def __init__(self, depths: Sequence[int], growth: int = 32, channels: int = 64) -> None:
        super().__init__()
        layers: list[nn.Module] = [conv(3, channels, 7, 2), nn.MaxPool2d(3, 2, 1)]
        for number, depth in enumerate(depths):
            for _ in range(depth):
                layers.append(_Layer(channels, growth))
                channels += growth
            layers += [nn.BatchNorm2d(channels), nn.ReLU()]
            if number + 1 < len(depths):
                layers += [nn.Conv2d(channels, channels // 2, 1, bias=False), nn.AvgPool2d(2)]
                channels //= 2
        self.features = nn.Sequential(*layers)
        self.head = Classifier(channels)

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.head(self.features(x))
        return result
