"""Sensitivity files: a `base`, `axes` with their ranges, and the `outputs` whose dependence is asked for.

base: {hardware: apple/m1, workload: resnet-50, options: {units: [gpu], precision: fp16}}
axes:
  units.gpu.clock: {random: {from: 1.0 GHz, to: 1.5 GHz}}       # anywhere between
  dram.channels: [4, 8, 16]
outputs: [latency_s, energy_j]
sensitivity: {method: morris, samples: 10, seed: 0}
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from socsim.errors import ConfigError
from socsim.study.design.axis import Axis
from socsim.study.design.base import read_base
from socsim.study.design.expression import parse_expression
from socsim.study.design.plan import Located, Plan
from socsim.study.design.section import raise_problems, read_document
from socsim.study.design.sweep_file import Objective, check_axes, read_axes, read_derived, read_figures

METHODS = ("oat", "morris", "sobol")


@dataclass(frozen=True, slots=True)
class SensitivityFile:
    """A sensitivity study as read. `samples` 0: as many as the method takes by default."""

    name: str
    path: Path
    plan: Plan
    axes: tuple[Axis, ...]
    figures: tuple[Located, ...]
    outputs: tuple[Objective, ...]
    method: str
    samples: int
    seed: int


def read_sensitivity(path: str | Path) -> SensitivityFile:
    """The study of a file. All errors are raised together as `ConfigFileError`."""
    file = Path(path)
    problems: list[ConfigError] = []
    top = read_document(file, problems)
    name = top.text("name", file.stem)
    base = read_base(top.section("base"))
    axes = tuple(read_axes(top))
    if not axes:
        top.problem(top.mark, "axes: a sensitivity study needs at least one axis")
    check_axes(top, axes, base)
    for axis in axes:
        if axis.interval is None and len(axis.values) < 2:
            top.problem(axis.mark, f"axes.{axis.name}: needs at least two values to have an effect")
    derived, figures = read_derived(top, [axis.name for axis in axes]), read_figures(top)
    outputs = tuple(
        Objective(text, "min", parse_expression(f"value('{text}')"), str(mark))
        for text, mark in top.texts("outputs") or [("latency_s", top.mark)]
    )
    section = top.section("sensitivity")
    found = SensitivityFile(
        name=name,
        path=file,
        plan=Plan(base, (), derived, ()),
        axes=axes,
        figures=figures,
        outputs=outputs,
        method=section.choice("method", METHODS, "oat"),
        samples=section.integer("samples", 0, 1),
        seed=section.integer("seed", 0),
    )
    section.close()
    top.close()
    raise_problems(problems)
    return found
