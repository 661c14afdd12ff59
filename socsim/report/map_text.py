"""The mapping of a run as a map file: YAML with one line per task, to be edited and run again with `--map`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any


def map_text(manifest: Mapping[str, Any]) -> str:
    """The text of the file; the same run gives the same text."""
    hardware = manifest.get("hardware", {}).get("name", "")
    lines = [
        f"# Mapping of a run on {hardware}; change units or groups and run it again: socsim run ... --map FILE",
        "mappings:",
    ]
    for entry in manifest.get("mapping", ()):
        mark = "- "
        for key, value in entry.items():
            if isinstance(value, list):
                lines.append(f"  {mark}{key}:")
                lines += [f"      - {_flow(item)}" for item in value]
            else:
                lines.append(f"  {mark}{key}: {_flow(value)}")
            mark = "  "
    return "\n".join(lines) + "\n"


def _flow(value: object) -> str:
    """A value in YAML's flow style; texts in double quotes, as JSON writes them."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(_flow(item) for item in value) + "]"
    return json.dumps(value)
