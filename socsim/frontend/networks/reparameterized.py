"""MobileOne (Vasu et al. 2022) and FastViT (Vasu et al. 2023) as they run: every training-time branch folded into one
convolution with a bias."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn
from torch.nn import functional

from socsim.frontend.networks.blocks import Activation, Classifier, SqueezeExcite


class Folded(nn.Module):
    """One convolution with a bias, squeeze-and-excite where asked for, an activation."""

    def __init__(
        self,
        channels_in: int,
        channels: int,
        kernel: int,
        stride: int = 1,
        groups: int = 1,
        activation: Activation | None = nn.ReLU,
        squeeze: int = 0,
    ) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels_in, channels, kernel, stride, kernel // 2, groups=groups)
        self.squeeze = SqueezeExcite(channels, squeeze) if squeeze else nn.Identity()
        self.activation = activation() if activation is not None else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.activation(self.squeeze(self.conv(x)))
        return result


class MobileOne(nn.Module):
    """Depthwise and pointwise convolutions in turn; S4 squeezes and excites in its last stages."""

    def __init__(self, widths: Sequence[float], squeezes: bool = False) -> None:
        super().__init__()
        channels = min(64, int(64 * widths[0]))
        layers: list[nn.Module] = [Folded(3, channels, 3, 2)]
        for stage, (width, depth) in enumerate(zip(widths, (2, 8, 10, 1), strict=True)):
            target = int((64, 128, 256, 512)[stage] * width)
            first_squeezed = {2: depth // 2, 3: 0}.get(stage, depth) if squeezes else depth
            for index in range(depth):
                for_depthwise, for_pointwise = (channels // 16, target // 16) if index >= first_squeezed else (0, 0)
                stride = 2 if index == 0 else 1
                layers.append(Folded(channels, channels, 3, stride, channels, squeeze=for_depthwise))
                layers.append(Folded(channels, target, 1, squeeze=for_pointwise))
                channels = target
        self.features = nn.Sequential(*layers)
        self.head = Classifier(channels)

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.head(self.features(x))
        return result


class _FeedForward(nn.Module):
    def __init__(self, channels: int, ratio: float) -> None:
        super().__init__()
        inner = int(channels * ratio)
        self.spatial = nn.Conv2d(channels, channels, 7, padding=3, groups=channels)
        self.expand = nn.Conv2d(channels, inner, 1)
        self.activation = nn.GELU()
        self.project = nn.Conv2d(inner, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.project(self.activation(self.expand(self.spatial(x))))
        return result


class _Mixer(nn.Module):
    """RepMixer block: a depthwise convolution that holds its own shortcut, then a convolutional feed-forward network
    (its layer scale folded into the last convolution)."""

    def __init__(self, channels: int, ratio: float) -> None:
        super().__init__()
        self.mix = nn.Conv2d(channels, channels, 3, padding=1, groups=channels)
        self.feed_forward = _FeedForward(channels, ratio)

    def forward(self, x: Tensor) -> Tensor:
        x = self.mix(x)
        return x + self.feed_forward(x)


class _Attention(nn.Module):
    """Attention over pixels with heads of 32 channels, then the same feed-forward network."""

    def __init__(self, channels: int, ratio: float, head: int = 32) -> None:
        super().__init__()
        self.heads = channels // head
        self.norm = nn.BatchNorm2d(channels)
        self.qkv = nn.Linear(channels, 3 * channels, bias=False)
        self.project = nn.Linear(channels, channels)
        self.feed_forward = _FeedForward(channels, ratio)

    def forward(self, x: Tensor) -> Tensor:
        batch, channels, height, width = x.shape
        tokens = self.norm(x).flatten(2).transpose(1, 2)
        shape = (batch, height * width, 3, self.heads, channels // self.heads)
        query, key, value = self.qkv(tokens).reshape(shape).permute(2, 0, 3, 1, 4).unbind(0)
        mixed = functional.scaled_dot_product_attention(query, key, value)
        mixed = self.project(mixed.transpose(1, 2).reshape(batch, height * width, channels))
        x = x + mixed.transpose(1, 2).reshape(batch, channels, height, width)
        return x + self.feed_forward(x)


class FastViT(nn.Module):
    """Four stages of mixers; the last attends where `attends`. `outputs` are classes, or the width of an embedding."""

    def __init__(
        self, depths: Sequence[int], widths: Sequence[int], ratio: float, attends: bool, outputs: int = 1000
    ) -> None:
        super().__init__()
        first = widths[0]
        layers: list[nn.Module] = [
            Folded(3, first, 3, 2, activation=nn.GELU),
            Folded(first, first, 3, 2, first, nn.GELU),
            Folded(first, first, 1, activation=nn.GELU),
        ]
        for stage, (depth, width) in enumerate(zip(depths, widths, strict=True)):
            if stage:
                before = widths[stage - 1]
                layers.append(Folded(before, width, 7, 2, before, nn.GELU))
                layers.append(Folded(width, width, 1, activation=nn.GELU))
            last = attends and stage == len(depths) - 1
            if last:
                layers.append(nn.Conv2d(width, width, 7, padding=3, groups=width))
            layers += [_Attention(width, ratio) if last else _Mixer(width, ratio) for _ in range(depth)]
        final = widths[-1]
        layers.append(Folded(final, 2 * final, 3, groups=final, activation=nn.GELU, squeeze=2 * final // 16))
        self.features = nn.Sequential(*layers)
        self.head = Classifier(2 * final, outputs)

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.head(self.features(x))
        return result
