"""GoogLeNet (Szegedy et al. 2014, with batch normalization, 3x3 in place of 5x5 as torchvision has it) and Inception-v3
(Szegedy et al. 2015)."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from socsim.frontend.networks.blocks import Classifier, conv


class Parallel(nn.Module):
    """Branches over the same input, their channels side by side."""

    def __init__(self, *branches: nn.Module) -> None:
        super().__init__()
        self.branches = nn.ModuleList(branches)

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([branch(x) for branch in self.branches], 1)


_GOOGLENET = (
    (192, 64, 96, 128, 16, 32, 32), (256, 128, 128, 192, 32, 96, 64), None,
    (480, 192, 96, 208, 16, 48, 64), (512, 160, 112, 224, 24, 64, 64), (512, 128, 128, 256, 24, 64, 64),
    (512, 112, 144, 288, 32, 64, 64), (528, 256, 160, 320, 32, 128, 128), None,
    (832, 256, 160, 320, 32, 128, 128), (832, 384, 192, 384, 48, 128, 128),
)  # fmt: skip
"""Channels in, 1x1, 3x3 reduced, 3x3, second 3x3 reduced, second 3x3, pooled; None: a pooling between modules."""


class GoogLeNet(nn.Module):
    """Nine inception modules, without the auxiliary classifiers of training."""

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = [
            conv(3, 64, 7, 2), nn.MaxPool2d(3, 2, ceil_mode=True), conv(64, 64), conv(64, 192, 3),
            nn.MaxPool2d(3, 2, ceil_mode=True),
        ]  # fmt: skip
        pools = [nn.MaxPool2d(3, 2, ceil_mode=True), nn.MaxPool2d(2, 2, ceil_mode=True)]
        for row in _GOOGLENET:
            layers.append(pools.pop(0) if row is None else _module(*row))
        self.features = nn.Sequential(*layers)
        self.head = Classifier(1024)

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.head(self.features(x))
        return result


def _module(width: int, one: int, reduced: int, three: int, reduced2: int, three2: int, pooled: int) -> Parallel:
    return Parallel(
        conv(width, one),
        nn.Sequential(conv(width, reduced), conv(reduced, three, 3)),
        nn.Sequential(conv(width, reduced2), conv(reduced2, three2, 3)),
        nn.Sequential(nn.MaxPool2d(3, 1, 1, ceil_mode=True), conv(width, pooled)),
    )


class InceptionV3(nn.Module):
    """Stem, three modules of 35, a reduction, four of 17, a reduction, two of 8 pixels (at 299 pixels)."""

    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(
            conv(3, 32, 3, 2, padding=0), conv(32, 32, 3, padding=0), conv(32, 64, 3), nn.MaxPool2d(3, 2),
            conv(64, 80), conv(80, 192, 3, padding=0), nn.MaxPool2d(3, 2),
            *(_module_a(width, pooled) for width, pooled in ((192, 32), (256, 64), (288, 64))),
            _reduction_b(), *(_module_c(inner) for inner in (128, 160, 160, 192)), _reduction_d(),
            *(_module_e(width) for width in (1280, 2048)),
        )  # fmt: skip
        self.head = Classifier(2048)

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.head(self.features(x))
        return result


def _chain(*layers: nn.Module) -> nn.Sequential:
    return nn.Sequential(*layers)


def _pooled(width: int, channels: int) -> nn.Sequential:
    return _chain(nn.AvgPool2d(3, 1, 1), conv(width, channels))


def _module_a(width: int, pooled: int) -> Parallel:
    return Parallel(
        conv(width, 64), _chain(conv(width, 48), conv(48, 64, 5)),
        _chain(conv(width, 64), conv(64, 96, 3), conv(96, 96, 3)), _pooled(width, pooled),
    )  # fmt: skip


def _reduction_b() -> Parallel:
    return Parallel(
        conv(288, 384, 3, 2, padding=0), _chain(conv(288, 64), conv(64, 96, 3), conv(96, 96, 3, 2, padding=0)),
        nn.MaxPool2d(3, 2),
    )  # fmt: skip


def _module_c(inner: int) -> Parallel:
    return Parallel(
        conv(768, 192), _chain(conv(768, inner), conv(inner, inner, (1, 7)), conv(inner, 192, (7, 1))),
        _chain(conv(768, inner), *_sevens(inner, (inner, inner, inner, 192))), _pooled(768, 192),
    )  # fmt: skip


def _sevens(channels: int, widths: Sequence[int]) -> list[nn.Module]:
    """7x1 and 1x7 in turn."""
    layers: list[nn.Module] = []
    for index, width in enumerate(widths):
        layers.append(conv(channels, width, (7, 1) if index % 2 == 0 else (1, 7)))
        channels = width
    return layers


def _reduction_d() -> Parallel:
    return Parallel(
        _chain(conv(768, 192), conv(192, 320, 3, 2, padding=0)),
        _chain(conv(768, 192), conv(192, 192, (1, 7)), conv(192, 192, (7, 1)), conv(192, 192, 3, 2, padding=0)),
        nn.MaxPool2d(3, 2),
    )  # fmt: skip


def _module_e(width: int) -> Parallel:
    def split() -> Parallel:
        return Parallel(conv(384, 384, (1, 3)), conv(384, 384, (3, 1)))

    return Parallel(
        conv(width, 320), _chain(conv(width, 384), split()), _chain(conv(width, 448), conv(448, 384, 3), split()),
        _pooled(width, 192),
    )  # fmt: skip
