"""MobileOne (Vasu et al. 2022) as it runs, its branches folded."""

from __future__ import annotations

from functools import partial
from typing import Any

from socsim.frontend.zoo.registration import register_image_network

_WIDTHS = {
    "s0": (0.75, 1.0, 1.0, 2.0), "s1": (1.5, 1.5, 2.0, 2.5), "s2": (1.5, 2.0, 2.5, 4.0), "s3": (2.0, 2.5, 3.0, 4.0),
    "s4": (3.0, 3.5, 3.5, 4.0),
}  # fmt: skip


def _make(size: str) -> Any:
    from socsim.frontend.networks.reparameterized import MobileOne

    return MobileOne(_WIDTHS[size], squeezes=size == "s4")


for _size in _WIDTHS:
    register_image_network(f"mobileone-{_size}", partial(_make, _size), (224, 224), "Vasu et al. 2022, table 3")
