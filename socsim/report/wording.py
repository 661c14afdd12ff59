"""Words that console and page share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from socsim.quantity import format_si

CAUSE_MEANINGS = {
    "compute": "arithmetic",
    "memory": "moving bytes",
    "contention": "bandwidth lost to other streams",
    "latency": "fill and drain",
    "launch": "front end, not hidden",
    "queue": "unit busy with another stream",
    "handover": "crossing between units",
    "idle": "nothing had arrived",
}
"""What each cause of `bound_by` is, in a few words."""

CAUSE_HINTS = {
    "compute": "more or faster arithmetic, a lower precision or less work would shorten the run.",
    "memory": "fewer bytes (quantized weights, larger batches, more cache) or more bandwidth would shorten the run; "
    "faster arithmetic would not.",
    "contention": "streams take bandwidth from each other; priorities, another placement or more bandwidth would help.",
    "latency": "the way to memory shows between tasks; prefetching, larger tasks or a shorter way would help.",
    "launch": "starting tasks takes longer than running them; fusing operations or a deeper queue would help.",
    "queue": "another stream held the unit; another placement, priorities or a second unit would help.",
    "handover": "data crosses between units too often; larger segments on one unit would help.",
    "idle": "most of the time nothing had arrived; the hardware is fast enough for these arrivals.",
}
"""What would change it."""

_GENERATION = {
    "time_to_first_token_s": ("time to first token", "s"),
    "time_per_output_token_s": ("time per output token", "s"),
    "prompt_tokens_per_s": ("prompt", "tokens/s"),
    "output_tokens_per_s": ("output", "tokens/s"),
}

_UNEVEN = 1.5
"""A longest gap between tokens that is so many times the mean is worth a line."""


def generation_lines(generation: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Name and text of each figure of a generation that is known; gaps where they differ, a sample where there is
    one."""
    lines = [
        (name, format_si(generation[key], unit, 4) if unit == "s" else f"{_count(generation[key])} {unit}")
        for key, (name, unit) in _GENERATION.items()
        if key in generation
    ]
    gaps, sample = generation.get("inter_token_gap_s"), generation.get("sampling")
    if gaps and gaps["max"] > _UNEVEN * gaps["mean"]:
        lines.append(("longest gap", format_si(gaps["max"], "s", 4)))
    if sample:
        bound = format_si(sample["error_bound_s"], "s", 2)
        lines.append(("simulated steps", f"{sample['simulated_steps']} of {sample['steps']:,} (± {bound} at most)"))
    return lines


def _count(value: float) -> str:
    """Four digits, without an exponent."""
    return f"{value:,.0f}" if value >= 1000 else f"{value:.4g}"
