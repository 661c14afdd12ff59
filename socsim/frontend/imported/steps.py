"""What a graph of another format is made of before torch sees it: steps by name, and constants."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Step:
    """One operator of the file. `path` is the module that it belongs to as far as the file says
    (`layer1.0.conv1`); inputs and outputs are names of values, empty where an optional one is left out."""

    operator: str
    path: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Constant:
    """A value that the file holds. `path`: where it hangs in the tree of modules. `tensor`: a parameter or buffer on
    the meta device. `array`: its numbers, where they are few enough to be a shape, a scale or the like; None else."""

    path: str
    tensor: Any
    array: Any = None


@dataclass(frozen=True, slots=True)
class GraphInput:
    """`sizes`: whole numbers, names of lengths, expressions of names (`"past + seq"`), or None where the file is
    silent."""

    name: str
    dtype: str
    sizes: tuple[int | str | None, ...]


@dataclass(frozen=True)
class ImportedGraph:
    """A whole file. `constants` by name; `quantized`: number formats of constants that are no floating point, by
    path."""

    steps: tuple[Step, ...]
    constants: Mapping[str, Constant]
    inputs: tuple[GraphInput, ...]
    outputs: tuple[str, ...]
    quantized: Mapping[str, str] = field(default_factory=dict)
