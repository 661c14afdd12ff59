"""A small hardware file for the tests of reading, and how they load it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from socsim.cost import unit_models
from socsim.errors import ConfigError, ConfigFileError
from socsim.hardware import Soc, load_soc
from socsim.simulation import load_components

SMALL = """\
name: small
units:
  - name: cpu
    kind: cpu
    clock: 2 GHz
    cores: 2
    flop_per_cycle_per_core: {fp32: 16, fp16: 32}
    matrix_efficiency: 0.5
    sources: {clock: a data sheet, "*": assumed}
links:
  - {name: bus, between: [cpu, dram], bandwidth: 10 GB/s, sources: {"*": assumed}}
dram:
  part: LPDDR4X-4266
  channels: 2
  transfer_rate: 4266 MT/s
  capacity: 4 GiB
  latency: 70 ns
  sources: {"*": assumed}
"""


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def load(path: Path, *overrides: str) -> Soc:
    load_components()
    return load_soc(path, overrides, unit_models=unit_models)


def load_text(folder: Path, text: str, *overrides: str) -> Soc:
    return load(write(folder, "chip.yaml", text), *overrides)


def unit_of(soc: Soc, name: str) -> Any:
    """A unit with the parameters of its kind, for checks of keys that not every kind has."""
    return soc.unit(name)


def errors_of(path: Path, overrides: Sequence[str] = ()) -> list[str]:
    """The error lines, with the folder of the file taken off."""
    with pytest.raises((ConfigError, ConfigFileError)) as caught:
        load(path, *overrides)
    return [line.replace(f"{path.parent}/", "") for line in str(caught.value).splitlines()]


def errors_of_text(folder: Path, text: str, *overrides: str) -> list[str]:
    return errors_of(write(folder, "chip.yaml", text), overrides)
