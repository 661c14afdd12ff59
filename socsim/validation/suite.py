"""A suite of measurements: `data/<name>.yaml` says what it is, `data/<name>.csv` holds the rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml

from socsim.errors import ConfigError
from socsim.registry import did_you_mean
from socsim.validation.catalog import DATA, suite_names
from socsim.validation.measurement import Measurement, averaged
from socsim.validation.parameter import Parameter, read_value
from socsim.validation.rows import read_rows


@dataclass(frozen=True)
class Suite:
    """`noise_fraction` is how far the measurements themselves can be trusted; `parameters` are those that were fitted
    to its rows and to those of other suites of the same `group`."""

    name: str
    title: str
    rows: tuple[Measurement, ...]
    noise_fraction: float
    parameters: tuple[Parameter, ...]
    group: str = ""
    notes: str = ""


@cache
def load_suite(name: str) -> Suite:
    """A shipped suite by name; `ConfigError` with near names."""
    known = suite_names()
    if name not in known:
        raise ConfigError("SUITE", f"unknown suite '{name}': {did_you_mean(name, known)}")
    data = yaml.safe_load((DATA / f"{name}.yaml").read_text(encoding="utf-8"))
    return Suite(
        name=name,
        title=data["title"],
        rows=averaged(read_rows(DATA / f"{name}.csv", data.get("defaults", {}))),
        noise_fraction=data["noise_fraction"],
        parameters=parameter_group(data.get("group", "")),
        group=data.get("group", ""),
        notes=data.get("notes", ""),
    )


@cache
def parameter_group(name: str) -> tuple[Parameter, ...]:
    """The calibrated parameters that suites of a group share; none for no group."""
    groups = yaml.safe_load((DATA / "parameters.yaml").read_text(encoding="utf-8"))
    return tuple(_parameter(row) for row in groups[name]) if name else ()


def _parameter(row: Mapping[str, Any]) -> Parameter:
    low, high = row["bounds"]
    prior = row.get("prior")
    return Parameter(
        name=row["name"],
        key=row["key"],
        hardware=tuple(row.get("hardware", ("*",))),
        low=read_value(low),
        high=read_value(high),
        prior=(read_value(prior["value"]), float(prior["factor"])) if prior else None,
    )
