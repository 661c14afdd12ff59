"""Suite files: models, devices, and the options that all share.

models:
  - resnet-50
  - {name: llama, workload: llama-3.2-1b, weights: q4_0, prompt: 128, tokens: 8}
devices:
  - apple/m1
  - {name: m1 with 16 cores, hardware: apple/m1, set: {units.gpu.cores: 16}}
options: {precision: fp16}
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from socsim.errors import ConfigError
from socsim.hardware.yaml_tree import Node, Scalar, Sequence
from socsim.registry import did_you_mean
from socsim.simulation.scenario_file.library import scenario_folder
from socsim.study.design.base import HARDWARE, SCENARIO, WORKLOAD, RunSettings, is_hardware_path, settings
from socsim.study.design.options import checked_option, is_option, option_types
from socsim.study.design.section import Section, raise_problems, read_document
from socsim.study.design.value import Value, value_of


@dataclass(frozen=True, slots=True)
class Entry:
    """A model or a device: its name on the board, and what it sets."""

    name: str
    values: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Suite:
    """What a board compares: every model on every device."""

    name: str
    path: Path
    models: tuple[Entry, ...]
    devices: tuple[Entry, ...]
    shared: Mapping[str, Value]

    def settings(self, model: Entry, device: Entry) -> RunSettings:
        """The run of a cell. Options of the model go before those that all share."""
        return settings({**self.shared, **device.values}, model.values)


def suite_folder() -> Path:
    """Where the shipped suites lie."""
    return scenario_folder().parent / "suites"


def find_suite(name: str | Path) -> Path:
    """The file of a shipped suite's name or of a path ending in .yaml; `ConfigError` with near names otherwise."""
    path = Path(name)
    if path.suffix in (".yaml", ".yml"):
        return path
    known = {file.stem: file for file in sorted(suite_folder().glob("*.yaml"))}
    if str(name) in known:
        return known[str(name)]
    raise ConfigError(f"suite '{name}'", f"no shipped suite has that name, and it is no .yaml file: "
                      f"{did_you_mean(str(name), known)}")  # fmt: skip


def read_suite(name: str | Path) -> Suite:
    """The suite of a file or a shipped name. All errors are raised together as `ConfigFileError`."""
    file = find_suite(name)
    problems: list[ConfigError] = []
    top = read_document(file, problems)
    title = top.text("name", file.stem)
    models = _entries(top, "models", _model, "e.g. models: [resnet-50, bert-base]")
    devices = _entries(top, "devices", _device, "e.g. devices: [apple/m1, apple/m4]")
    shared: dict[str, Value] = {}
    _options(top.section("options"), shared)
    top.close()
    raise_problems(problems)
    return Suite(title, file, tuple(models), tuple(devices), shared)


def _entries(top: Section, key: str, read: Callable[[Section], Entry | None], example: str) -> list[Entry]:
    entry = top.required(key, example)
    if entry is None:
        return []
    nodes = entry.node.items if isinstance(entry.node, Sequence) else (entry.node,)
    found: list[Entry] = []
    for node in nodes:
        item = _short(key, node) if isinstance(node, Scalar) else read(Section(node, key, top.problems))
        if item is None:
            continue
        if item.name in [other.name for other in found]:
            top.problem(node.mark, f"{key}: '{item.name}' is there twice; give one of them another 'name'")
        found.append(item)
    if not found and not top.problems:
        top.problem(entry.node.mark, f"{key}: at least one is needed, {example}")
    return found


def _short(key: str, node: Node) -> Entry | None:
    name = str(value_of(node))
    return Entry(name, {HARDWARE if key == "devices" else WORKLOAD: name})


def _model(section: Section) -> Entry | None:
    workload, scenario = section.text(WORKLOAD), section.text(SCENARIO)
    if bool(workload) == bool(scenario):
        section.problem(section.mark, f"{section.path}: name a 'workload' or a 'scenario'")
        return None
    values: dict[str, Value] = {WORKLOAD: workload} if workload else {SCENARIO: scenario}
    name = section.text("name", workload or scenario)
    _options(section, values)
    return Entry(name, values)


def _device(section: Section) -> Entry | None:
    hardware = section.required(HARDWARE, "a shipped name such as apple/m1, or a .yaml file")
    if hardware is None:
        return None
    values: dict[str, Value] = {HARDWARE: section.text(HARDWARE)}
    name = section.text("name", str(values[HARDWARE]))
    changes = section.section("set")
    for path, entry in changes:
        if is_hardware_path(path):
            values[path] = value_of(entry.node)
        else:
            changes.problem(entry.key_mark, f"{changes.path}: '{path}' is no path of the hardware")
    section.close()
    return Entry(name, values)


def _options(section: Section, values: dict[str, Value]) -> None:
    for name in option_types():
        entry = section.entry(name)
        if entry is None:
            continue
        try:
            value = value_of(entry.node)
            checked_option(name, value)
        except ConfigError as error:
            section.problem(entry.node.mark, f"{section.path}: {error.what}")
            continue
        values[name] = value
    lengths = section.section("lengths")
    for name, entry in lengths:
        if is_option(f"lengths.{name}"):
            values[f"lengths.{name}"] = value_of(entry.node)
    section.close()
