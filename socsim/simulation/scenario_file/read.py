"""Read a scenario file: streams, their programs, arrivals, deadlines; and whether they fit together."""

from __future__ import annotations

from pathlib import Path

from socsim.errors import ConfigError, ConfigFileError
from socsim.hardware.yaml_tree import Mark, Scalar, parse_yaml
from socsim.registry import did_you_mean
from socsim.simulation.scenario_file.arrival import read_arrival
from socsim.simulation.scenario_file.library import find_scenario
from socsim.simulation.scenario_file.program import Defaults, read_run, read_steps, read_units
from socsim.simulation.scenario_file.section import Section, duration_ps
from socsim.workload.scenario import After, Generate, Once, Periodic, Scenario, Serving, Step, Stream


def load_scenario(name_or_path: str | Path) -> Scenario:
    """The scenario of a shipped name or of a .yaml file; all errors of a file are raised together."""
    path = find_scenario(name_or_path)
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise ConfigError(str(path), "not a text file in UTF-8") from None
    except OSError as error:
        raise ConfigError(str(path), f"cannot be read: {error.strerror}") from None
    return read_scenario(text, str(path), path.parent, path.stem)


def read_scenario(text: str, file: str, folder: Path, name: str) -> Scenario:
    """The scenario that a text describes. `folder` is where files it names lie, `name` stands in for a missing one."""
    problems: list[ConfigError] = []
    top = Section(parse_yaml(text, file, problems), "", problems)
    name = top.text("name", name)
    description = top.text("description")
    duration = top.duration_ps("duration") if top.has("duration") else None
    warm_up = _warm_up(top)
    streams: list[Stream] = []
    marks: dict[str, Mark] = {}
    node = top.node("streams", "what runs, by name")
    if node is not None:
        for stream_name, entry in Section(node, "streams", problems).items():
            section = Section(entry.node, f"streams.{stream_name}", problems)
            marks[stream_name] = section.mark_of("arrival")
            streams.append(_stream(stream_name, section, folder, duration, warm_up))
        if not streams:
            problems.append(ConfigError(str(node.mark), "streams: at least one is needed"))
    top.close()
    _fit_together(streams, marks, top)
    if problems:
        raise ConfigFileError(tuple(_in_order(problems)))
    return Scenario(name, tuple(streams), description)


def _stream(
    name: str, section: Section, folder: Path, duration_all_ps: int | None, warm_up_all: tuple[int, int]
) -> Stream:
    problems = section.problems
    defaults = Defaults(section.optional_text("precision"), section.optional_text("weights"), read_units(section))
    program = _program(section, defaults)
    arrival_node = section.node("arrival")
    arrival = read_arrival(arrival_node, section.name("arrival"), folder, problems) if arrival_node else Once()
    warm_up_ps, warm_up_count = _warm_up(section) if section.has("warm_up") else warm_up_all
    serving = section.section("serving")
    own_duration = section.duration_ps("duration") if section.has("duration") else duration_all_ps
    stream = Stream(
        name=name,
        program=program,
        arrival=arrival,
        count=section.optional_integer("count"),
        duration_ps=own_duration,
        warm_up_ps=warm_up_ps,
        warm_up_count=warm_up_count,
        priority=section.value("priority", 0, _priority, "a whole number; larger is more urgent"),
        deadline_ps=section.duration_ps("deadline", 1) if section.has("deadline") else None,
        deadline_from=section.choice("deadline_from", ("arrival", "head"), "arrival"),  # type: ignore[arg-type]
        bandwidth_weight=section.number("bandwidth_weight", 1.0, 1e-3, 1e3),
        serving=_serving(serving) if serving else None,
        where=str(section.mark),
    )
    if stream.deadline_ps == 0:
        section.problem(section.mark_of("deadline"), f"{section.name('deadline')}: must be greater than zero")
    if stream.serving and (len(program) != 1 or not isinstance(program[0], Generate)):
        section.problem(section.mark_of("serving"), f"{section.name('serving')}: needs a program of one generate step")
    elif stream.serving and isinstance(program[0], Generate):
        alone = [key for key in ("sample_steps",) if getattr(program[0], key) is not None]
        alone += ["batch"] if program[0].batch > 1 else []
        if alone:
            what = f"{section.name('serving')}: does not go with {', '.join(alone)}; leave one of them out"
            section.problem(section.mark_of("serving"), what)
        _check_chunk(section, stream.serving, program[0])
    if isinstance(arrival, Periodic) and arrival.jitter_ps * arrival.rate_hz > 10**12:
        where = section.mark_of("arrival")
        section.problem(where, f"{section.name('arrival')}: the jitter is longer than the period; arrivals would cross")
    section.close()
    return stream


def _program(section: Section, defaults: Defaults) -> tuple[Step, ...]:
    """`program`, or in short `workload` with the keys of a run step beside it."""
    if section.has("workload"):
        if section.has("program"):
            section.problem(section.mark_of("program"), f"{section.path}: give 'workload' or 'program', not both")
        return (read_run(section, defaults, "workload"),)
    node = section.node("program", "the steps of a request; or in short 'workload: NAME'")
    return read_steps(node, section.name("program"), defaults, section.problems) if node is not None else ()


def _check_chunk(section: Section, serving: Serving, step: Generate) -> None:
    """A run of `chunk` tokens has room for a prompt beside those that decode."""
    each = 1 + (step.draft.nodes(step.draft.length) if step.draft is not None else 0)
    decoding = (serving.max_batch - 1) * each
    if serving.policy == "continuous" and step.chunk is not None and step.chunk <= decoding:
        what = f"a chunk of {step.chunk} tokens has no room for a prompt beside up to {decoding} that decode"
        advice = f"give at least {decoding + 1}, or a smaller max_batch"
        section.problem(section.mark_of("serving"), f"{section.name('serving')}: {what}; {advice}")


def _serving(section: Section) -> Serving:
    serving = Serving(
        policy=section.choice("policy", ("continuous", "static"), "continuous"),  # type: ignore[arg-type]
        max_batch=section.integer("max_batch", 8, 1),
        page_tokens=section.integer("page_tokens", 16, 1),
        cache_bytes=section.size_bytes("cache") if section.has("cache") else None,
        shared_prefix=section.integer("shared_prefix", 0),
        swap_unit=section.optional_text("swap"),
    )
    if serving.policy == "static" and serving.swap_unit is not None:
        what = f"{section.name('swap')}: a static batch holds its room to the end and never swaps; leave it out"
        section.problem(section.mark_of("swap"), what)
    section.close()
    return serving


def _warm_up(section: Section) -> tuple[int, int]:
    """`warm_up` as a time or as a number of requests: (ps, requests)."""
    node = section.node("warm_up")
    if isinstance(node, Scalar) and isinstance(node.value, int):
        return 0, section.integer("warm_up", 0)
    return section.value("warm_up", 0, duration_ps, "a time such as '200 ms' or a number of requests"), 0


def _priority(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError
    return value


def _fit_together(streams: list[Stream], marks: dict[str, Mark], top: Section) -> None:
    """Streams that follow others exist and run in no circle; something ends the run."""
    by_name = {stream.name: stream for stream in streams}
    for stream in streams:
        arrival = stream.arrival
        if isinstance(arrival, After) and arrival.stream not in by_name:
            near = did_you_mean(arrival.stream, [name for name in by_name if name != stream.name])
            where = f"streams.{stream.name}.arrival.after"
            top.problem(marks[stream.name], f"{where}: there is no stream '{arrival.stream}': {near}")
    for stream in streams:
        circle = _circle(stream, by_name)
        if circle and stream.name == min(circle[:-1]):
            chain = " -> ".join(circle)
            what = (
                f"streams.{stream.name}.arrival.after: the pipeline runs in a circle: {chain}; nothing would start it"
            )
            top.problem(marks[stream.name], what)
    if streams and not any(stream.ends and not isinstance(stream.arrival, After) for stream in streams):
        names = ", ".join(s.name for s in streams if not isinstance(s.arrival, After))
        top.problem(top.mark, f"nothing ends the run: give {names or 'a stream'} a count or a duration")


def _circle(stream: Stream, by_name: dict[str, Stream]) -> list[str]:
    """The names along `after` from a stream back to itself; empty where the way ends elsewhere."""
    chain = [stream.name]
    current = stream
    while isinstance(current.arrival, After) and current.arrival.stream in by_name:
        current = by_name[current.arrival.stream]
        chain.append(current.name)
        if current.name == stream.name:
            return chain
        if len(chain) > len(by_name):
            return []
    return []


def _in_order(problems: list[ConfigError]) -> list[ConfigError]:
    """By file and line; doubles dropped."""

    def place(error: ConfigError) -> tuple[str, int, int]:
        file, _, column = error.where.rpartition(":")
        file, _, line = file.rpartition(":")
        return (file, int(line), int(column)) if line.isdigit() and column.isdigit() else (error.where, 0, 0)

    return sorted({str(error): error for error in problems}.values(), key=place)
