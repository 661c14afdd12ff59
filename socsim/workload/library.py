"""Where workloads are found: a path, or the name of one that is shipped."""

from __future__ import annotations

import re
from pathlib import Path

from socsim.errors import WorkloadError
from socsim.registry import did_you_mean
from socsim.workload.file import SUFFIX

_PUNCTUATION = re.compile(r"[-_. ]+")


def shipped_folder() -> Path:
    """The folder of shipped workloads: inside an installed package, or the repository's own."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "data" / "workloads"
    return installed if installed.is_dir() else package.parent / "workloads"


def shipped_workloads() -> dict[str, Path]:
    """Names of the shipped workloads and their files, sorted."""
    return {path.name.removesuffix(SUFFIX): path for path in sorted(shipped_folder().glob(f"*{SUFFIX}"))}


def find_workload(name_or_path: str | Path) -> Path:
    """The file of a workload given by path or by name (`resnet-50`, also `resnet50` or `ResNet_50`).

    `WorkloadError` with near names where there is none.
    """
    given = str(name_or_path)
    path = Path(given)
    if path.is_file():
        return path
    shipped = shipped_workloads()
    if given in shipped:
        return shipped[given]
    alike = [name for name in shipped if _plain(name) == _plain(given.removesuffix(SUFFIX))]
    if len(alike) == 1:
        return shipped[alike[0]]
    if given.endswith(SUFFIX) or "/" in given:
        raise WorkloadError(given, "no such workload file")
    raise WorkloadError("", f"unknown workload '{given}': {did_you_mean(given, shipped)}")


def _plain(name: str) -> str:
    return _PUNCTUATION.sub("", name).lower()
