"""What was mapped, as the entries of a map file that maps the same again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from socsim.mapping.split import Cut
from socsim.mapping.structure import Structure


def saved_entries(mapped: Sequence[tuple[Structure, dict[str, int]]], cuts: Mapping[int, Cut]) -> list[dict[str, Any]]:
    """An entry per workload and choice: every task with its unit and its operations. Lengths are named where the
    choice depends on them."""
    entries: list[dict[str, Any]] = []
    for structure, lengths in mapped:
        ids = [operation.id for operation in structure.workload.operations]
        tasks = [
            {"unit": group.unit, "operations": [ids[index] for index in group.operations]}
            | ({"depth_first": group.bands} if group.bands > 1 else {})
            for group in structure.groups
        ]
        entry = {"workload": structure.workload.name, "lengths": lengths, "tasks": tasks}
        made = cuts.get(id(structure.workload))
        if made is not None and made.splits:
            entry["splits"] = [
                {
                    "by": split.by,
                    "over": dict(split.over),
                    "operations": [i for i, s in made.splits.items() if s == split],
                }
                for split in dict.fromkeys(made.splits.values())
            ]
        entries.append(entry)
    kept: list[dict[str, Any]] = []
    for name in dict.fromkeys(entry["workload"] for entry in entries):
        mine = [entry for entry in entries if entry["workload"] == name]
        if all((entry["tasks"], entry.get("splits")) == (mine[0]["tasks"], mine[0].get("splits")) for entry in mine):
            kept.append({key: value for key, value in mine[0].items() if key != "lengths"})
        else:
            kept += mine
    return kept
