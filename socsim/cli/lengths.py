"""Lengths of a workload as options: `--length seq=128`."""

from __future__ import annotations

from socsim.errors import ConfigError


def name_and_length(text: str) -> tuple[str, int]:
    """`seq=128` as a name and a number; `ConfigError` where it is none."""
    name, sign, value = text.partition("=")
    try:
        length = int(value)
    except ValueError:
        length = -1
    if not name.strip() or not sign or length < 0:
        raise ConfigError("--length", f"expected NAME=N such as seq=512, got '{text}'")
    return name.strip(), length
