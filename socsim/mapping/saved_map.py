"""What was mapped, as the entries of a map file that maps the same again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from socsim.mapping.structure import Structure


def saved_entries(mapped: Sequence[tuple[Structure, dict[str, int]]]) -> list[dict[str, Any]]:
    """An entry per workload and choice: every task with its unit and its operations. Lengths are named where the
    choice depends on them."""
    entries: list[dict[str, Any]] = []
    for structure, lengths in mapped:
        ids = [operation.id for operation in structure.workload.operations]
        tasks = [
            {"unit": group.unit, "operations": [ids[index] for index in group.operations]} for group in structure.groups
        ]
        entries.append({"workload": structure.workload.name, "lengths": lengths, "tasks": tasks})
    kept: list[dict[str, Any]] = []
    for name in dict.fromkeys(entry["workload"] for entry in entries):
        mine = [entry for entry in entries if entry["workload"] == name]
        if all(entry["tasks"] == mine[0]["tasks"] for entry in mine):
            kept.append({key: value for key, value in mine[0].items() if key != "lengths"})
        else:
            kept += mine
    return kept
