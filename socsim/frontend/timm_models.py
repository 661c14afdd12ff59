"""Models of timm (optional): any name that `timm.create_model` knows."""

from __future__ import annotations

import importlib
import importlib.util
from typing import Any

from socsim.errors import WorkloadError
from socsim.frontend.example import Example
from socsim.frontend.zoo.registration import BATCH, on_meta, on_meta_zeros
from socsim.registry import did_you_mean


def timm_example(name: str) -> Example:
    """A timm model without weights, in fp16, at its own input size; `WorkloadError` where timm does not have it."""
    timm = _timm()
    if not timm.is_model(name):
        raise WorkloadError(f"timm:{name}", f"unknown timm model: {did_you_mean(name, timm.list_models())}")
    model = on_meta(lambda: timm.create_model(name, pretrained=False), f"timm:{name}")
    size = model.default_cfg.get("input_size", (3, 224, 224))
    return Example(model, (on_meta_zeros(2, *size),), shapes=({0: "batch"},), symbols=BATCH)


def _timm() -> Any:
    if importlib.util.find_spec("timm") is None:
        raise WorkloadError("timm", "timm is not installed: pip install timm")
    _declare_torchvision_operators()
    import timm

    return timm


def _declare_torchvision_operators() -> None:
    """torchvision's build for CUDA fails to import beside a CPU build of torch, because its own operators are missing;
    declaring the two that it looks up while it is imported lets it (and timm, and transformers) load."""
    import torch

    try:
        importlib.import_module("torchvision")
    except (ImportError, RuntimeError):
        library = torch.library.Library("torchvision", "FRAGMENT")
        for name in ("nms", "qnms"):
            library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        _KEPT.append(library)


_KEPT: list[Any] = []
"""A library of operators is gone when its object is."""
