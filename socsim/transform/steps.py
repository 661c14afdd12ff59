"""Transform files: a list of steps, each the name of a transform and its parameters, applied in order.

steps:
  - precision: {format: int8, layers: ["*.mlp.*"]}
  - sparsity: {percent: 75}
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

from pydantic import ValidationError

from socsim.errors import ConfigError, ConfigFileError
from socsim.hardware.yaml_tree import Mapping, Node, mark_at, parse_yaml, read_yaml, to_data
from socsim.hardware.yaml_tree import Sequence as YamlList
from socsim.registry import did_you_mean
from socsim.transform.transform import Transform, transforms
from socsim.workload import Workload


def read_transforms(path: str | Path) -> tuple[Transform, ...]:
    """The steps of a file; all errors at once as `ConfigFileError`, each with its line."""
    problems: list[ConfigError] = []
    found = _steps(read_yaml(Path(path), problems), problems)
    if problems:
        raise ConfigFileError(tuple(problems))
    return found


@cache
def transform_of(text: str) -> Transform:
    """One step as a line of YAML: `sparsity: {percent: 75}`."""
    problems: list[ConfigError] = []
    step = _step(parse_yaml(text, f"transform '{text}'", problems), problems)
    if problems or step is None:
        raise ConfigFileError(tuple(problems))
    return step


def apply_transforms(workload: Workload, steps: Iterable[Transform]) -> Workload:
    """The workload after all steps, in order."""
    for step in steps:
        workload = step.apply(workload)
    return workload


def transformed(workload: Workload, texts: Sequence[str]) -> Workload:
    """The workload after steps written as lines of YAML."""
    return apply_transforms(workload, [transform_of(text) for text in texts])


def _steps(tree: Node, problems: list[ConfigError]) -> tuple[Transform, ...]:
    known = ("steps",)
    if not isinstance(tree, Mapping) or "steps" not in tree.entries:
        problems.append(ConfigError(str(tree.mark), "expected 'steps:' and a list of transforms below it"))
        return ()
    for name, entry in tree.entries.items():
        if name not in known:
            problems.append(ConfigError(str(entry.key_mark), f"unknown key '{name}': {did_you_mean(name, known)}"))
    listed = tree.entries["steps"].node
    if not isinstance(listed, YamlList):
        problems.append(ConfigError(str(listed.mark), "'steps' is a list: '- precision: {format: int8}'"))
        return ()
    steps = [_step(item, problems) for item in listed.items]
    return tuple(step for step in steps if step is not None)


def _step(node: Node, problems: list[ConfigError]) -> Transform | None:
    if not isinstance(node, Mapping) or len(node.entries) != 1:
        problems.append(ConfigError(str(node.mark), "a step is one transform: 'name: {parameter: value}'"))
        return None
    ((name, entry),) = node.entries.items()
    try:
        kind = transforms.get(name)
    except ConfigError as error:
        problems.append(ConfigError(str(entry.key_mark), error.what))
        return None
    data = to_data(entry.node)
    try:
        return kind.model_validate({} if data is None else data, strict=True)
    except ValidationError as error:
        for item in error.errors():
            problems.append(
                ConfigError(str(mark_at(entry.node, item["loc"], item["type"] == "unknown_key")), _message(name, item))
            )
        return None


def _message(name: str, item: object) -> str:
    location = ".".join(str(step) for step in item["loc"])  # type: ignore[index]
    return f"{name}{'.' if location else ''}{location}: {item['msg']}"  # type: ignore[index]
