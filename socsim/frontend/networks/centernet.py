"""CenterNet (Zhou et al., Objects as Points, 2019) on a ResNet: transposed convolutions up to a quarter of the input's
size, then one small head each for the heat map, sizes and offsets."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn

from socsim.frontend.networks.blocks import conv
from socsim.frontend.networks.residual import Backbone, Basic


class CenterNet(nn.Module):
    """ResNet-34 at stride 32, three doublings, heads of 80 classes, 2 sizes and 2 offsets."""

    def __init__(self, depths: Sequence[int] = (3, 4, 6, 3), widths: Sequence[int] = (256, 128, 64)) -> None:
        super().__init__()
        self.backbone = Backbone(Basic, depths)
        layers: list[nn.Module] = []
        channels = self.backbone.channels
        for width in widths:
            layers += [
                conv(channels, width, 3),
                nn.ConvTranspose2d(width, width, 4, 2, 1, bias=False),
                nn.BatchNorm2d(width),
                nn.ReLU(),
            ]
            channels = width
        self.up = nn.Sequential(*layers)
        self.heads = nn.ModuleList(
            [
                nn.Sequential(nn.Conv2d(channels, 64, 3, padding=1), nn.ReLU(), nn.Conv2d(64, outputs, 1))
                for outputs in (80, 2, 2)
            ]
        )

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        x = self.up(self.backbone(x))
        return tuple(head(x) for head in self.heads)
