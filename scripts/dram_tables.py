"""Writes tables of the fluid DRAM model from the detailed one; see scripts/dram-tables."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from socsim.engine.memory.dram.characterize import characterize
from socsim.engine.memory.dram.part import load_part, part_names

FOLDER = Path(__file__).resolve().parents[1] / "hw_configs" / "parts" / "dram" / "fluid"
HEAD = """\
# DRAM part {part} as the fluid model sees it: one channel, 64 B requests, mean over places that streams lie at.
# Written by scripts/dram-tables from the detailed model and hw_configs/parts/dram/{part}.yaml: do not edit.
source: "scripts/dram-tables: detailed model of {part}, which is tested against Ramulator 2.1 (socsim validate dram)"
"""


def lines(value: Any, indent: int) -> list[str]:
    """YAML: mappings line by line, innermost lists in one line."""
    found = []
    for key, inner in value.items():
        if isinstance(inner, dict):
            found += [f"{' ' * indent}{key}:", *lines(inner, indent + 2)]
        elif isinstance(inner, list) and isinstance(inner[0], list):
            found += [f"{' ' * indent}{key}:", *(f"{' ' * indent}- {json.dumps(item)}" for item in inner)]
        else:
            found.append(f"{' ' * indent}{key}: {json.dumps(inner)}")
    return found


def main(names: list[str]) -> None:
    FOLDER.mkdir(exist_ok=True)
    for name in names or part_names():
        table = characterize(load_part(name), lambda text: print(text, file=sys.stderr))
        path = FOLDER / f"{name}.yaml"
        temporary = path.with_suffix(".tmp")
        temporary.write_text(HEAD.format(part=name) + "\n".join(lines(table, 0)) + "\n", encoding="utf-8")
        os.replace(temporary, path)
        print(path.relative_to(FOLDER.parents[3]))


if __name__ == "__main__":
    main(sys.argv[1:])
