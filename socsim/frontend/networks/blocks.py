"""Convolution, batch normalization and activation, as nearly all of these networks stack them."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor, nn

Activation = Callable[[], nn.Module]


def conv(
    channels_in: int,
    channels_out: int,
    kernel: int | tuple[int, int] = 1,
    stride: int = 1,
    groups: int = 1,
    activation: Activation | None = nn.ReLU,
    padding: int | tuple[int, int] | None = None,
    dilation: int = 1,
) -> nn.Sequential:
    """Convolution without bias, batch normalization, activation; padded to keep the size at stride 1 by default."""
    if padding is None:
        sizes = (kernel, kernel) if isinstance(kernel, int) else kernel
        padding = (dilation * (sizes[0] - 1) // 2, dilation * (sizes[1] - 1) // 2)
    layers: list[nn.Module] = [
        nn.Conv2d(channels_in, channels_out, kernel, stride, padding, dilation, groups, bias=False),
        nn.BatchNorm2d(channels_out),
    ]
    if activation is not None:
        layers.append(activation())
    return nn.Sequential(*layers)


class SqueezeExcite(nn.Module):
    """Channels weighted by what the whole image says (Hu et al., Squeeze-and-Excitation Networks, 2018)."""

    def __init__(self, channels: int, inner: int, gate: Activation = nn.Sigmoid) -> None:
        super().__init__()
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.reduce = nn.Conv2d(channels, inner, 1)
        self.activation = nn.ReLU()
        self.expand = nn.Conv2d(inner, channels, 1)
        self.gate = gate()

    def forward(self, x: Tensor) -> Tensor:
        weights: Tensor = self.gate(self.expand(self.activation(self.reduce(self.pool(x)))))
        return x * weights


class Classifier(nn.Module):
    """Mean over the image, then one linear layer."""

    def __init__(self, channels: int, classes: int = 1000) -> None:
        super().__init__()
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.linear = nn.Linear(channels, classes)

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.linear(self.pool(x).flatten(1))
        return result
