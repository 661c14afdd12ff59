"""HRNet (Sun et al. 2019): branches of several resolutions side by side that exchange what they know."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn

from socsim.frontend.networks.blocks import conv
from socsim.frontend.networks.residual import Basic, Bottleneck


class _Module(nn.Module):
    """Four blocks per branch, then every branch gets the sum of all, brought to its size."""

    def __init__(self, widths: Sequence[int], outputs: int) -> None:
        super().__init__()
        self.branches = nn.ModuleList(
            [nn.Sequential(*(Basic(width, width, 1, 1, 64, 1) for _ in range(4))) for width in widths]
        )
        self.paths = nn.ModuleList(
            [
                nn.ModuleList([_path(widths, source, target) for source in range(len(widths))])
                for target in range(outputs)
            ]
        )
        self.activation = nn.ReLU()

    def forward(self, inputs: list[Tensor]) -> list[Tensor]:
        done = [branch(x) for branch, x in zip(self.branches, inputs, strict=True)]
        fused = []
        for paths in self.paths:
            total = sum(path(x) for path, x in zip(paths, done, strict=True))
            fused.append(self.activation(total))
        return fused


def _path(widths: Sequence[int], source: int, target: int) -> nn.Module:
    if source == target:
        return nn.Identity()
    if source > target:
        up = nn.Upsample(scale_factor=float(1 << (source - target)), mode="nearest")
        return nn.Sequential(conv(widths[source], widths[target], activation=None), up)
    steps = target - source
    layers = [conv(widths[source], widths[source], 3, 2) for _ in range(steps - 1)]
    return nn.Sequential(*layers, conv(widths[source], widths[target], 3, 2, activation=None))


class HighResolutionNet(nn.Module):
    """HRNet for poses: branches of `width`, 2, 4 and 8 times as many channels, heat maps at a quarter of the size."""

    def __init__(self, width: int = 32, joints: int = 17) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            conv(3, 64, 3, 2), conv(64, 64, 3, 2),
            *(Bottleneck(64 if index == 0 else 256, 64, 1, 1, 64, 1) for index in range(4)),
        )  # fmt: skip
        widths = [width << number for number in range(4)]
        self.starts = nn.ModuleList([conv(256, widths[0], 3), conv(256, widths[1], 3, 2)])
        self.grow = nn.ModuleList([conv(widths[1], widths[2], 3, 2), conv(widths[2], widths[3], 3, 2)])
        stages = []
        for number, count in ((2, 1), (3, 4), (4, 3)):
            last = 1 if number == 4 else number
            stages.append(
                nn.ModuleList([_Module(widths[:number], last if i + 1 == count else number) for i in range(count)])
            )
        self.stages = nn.ModuleList(stages)
        self.head = nn.Conv2d(widths[0], joints, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)
        branches = [start(x) for start in self.starts]
        for number, stage in enumerate(self.stages):
            if number:
                branches.append(self.grow[number - 1](branches[-1]))
            for module in stage:
                branches = module(branches)
        result: Tensor = self.head(branches[0])
        return result
