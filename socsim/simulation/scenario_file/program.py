"""The `program` of a stream: its steps."""

from __future__ import annotations

from dataclasses import dataclass

from socsim.errors import ConfigError
from socsim.hardware.fields import PRECISIONS
from socsim.hardware.yaml_tree import Mapping, Node, Scalar, Sequence
from socsim.quantity import PS_PER_S
from socsim.registry import did_you_mean
from socsim.simulation.scenario_file.section import Section, duration_ps, flop
from socsim.workload.scenario import (
    Branch,
    Choice,
    Distribution,
    Draft,
    Generate,
    Model,
    Pause,
    Repeat,
    Run,
    Step,
    Synthetic,
)

KINDS = ("run", "generate", "synthetic", "pause", "repeat", "branch")


@dataclass(frozen=True, slots=True)
class Defaults:
    """What the stream says for all its steps."""

    precision: str | None = None
    weights: str | None = None
    units: tuple[str, ...] = ()


def read_steps(node: Node, path: str, defaults: Defaults, problems: list[ConfigError]) -> tuple[Step, ...]:
    """A list of steps; at least one."""
    if not isinstance(node, Sequence) or not node.items:
        problems.append(ConfigError(str(node.mark), f"{path}: expected a list of steps such as [{{run: resnet-50}}]"))
        return ()
    steps = []
    for index, item in enumerate(node.items):
        step = _step(item, f"{path}.{index}", defaults, problems)
        if step is not None:
            steps.append(step)
    return tuple(steps)


def read_run(section: Section, defaults: Defaults, key: str = "run") -> Run:
    """The keys of one graph run, in a step or in the stream itself (`key`)."""
    return Run(
        model=read_model(section, key, defaults),
        lengths=read_lengths(section),
        times=section.integer("times", 1, 1),
        units=read_units(section) or defaults.units,
        name=section.text("name"),
    )


def read_model(section: Section, key: str, defaults: Defaults) -> Model:
    """The workload under `key` in the number formats beside it, or in those of the stream."""
    return Model(
        section.text(key),
        section.optional_text("precision") or defaults.precision,
        section.optional_text("weights") or defaults.weights,
    )


def _synthetic_unit(section: Section) -> str | tuple[str, ...]:
    """A unit, or several of which the first counts that the chip has."""
    names = tuple(name for name, _ in section.texts("synthetic"))
    if not names:
        section.problem(section.mark_of("synthetic"), f"{section.name('synthetic')}: name a unit, e.g. cpu_p")
    return names[0] if len(names) == 1 else names


def read_units(section: Section) -> tuple[str, ...]:
    """The names under `units`."""
    return tuple(name for name, _ in section.texts("units"))


def read_lengths(section: Section) -> tuple[tuple[str, int], ...]:
    """Symbolic lengths by name."""
    inner = section.section("lengths")
    if inner is None:
        return ()
    return tuple((name, inner.integer(name, 1)) for name, _ in inner.items())


def _step(node: Node, path: str, defaults: Defaults, problems: list[ConfigError]) -> Step | None:
    section = Section(node, path, problems)
    given = [kind for kind in KINDS if section.has(kind)]
    if len(given) != 1:
        if isinstance(node, Mapping):
            first = next(iter(node.entries), "")
            hint = did_you_mean(first, KINDS) if not given else "give one step each"
            section.problem(node.mark, f"{path}: a step is one of {', '.join(KINDS)}: {hint}")
        return None
    step = _of_kind(given[0], section, defaults)
    section.close()
    return step


def _of_kind(kind: str, section: Section, defaults: Defaults) -> Step:
    match kind:
        case "run":
            return read_run(section, defaults)
        case "generate":
            return _generate(section, defaults)
        case "synthetic":
            return Synthetic(
                unit=_synthetic_unit(section),
                busy_ps=read_time(section, "busy", required=True),
                read_bytes=section.size_bytes("read"),
                write_bytes=section.size_bytes("write"),
                name=section.text("name", "synthetic"),
                flop=section.value("flop", 0, flop, "an amount of arithmetic such as '3 GFLOP'"),
                precision=section.choice("precision", PRECISIONS, "fp16"),
            )
        case "pause":
            return Pause(read_time(section, "pause", required=True))
        case "repeat":
            times = section.integer("repeat", 1, 1)
            steps = section.node("steps", "the steps to repeat")
            return Repeat(times, read_steps(steps, section.name("steps"), defaults, section.problems) if steps else ())
        case _:
            return _branch(section, defaults)


def _generate(section: Section, defaults: Defaults) -> Generate:
    draft = section.section("draft")
    return Generate(
        model=read_model(section, "generate", defaults),
        prompt=read_count(section, "prompt"),
        tokens=read_count(section, "tokens"),
        batch=section.integer("batch", 1, 1),
        lengths=read_lengths(section),
        units=read_units(section) or defaults.units,
        name=section.text("name"),
        prefix=section.integer("prefix", 0),
        chunk=section.optional_integer("chunk"),
        draft=_draft(draft) if draft else None,
        sample_steps=section.optional_integer("sample_steps", 2),
    )


def _draft(section: Section) -> Draft:
    section.node("length", "tokens drafted per round")
    section.node("acceptance", "the probability that a drafted token is accepted")
    draft = Draft(
        length=section.integer("length", 1, 1),
        acceptance=section.number("acceptance", 0.5, 0, 1),
        model=read_model(section, "model", Defaults()) if section.has("model") else None,
        width=_width(section),
    )
    if isinstance(draft.width, tuple) and len(draft.width) != draft.length:
        given = len(draft.width)
        what = f"{section.name('width')}: {given} levels, but the length is {draft.length}; give a number for each"
        section.problem(section.mark_of("width"), what)
    section.close()
    return draft


def _width(section: Section) -> int | tuple[int, ...]:
    """Candidates per node of a tree: one number for all levels, or a list with one for each."""
    node = section.node("width")
    if not isinstance(node, Sequence):
        return section.integer("width", 1, 1)
    given = [item.value for item in node.items if isinstance(item, Scalar)]
    counts = [value for value in given if isinstance(value, int) and not isinstance(value, bool) and value >= 1]
    if not counts or len(counts) != len(node.items):
        section.problem(node.mark, f"{section.name('width')}: expected whole numbers of at least 1, such as [4, 2, 1]")
        return 1
    return tuple(counts)


def _branch(section: Section, defaults: Defaults) -> Branch:
    node = section.node("branch")
    choices = []
    if isinstance(node, Sequence):
        for index, item in enumerate(node.items):
            inner = Section(item, f"{section.name('branch')}.{index}", section.problems)
            inner.node("probability", "a number from 0 to 1")
            probability = inner.number("probability", 0, 0, 1)
            steps = inner.node("steps", "what then happens")
            read = read_steps(steps, inner.name("steps"), defaults, section.problems) if steps else ()
            choices.append(Choice(probability, read))
            inner.close()
    mark = section.mark_of("branch")
    if not choices:
        section.problem(mark, f"{section.name('branch')}: expected a list of {{probability: 0.3, steps: [...]}}")
    total = sum(choice.probability for choice in choices)
    if total > 1 + 1e-9:
        section.problem(mark, f"{section.name('branch')}: the probabilities sum to {total:g}, more than 1")
    return Branch(tuple(choices))


def read_time(section: Section, key: str, required: bool = False) -> Distribution:
    """A time, or `{exponential: 10 ms}`, or `{uniform: [5 ms, 15 ms]}`, in picoseconds."""
    return _distribution(section, key, lambda value: float(duration_ps(value)), "10 ms", required)


def read_count(section: Section, key: str) -> Distribution:
    """A whole number, or `{uniform: [64, 512]}`, or `{exponential: 200}`."""

    def whole(value: object) -> float:
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise ConfigError("", f"expected a whole number of at least 1, got {value!r}")
        return float(value)

    return _distribution(section, key, whole, "128", required=True)


def _distribution(section: Section, key: str, read: object, example: str, required: bool) -> Distribution:
    node = section.node(key, f"e.g. {example}" if required else "")
    none = Distribution("constant", PS_PER_S if example.endswith("s") else 1)

    def scalar(item: Node) -> float:
        if not isinstance(item, Scalar):
            section.problem(item.mark, f"{section.name(key)}: expected e.g. {example}")
            return 1.0
        try:
            return read(item.value)  # type: ignore[operator,no-any-return]
        except ConfigError as error:
            section.problem(item.mark, f"{section.name(key)}: {error.what}")
            return 1.0

    if node is None:
        return none
    if isinstance(node, Scalar):
        return Distribution("constant", scalar(node))
    inner = Section(node, section.name(key), section.problems)
    kinds = [kind for kind in ("constant", "uniform", "exponential") if inner.has(kind)]
    if len(kinds) != 1:
        inner.problem(
            node.mark, f"{section.name(key)}: expected e.g. {example}, {{uniform: [..., ...]}} or {{exponential: ...}}"
        )
        return none
    value = inner.node(kinds[0])
    inner.close()
    if kinds[0] == "uniform":
        if isinstance(value, Sequence) and len(value.items) == 2:
            low, high = (scalar(item) for item in value.items)
            if low <= high:
                return Distribution("uniform", low, high)
        inner.problem(inner.mark_of("uniform"), f"{inner.name('uniform')}: expected [least, most]")
        return none
    amount = scalar(value) if value is not None else 1.0
    if kinds[0] == "exponential" and amount <= 0:
        inner.problem(inner.mark_of("exponential"), f"{inner.name('exponential')}: the mean must be above zero")
        return none
    return Distribution("constant" if kinds[0] == "constant" else "exponential", amount)
