"""The base of every part of a SoC description: frozen, strict, with a source for each of its numbers."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Part(BaseModel):
    """Unknown keys are errors. `sources` maps a key of this part, or `"*"` for all others, to where its number is from:
    a citation, `calibrated on ...`, `assumed`, or `general knowledge, unverified`."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=False)

    sources: dict[str, str] = Field(
        default_factory=dict, description="where each number is from, by key; '*': the rest"
    )

    def source_of(self, key: str) -> str | None:
        """Where the number under `key` comes from."""
        return self.sources.get(key, self.sources.get("*"))

    def numbers(self) -> dict[str, Any]:
        """The keys that were set explicitly and hold a number (or a table of numbers), i.e. those that need a source."""
        found = {}
        for key in sorted(self.model_fields_set):
            value = getattr(self, key)
            if key != "sources" and _is_numeric(value):
                found[key] = value
        return found


def _is_numeric(value: object) -> bool:
    if isinstance(value, bool):
        return False
    if isinstance(value, int | float):
        return True
    return isinstance(value, dict) and any(_is_numeric(item) for item in value.values())
