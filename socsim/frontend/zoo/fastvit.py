"""FastViT (Vasu et al. 2023) as it runs, its branches folded; MobileCLIP's image encoder of the same blocks."""

from __future__ import annotations

from functools import partial
from typing import Any

from socsim.frontend.zoo.registration import register_image_network

_POWERS = (64, 128, 256, 512)
_CONFIGURATIONS: dict[str, tuple[tuple[int, ...], tuple[int, ...], int, bool]] = {
    # depths, widths, ratio of the feed-forward networks, whether the last stage attends
    "t8": ((2, 2, 4, 2), (48, 96, 192, 384), 3, False),
    "t12": ((2, 2, 6, 2), _POWERS, 3, False),
    "s12": ((2, 2, 6, 2), _POWERS, 4, False),
    "sa12": ((2, 2, 6, 2), _POWERS, 4, True),
    "sa24": ((4, 4, 12, 4), _POWERS, 4, True),
    "sa36": ((6, 6, 18, 6), _POWERS, 4, True),
    "ma36": ((6, 6, 18, 6), (76, 152, 304, 608), 4, True),
}
_EMBEDDING = 512


def _make(size: str) -> Any:
    from socsim.frontend.networks.reparameterized import FastViT

    return FastViT(*_CONFIGURATIONS[size])


def _make_image_encoder() -> Any:
    from socsim.frontend.networks.reparameterized import FastViT

    return FastViT((2, 6, 10, 2), _POWERS, 3, True, _EMBEDDING)


for _size in _CONFIGURATIONS:
    register_image_network(f"fastvit-{_size}", partial(_make, _size), (256, 256), "Vasu et al. 2023, table 1")
register_image_network("mobileclip-s0-image-encoder", _make_image_encoder, (256, 256), "apple/ml-mobileclip, mci0")
