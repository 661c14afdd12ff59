"""Map files: YAML that pins choices of mapping; what a run chose can be saved so, edited and run again.

mappings:
  - workload: resnet-50                # pattern of names; default: every workload
    lengths: {seq: 1}                  # only at these lengths; default: at all
    place:                             # the first pattern that matches counts; what none matches is placed as usual
      - {operations: ["layer4.*"], unit: gpu}
    splits:                            # several units share these, each a part (`ID#UNIT`) in proportion
      - {operations: ["fc*"], by: columns, over: {gpu: 3, npu: 1}}
    tasks:                             # these operations run as one task (a fusion group)
      - {operations: [conv2d, relu], unit: npu}

For a workload the first entry counts whose pattern and lengths fit. Operations are named by id or by label; `*` stands
for anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ModelWrapValidatorHandler, ValidationError, model_validator

from socsim.errors import ConfigError, ConfigFileError
from socsim.hardware.messages import readable
from socsim.hardware.yaml_tree import Mark, Node, mark_at, parse_yaml, read_yaml, to_data


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    @model_validator(mode="wrap")
    @classmethod
    def _say_it_readably(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        try:
            return handler(data)
        except ValidationError as error:
            raise readable(error, cls.__name__, list(cls.model_fields)) from None


class PlaceRule(_Strict):
    """Operations that run on a unit."""

    operations: tuple[str, ...] = Field(min_length=1, description="ids or labels; '*' stands for anything")
    unit: str = Field(description="a unit of the chip, e.g. npu")


class TaskRule(_Strict):
    """Operations that run as one task, in the order of the graph."""

    operations: tuple[str, ...] = Field(min_length=1, description="ids or labels; '*' stands for anything")
    unit: str = Field(description="a unit of the chip, e.g. npu")
    depth_first: int | None = Field(
        default=None,
        ge=2,
        description="bands of rows in which a chain of layers is worked off on chip; default: no chain",
    )


class SplitRule(_Strict):
    """Operations that are cut into parts, which units work on at the same time."""

    operations: tuple[str, ...] = Field(min_length=1, description="ids or labels; '*' stands for anything")
    by: Literal["columns", "rows", "batch"] = Field(description="output channels, rows, or inputs side by side")
    over: dict[str, Annotated[int, Field(ge=1)]] = Field(description="unit -> its share, e.g. {npu: 1, npu_1: 1}")

    @model_validator(mode="after")
    def _several(self) -> SplitRule:
        if len(self.over) < _FEWEST_PARTS:
            raise ValueError("'over' names at least two units")
        return self


_FEWEST_PARTS = 2


class MapEntry(_Strict):
    """What is pinned for a workload."""

    workload: str = Field(default="*", description="name of the workload; '*' stands for anything")
    lengths: dict[str, int] = Field(default_factory=dict, description="only at these lengths, e.g. {seq: 1}")
    splits: tuple[SplitRule, ...] = Field(default=(), description="operations that several units share")
    place: tuple[PlaceRule, ...] = Field(default=(), description="units; the first rule that matches counts")
    tasks: tuple[TaskRule, ...] = Field(default=(), description="fusion groups")

    def fits(self, name: str, values: Mapping[str, int]) -> bool:
        """Whether the entry is about a workload at these lengths."""
        return fnmatchcase(name, self.workload) and all(values.get(k) == v for k, v in self.lengths.items())


class MapDocument(_Strict):
    """A map file as a whole."""

    mappings: tuple[MapEntry, ...] = Field(description="one entry per workload, or per workload and lengths")


@dataclass(frozen=True)
class MapFile:
    """The entries of a file, and where each value stands in it."""

    file: str
    entries: tuple[MapEntry, ...]
    tree: Node

    def mark(self, *location: str | int) -> Mark:
        """Where the value on a path stands: `mark("mappings", 0, "place", 2, "unit")`."""
        return mark_at(self.tree, location)

    def error(self, what: str, *location: str | int) -> ConfigError:
        """An error at a value."""
        return ConfigError(str(self.mark(*location)), what)


def read_map(path: str | Path) -> MapFile:
    """A map file; all errors at once as `ConfigFileError`, each with its line and column."""
    problems: list[ConfigError] = []
    return _checked(read_yaml(Path(path), problems), str(path), problems)


def parse_map(text: str, file: str) -> MapFile:
    """The map that a text describes; `file` is what errors call it."""
    problems: list[ConfigError] = []
    return _checked(parse_yaml(text, file, problems), file, problems)


def _checked(tree: Node, file: str, problems: list[ConfigError]) -> MapFile:
    try:
        document = MapDocument.model_validate(to_data(tree), strict=True)
    except ValidationError as error:
        for item in error.errors():
            where = ".".join(str(step) for step in item["loc"])
            message = f"{where}: {item['msg']}" if where else item["msg"]
            problems.append(ConfigError(str(mark_at(tree, item["loc"], item["type"] == "unknown_key")), message))
        raise ConfigFileError(tuple(problems)) from None
    if problems:
        raise ConfigFileError(tuple(problems))
    return MapFile(file, document.mappings, tree)


def map_schema() -> dict[str, Any]:
    """JSON schema of map files, for editors."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **MapDocument.model_json_schema()}
