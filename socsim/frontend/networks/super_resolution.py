"""Real-ESRGAN's compact generator (Wang et al. 2021): convolutions at low resolution, one shuffle to the high one."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional


class CompactGenerator(nn.Module):
    """`depth` convolutions of `width` channels with PReLU, pixels shuffled up, added to the enlarged input."""

    def __init__(self, width: int = 64, depth: int = 32, scale: int = 4) -> None:
        super().__init__()
        layers: list[nn.Module] = [nn.Conv2d(3, width, 3, padding=1), nn.PReLU(width)]
        for _ in range(depth):
            layers += [nn.Conv2d(width, width, 3, padding=1), nn.PReLU(width)]
        layers.append(nn.Conv2d(width, 3 * scale * scale, 3, padding=1))
        self.body = nn.Sequential(*layers)
        self.shuffle = nn.PixelShuffle(scale)
        self.scale = scale

    def forward(self, x: Tensor) -> Tensor:
        base = functional.interpolate(x, scale_factor=float(self.scale), mode="nearest")
        result: Tensor = self.shuffle(self.body(x)) + base
        return result
