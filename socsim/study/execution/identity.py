"""What a result depends on besides its settings: the code that computed it, and the content of the files it read."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path

import socsim
from socsim.errors import ConfigError, ConfigFileError
from socsim.hardware.catalog import find_hardware, hardware_folder
from socsim.hardware.layers import read_layers
from socsim.hardware.yaml_tree import to_data
from socsim.simulation.scenario_file import load_scenario
from socsim.study.design.base import RunSettings
from socsim.study.design.value import Value, canonical
from socsim.workload.file import load_workload
from socsim.workload.library import find_workload
from socsim.workload.scenario import Model

_PHYSICS = ("cost", "engine", "hardware", "mapping", "quantity.py", "result", "simulation", "taskgraph.py",
            "transform", "workload")  # fmt: skip
"""Parts of the package that decide a result. Views, studies and the command line do not."""

_LENGTH = 20
"""Hexadecimal digits of a hash: 80 bits, so that a million points collide with a probability of 1e-12."""


def digest(data: object) -> str:
    """The hash of JSON data."""
    text = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:_LENGTH]


@cache
def code_hash() -> str:
    """The hash of what decides results besides the input: socsim's version and source, shared parts of the hardware
    descriptions, installed plug-ins."""
    package = Path(socsim.__file__).parent
    found = hashlib.sha256(socsim.__version__.encode())
    for part in _PHYSICS:
        root = package / part
        for path in [root] if root.is_file() else sorted(root.rglob("*.py")):
            found.update(path.relative_to(package).as_posix().encode())
            found.update(path.read_bytes())
    parts = hardware_folder() / "parts"
    for path in sorted(parts.rglob("*.yaml")):
        found.update(path.relative_to(parts).as_posix().encode())
        found.update(path.read_bytes())
    for point in sorted(entry_points(group="socsim.components"), key=lambda point: point.name):
        version = point.dist.version if point.dist is not None else ""
        found.update(f"{point.name} {point.value} {version}".encode())
    return found.hexdigest()[:_LENGTH]


def hardware_hash(name: str) -> str:
    """The hash of a hardware file with all that it extends. Raises `ConfigError` where it cannot be read."""
    problems: list[ConfigError] = []
    tree = read_layers(find_hardware(name), problems)
    if problems:
        raise ConfigFileError(tuple(problems))
    return digest(to_data(tree))


@dataclass(slots=True)
class Files:
    """Hashes of the files that points name; each file is read once."""

    hardware: dict[str, str] = field(default_factory=dict)
    workloads: dict[str, str] = field(default_factory=dict)
    scenarios: dict[str, str] = field(default_factory=dict)

    def hardware_of(self, name: str) -> str:
        """The hash of a hardware file by its name; `ConfigError` where there is none."""
        found = self.hardware.get(name)
        if found is None:
            found = self.hardware[name] = hardware_hash(name)
        return found

    def workload_of(self, name: str) -> str:
        """The content hash of a workload by its name; `WorkloadError` where there is none."""
        found = self.workloads.get(name)
        if found is None:
            found = self.workloads[name] = load_workload(find_workload(name)).content_hash
        return found

    def scenario_of(self, name: str) -> str:
        """The hash of a scenario with the workloads that it names; `ConfigError` where there is none."""
        found = self.scenarios.get(name)
        if found is None:
            found = self.scenarios[name] = scenario_hash(name)
        return found

    def point_hash(self, settings: RunSettings, values: Mapping[str, Value]) -> str:
        """The identity of a point: resolved hardware and changes to it, workloads, options, seed, version of socsim."""
        data = {
            "code": code_hash(),
            "hardware": self.hardware_of(settings.hardware),
            "workloads": [self.workload_of(name) for name in settings.workloads],
            "overrides": settings.overrides,
            "options": settings.options,
            "values": {name: canonical(value) for name, value in values.items()},
        }
        if settings.scenario:
            data["scenario"] = self.scenario_of(settings.scenario)
        return digest(data)


def scenario_hash(name: str) -> str:
    """The hash of a scenario and of the workloads that it names. Raises `ConfigError` where it cannot be read."""
    scenario = load_scenario(name)
    names = sorted(model.workload for model in models_within(scenario))
    hashes = {known: load_workload(find_workload(known)).content_hash for known in dict.fromkeys(names)}
    return digest({"scenario": scenario.to_data(), "workloads": list(hashes.values())})


def models_within(data: object) -> Iterator[Model]:
    """All models that frozen data, such as a scenario, holds anywhere."""
    if isinstance(data, Model):
        yield data
    elif isinstance(data, tuple):
        for item in data:
            yield from models_within(item)
    elif is_dataclass(data):
        for name in (item.name for item in fields(data)):
            yield from models_within(getattr(data, name))


def resolved(settings: RunSettings) -> tuple[str, tuple[str, ...], str]:
    """Hardware, workloads and scenario as any process finds them: files by their absolute path, shipped ones by
    name."""
    workloads = tuple(str(Path(name).resolve()) if Path(name).is_file() else name for name in settings.workloads)
    return _resolved_yaml(settings.hardware), workloads, _resolved_yaml(settings.scenario)


def _resolved_yaml(name: str) -> str:
    return str(Path(name).expanduser().resolve()) if name.endswith((".yaml", ".yml")) else name
