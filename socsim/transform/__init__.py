"""Workload -> Workload: number formats, sparsity, pruning, batch, adapters. Never fuses: that belongs to mapping."""

from socsim.transform.mixed_batch import mixed_batch
from socsim.transform.mixes import weight_format
from socsim.transform.precision import Precision, with_precision, with_weights
from socsim.transform.steps import apply_transforms, read_transforms, transform_of, transformed
from socsim.transform.transform import Transform, transforms

__all__ = [
    "Precision", "Transform", "apply_transforms", "mixed_batch", "read_transforms", "transform_of", "transformed",
    "transforms", "weight_format", "with_precision", "with_weights",
]  # fmt: skip
