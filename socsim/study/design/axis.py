"""Axes: what varies and over which values.

    units.gpu.cores: [8, 16, 24, 32]
    units.gpu.clock: {linspace: {from: 1.0 GHz, to: 1.4 GHz, points: 5}}
    batch:           {logspace: {from: 1, to: 64, points: 7, round: 1}}
    dram.channels:   {range: {from: 4, to: 16, step: 4}}
    units.gpu.clock: {random: {from: 0.8 GHz, to: 1.6 GHz}}    # drawn jointly with the other random and lhs axes
    precision:       {lhs: {choices: [fp32, fp16]}}

A list, `linspace`, `logspace` and `range` are crossed with all other axes. `random` and `lhs` are drawn: `samples` of
the file says how many points there are of them together.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from socsim.errors import ConfigError
from socsim.hardware.yaml_tree import Entry, Mapping, Mark, Sequence
from socsim.registry import did_you_mean
from socsim.study.design.section import Section
from socsim.study.design.value import Quantity, Value, canonical, quantity, shown, value_of

SPREADS = ("linspace", "logspace", "range")
DRAWS = ("random", "lhs")

MAX_VALUES = 1_000_000


@dataclass(frozen=True, slots=True)
class Interval:
    """Numbers between two ends: plain ones, or quantities of a dimension. `step` rounds to its multiples."""

    low: Fraction
    high: Fraction
    dimension: str | None = None
    step: Fraction | None = None
    logarithmic: bool = False

    def at(self, fraction: float) -> Value:
        """The value at a fraction of the way from `low` to `high`."""
        if fraction <= 0 or fraction >= 1:
            value = self.low if fraction <= 0 else self.high
        elif self.logarithmic:
            value = Fraction(float(self.low) * (float(self.high) / float(self.low)) ** fraction)
        else:
            value = self.low + (self.high - self.low) * Fraction(fraction)
        return self.rounded(value)

    def rounded(self, value: Fraction) -> Value:
        """A number of the interval as the value that an axis takes."""
        if self.step is not None:
            value = round(value / self.step) * self.step
        if self.dimension is not None:
            return quantity(value, self.dimension)
        number = float(f"{float(value):.12g}")
        return int(number) if number.is_integer() else number


@dataclass(frozen=True, slots=True)
class Axis:
    """What varies, and how: `values` that are crossed with other axes, or a draw from `choices` or an `interval`."""

    name: str
    mark: Mark
    how: str
    values: tuple[Value, ...] = ()
    marks: tuple[Mark, ...] = ()
    """Where each value stands, for a list."""
    interval: Interval | None = None

    @property
    def is_drawn(self) -> bool:
        return self.how in DRAWS

    def draw(self, samples: int, seed: int) -> list[Value]:
        """`samples` values, independent or stratified; from a generator of the axis's own, so that a change of one axis
        does not change the draws of another."""
        own = hashlib.sha256(self.name.encode()).digest()
        generator = np.random.default_rng([seed, int.from_bytes(own[:8], "big")])
        fractions = generator.random(samples)
        if self.how == "lhs":
            fractions = (generator.permutation(samples) + fractions) / samples
        if self.interval is not None:
            return [self.interval.at(float(fraction)) for fraction in fractions]
        return [self.values[int(fraction * len(self.values))] for fraction in fractions]


def read_axis(name: str, entry: Entry, path: str, problems: list[ConfigError]) -> Axis | None:
    """The axis of an entry of the file; errors are added to `problems`."""
    where = f"{path}.{name}"
    node = entry.node
    try:
        if isinstance(node, Sequence):
            return _from_list(name, entry.key_mark, "list", node, where)
        if not isinstance(node, Mapping) or len(node.entries) != 1:
            known = ", ".join((*SPREADS, *DRAWS))
            raise ConfigError(str(node.mark), f"{where}: expected a list of values, or a mapping with one of {known}")
        how, spread = next(iter(node.entries.items()))
        if how not in (*SPREADS, *DRAWS):
            near = did_you_mean(how, (*SPREADS, *DRAWS))
            raise ConfigError(str(spread.key_mark), f"{where}: unknown way '{how}' to choose values: {near}")
        section = Section(spread.node, f"{where}.{how}", problems)
        return _drawn(name, entry.key_mark, how, section) if how in DRAWS else _spread(name, entry, how, section)
    except ConfigError as error:
        problems.append(error if error.where else ConfigError(str(node.mark), f"{where}: {error.what}"))
        return None


def _from_list(name: str, mark: Mark, how: str, node: Sequence, where: str) -> Axis:
    if not node.items:
        raise ConfigError(str(node.mark), f"{where}: needs at least one value")
    values = tuple(value_of(item) for item in node.items)
    seen: dict[str, int] = {}
    for index, value in enumerate(values):
        first = seen.setdefault(repr(canonical(value)), index)
        if first != index:
            raise ConfigError(str(node.items[index].mark), f"{where}: value {shown(value)} is given twice")
    return Axis(name, mark, how, values, tuple(item.mark for item in node.items))


def _drawn(name: str, mark: Mark, how: str, section: Section) -> Axis | None:
    choices = section.entry("choices")
    if choices is not None:
        section.close()
        if not isinstance(choices.node, Sequence):
            section.problem(choices.node.mark, f"{section.path}.choices: expected a list of values")
            return None
        return _from_list(name, mark, how, choices.node, f"{section.path}.choices")
    interval = _interval(section, may_be_logarithmic=True)
    section.close()
    return Axis(name, mark, how, interval=interval) if interval else None


def _spread(name: str, entry: Entry, how: str, section: Section) -> Axis | None:
    if how == "range":
        interval = _interval(section, needs_step=True)
        section.close()
        if interval is None or interval.step is None:
            return None
        count = math.floor((interval.high - interval.low) / interval.step) + 1
        if count > MAX_VALUES:
            section.problem(entry.node.mark, f"{section.path}: {count} values are too many")
            return None
        exact = Interval(interval.low, interval.high, interval.dimension)
        return Axis(
            name, entry.key_mark, how, tuple(exact.rounded(exact.low + i * interval.step) for i in range(count))
        )
    points_entry = section.required("points", "how many values")
    points = section.integer("points", 0, 1)
    interval = _interval(section, logarithmic=how == "logspace")
    section.close()
    if interval is None or points_entry is None:
        return None
    if points > MAX_VALUES:
        section.problem(points_entry.node.mark, f"{section.path}.points: {points} values are too many")
        return None
    values = [interval.at(index / (points - 1) if points > 1 else 0.0) for index in range(points)]
    return Axis(name, entry.key_mark, how, tuple(dict.fromkeys(values)))


def _interval(
    section: Section, *, logarithmic: bool = False, may_be_logarithmic: bool = False, needs_step: bool = False
) -> Interval | None:
    ends = [section.required(key, what) for key, what in (("from", "the first value"), ("to", "the last value"))]
    step_key = "step" if needs_step else "round"
    step_entry = section.required("step", "the distance of two values") if needs_step else section.entry("round")
    if may_be_logarithmic:
        scale = section.choice("scale", ("linear", "log"), "linear")
        logarithmic = scale == "log"
    entries = [entry for entry in (*ends, step_entry) if entry is not None]
    if None in ends or (needs_step and step_entry is None):
        return None
    numbers: list[Fraction] = []
    dimensions: list[str | None] = []
    for entry, key in zip(entries, ("from", "to", step_key), strict=False):
        value = value_of(entry.node)
        if isinstance(value, Quantity):
            numbers.append(value.value)
            dimensions.append(value.dimension)
        elif isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
            numbers.append(Fraction(str(value)))
            dimensions.append(None)
        else:
            section.problem(entry.node.mark, f"{section.path}.{key}: expected a number or a quantity such as '1.2 GHz'")
            return None
    if len(set(dimensions)) > 1:
        kinds = " and ".join(dict.fromkeys(dimension or "plain number" for dimension in dimensions))
        section.problem(entries[-1].node.mark, f"{section.path}: from, to and {step_key} must be alike, not {kinds}")
        return None
    low, high = numbers[0], numbers[1]
    if high < low:
        section.problem(entries[1].node.mark, f"{section.path}.to: must not be less than 'from'")
        return None
    if logarithmic and low <= 0:
        section.problem(entries[0].node.mark, f"{section.path}.from: must be above zero on a logarithmic scale")
        return None
    if len(numbers) > 2 and numbers[2] <= 0:
        section.problem(entries[2].node.mark, f"{section.path}.{step_key}: must be above zero")
        return None
    return Interval(low, high, dimensions[0], numbers[2] if len(numbers) > 2 else None, logarithmic)
