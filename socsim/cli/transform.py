"""`socsim workload transform WORKLOAD STEPS.yaml -o FILE`: another workload from one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def transform(
    workload: Annotated[str, typer.Argument(help="a shipped name such as resnet-50, or a workload file")],
    steps: Annotated[Path, typer.Argument(metavar="STEPS.yaml", help="transforms in order")],
    output: Annotated[Path, typer.Option("--output", "-o", help="the workload file to write (.json.gz)")],
) -> None:
    """Apply transforms (number formats, sparsity, pruning, batch, adapters) and save the workload."""
    from socsim.cli.workload import one_line
    from socsim.simulation import load_components
    from socsim.transform import apply_transforms, read_transforms
    from socsim.workload import find_workload, load_workload, save_workload
    from socsim.workload.file import require_writable

    load_components()
    require_writable(output)
    found = read_transforms(steps)
    before = load_workload(find_workload(workload))
    after = apply_transforms(before, found)
    save_workload(after, output)
    print(f"{before.name}: {one_line(before)}")
    print(f"{output}: {one_line(after)}")
    print(f"  {after.source.get('transforms', '')}")
