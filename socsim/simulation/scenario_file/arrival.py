"""The `arrival` of a stream."""

from __future__ import annotations

from pathlib import Path

from socsim.errors import ConfigError
from socsim.hardware.yaml_tree import Mapping, Node, Scalar, Sequence
from socsim.registry import did_you_mean
from socsim.simulation.scenario_file.section import Section, duration_ps, rate_hz
from socsim.workload.scenario import After, Arrival, Closed, Listed, Once, Periodic, Poisson

KINDS = ("once", "closed", "periodic", "poisson", "times", "file", "after")
_MOST_TIMES = 10_000_000


def read_arrival(node: Node, path: str, folder: Path, problems: list[ConfigError]) -> Arrival:
    """`once`, `closed`, or a mapping whose first key is the kind: `{periodic: 30 Hz, jitter: 1 ms}`."""
    if isinstance(node, Scalar):
        if node.value == "once":
            return Once()
        if node.value == "closed":
            return Closed()
        what = did_you_mean(str(node.value), KINDS)
        problems.append(
            ConfigError(str(node.mark), f"{path}: unknown '{node.value}': {what} (with a value: {{periodic: 30 Hz}})")
        )
        return Once()
    section = Section(node, path, problems)
    given = [kind for kind in KINDS if section.has(kind)]
    if len(given) != 1:
        keys = list(node.entries) if isinstance(node, Mapping) else []
        if given or not keys:
            section.problem(node.mark, f"{path}: give exactly one of {', '.join(KINDS)}")
        section.close()
        return Once()
    arrival = _of_kind(given[0], section, folder)
    section.close()
    return arrival


def _of_kind(kind: str, section: Section, folder: Path) -> Arrival:
    match kind:
        case "once":
            return Once(section.duration_ps("once"))
        case "closed":
            inner = section.section("closed")
            think = inner.duration_ps("think") if inner else 0
            if inner:
                inner.close()
            return Closed(think)
        case "periodic":
            rate = section.value("periodic", rate_hz("1 Hz"), rate_hz, "a rate such as '30 Hz'")
            return Periodic(rate, section.duration_ps("jitter"), section.duration_ps("offset"))
        case "poisson":
            rate = section.value("poisson", rate_hz("1 Hz"), rate_hz, "a rate such as '10 Hz'")
            return Poisson(float(rate))
        case "times":
            return Listed(_times(section))
        case "file":
            return Listed(_times_of_file(section, folder))
        case _:
            return After(section.text("after"), section.integer("every", 1, 1))


def _times(section: Section) -> tuple[int, ...]:
    node = section.node("times")
    if not isinstance(node, Sequence) or not node.items:
        section.problem(
            section.mark_of("times"), f"{section.name('times')}: expected a list of times such as [0 s, 20 ms]"
        )
        return (0,)
    times = []
    for item in node.items:
        try:
            times.append(duration_ps(item.value if isinstance(item, Scalar) else None))
        except ConfigError as error:
            section.problem(item.mark, f"{section.name('times')}: {error.what}")
    return tuple(sorted(times))


def _times_of_file(section: Section, folder: Path) -> tuple[int, ...]:
    """A text file with one arrival per line, in seconds; empty lines and lines that start with # are left out."""
    mark, name = section.mark_of("file"), section.text("file")
    path = folder / name
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not a text file in UTF-8"
        section.problem(mark, f"{section.name('file')}: {path} cannot be read: {reason}")
        return (0,)
    times = []
    for number, line in enumerate(lines, start=1):
        text = line.partition("#")[0].strip()
        if not text:
            continue
        try:
            times.append(duration_ps(f"{text} s"))
        except ConfigError:
            section.problems.append(
                ConfigError(f"{path}:{number}:1", f"expected seconds such as 0.25, got '{text[:40]}'")
            )
            break
    if not times or len(times) > _MOST_TIMES:
        section.problem(
            mark, f"{section.name('file')}: {path} holds {len(times)} arrivals; 1 to {_MOST_TIMES} are read"
        )
        return (0,)
    return tuple(sorted(times))
