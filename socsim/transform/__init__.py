"""Workload -> Workload: number formats and more. Never fuses: fusion belongs to mapping."""

from socsim.transform.precision import with_precision, with_weights

__all__ = ["with_precision", "with_weights"]
