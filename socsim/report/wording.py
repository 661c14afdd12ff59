"""Words that console and page share."""

from __future__ import annotations

from collections.abc import Mapping

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


def generation_lines(generation: Mapping[str, float]) -> list[tuple[str, str]]:
    """Name and text of each figure of a generation that is known."""
    return [
        (name, format_si(generation[key], unit, 4) if unit == "s" else f"{_count(generation[key])} {unit}")
        for key, (name, unit) in _GENERATION.items()
        if key in generation
    ]


def _count(value: float) -> str:
    """Four digits, without an exponent."""
    return f"{value:,.0f}" if value >= 1000 else f"{value:.4g}"
