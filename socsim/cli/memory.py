"""`socsim memory`: the detailed DRAM model alone, driven by clients on the command line."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from socsim.engine.memory.dram.requests import RequestLine
    from socsim.engine.memory.dram.system import MemoryDescription


class Engine(StrEnum):
    """What computes; the results are the same."""

    auto = "auto"
    compiled = "compiled"
    interpreted = "interpreted"


class Arbiter(StrEnum):
    """Whose turn it is at the controller: after each grant, or after each cycle, the next client's."""

    auto = "auto"
    round_robin = "round_robin"
    rotating = "rotating"


def memory(
    part: Annotated[str | None, typer.Argument(help="a DRAM part such as LPDDR5-6400, or a .yaml file")] = None,
    ramulator_config: Annotated[
        Path | None, typer.Option("--ramulator-config", metavar="FILE", help="a resolved Ramulator 2.1 configuration")
    ] = None,
    clients: Annotated[
        str | None,
        typer.Option(
            "--clients",
            metavar="TEXT",
            help="clients as pattern:gap_ck:window:write_fraction:base:region:stride:poisson, blanks between them, "
            "fields may be left out from the end; pattern is seq, rand, stride or chase; gap 0 is as fast as possible. "
            "Before them may stand: 1, channel interleave bits, low column bits, measured and warm-up cycles",
        ),
    ] = None,
    channels: Annotated[int, typer.Option("--channels", min=1, max=64, help="channels of the part")] = 1,
    duration: Annotated[str, typer.Option("--duration", help="measured time, e.g. '200 us'")] = "200 us",
    warm_up: Annotated[str, typer.Option("--warm-up", help="time before it")] = "25 us",
    sets: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="change a part, e.g. controller.page_policy=closed"),
    ] = None,
    arbiter: Annotated[
        Arbiter,
        typer.Option(
            "--arbiter",
            help="whose turn it is at the controller: the next client's after a grant (round_robin) or after a cycle "
            "(rotating). auto: round_robin; with --ramulator-config as in the measurements that come with such files: "
            "rotating where clients are alike but for their addresses, round_robin where they differ",
        ),
    ] = Arbiter.auto,
    posted_writes: Annotated[
        bool, typer.Option("--posted-writes", help="a write leaves its window when it is queued, not when it is done")
    ] = False,
    seeds: Annotated[
        int,
        typer.Option(
            "--seeds",
            min=0,
            help="runs with other random numbers to pool; 0: 8 where a client is Poisson, else 1; "
            "with --ramulator-config 1, whose numbers are those of the measurements",
        ),
    ] = 0,
    compare: Annotated[
        str | None,
        typer.Option(
            "--compare",
            metavar="fluid,detailed",
            help="the fluid model against the detailed one, on --channels of a part, with clients of its own",
        ),
    ] = None,
    clients_max: Annotated[int, typer.Option("--clients-max", min=1, max=64, help="with --compare: up to so many")] = 8,
    engine: Annotated[Engine, typer.Option("--engine", help="compiled needs numba")] = Engine.auto,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object on standard output")] = False,
) -> None:
    """The memory system alone: bandwidth and latency that clients get."""
    from socsim.cli.memory_view import comparison_table, memory_table
    from socsim.engine.memory.dram.part import part_names
    from socsim.engine.memory.dram.requests import parse_requests
    from socsim.engine.memory.dram.system import run_memory_system, seeds_for
    from socsim.errors import ConfigError

    if compare is not None:
        if sorted(compare.split(",")) != ["detailed", "fluid"]:
            raise ConfigError("--compare", f"only fluid,detailed can be compared, got '{compare}'")
        if part is None or ramulator_config is not None or clients is not None or sets:
            raise ConfigError("--compare", "takes a part, --channels and --clients-max, and has clients of its own")
        from socsim.engine.memory.dram.compare import compare_models

        comparison = compare_models(part, clients_max, channels)
        if as_json:
            print(json.dumps(comparison.data()))
        else:
            _print(comparison_table(comparison))
        return
    if (part is None) == (ramulator_config is None):
        raise ConfigError("", f"either a part or --ramulator-config is needed; parts: {', '.join(part_names())}")
    if clients is None:
        raise ConfigError("--clients", "is needed, e.g. --clients 'seq:0:64 rand:0:16'")
    line = parse_requests(clients)
    described = _describe(part, ramulator_config, line, channels, sets or ())
    if arbiter is Arbiter.auto and ramulator_config is not None and _are_alike(line):
        arbiter = Arbiter.rotating
    described = described._replace(parameters=described.parameters._replace(rotating=int(arbiter is Arbiter.rotating)))
    measured, warm = _cycles(line, described, duration, warm_up)
    asking = [replace(client, posted=posted_writes) for client in line.clients]
    if not seeds:
        seeds = 1 if ramulator_config is not None else seeds_for(line.clients)
    found = run_memory_system(described, asking, measured, warm, engine.value, seeds)
    if as_json:
        print(json.dumps({**asdict(found.total), "clients": [asdict(client) for client in found.clients]}))
    else:
        title = part or str(ramulator_config)
        _print(memory_table(title, described, line.clients, found, measured))


def _are_alike(line: RequestLine) -> bool:
    return len({replace(client, base=0, seed=0) for client in line.clients}) == 1


def _describe(
    part: str | None, config: Path | None, line: RequestLine, channels: int, sets: list[str] | tuple[str, ...]
) -> MemoryDescription:
    from socsim.engine.memory.dram.channel import describe_part
    from socsim.engine.memory.dram.part import load_part
    from socsim.engine.memory.dram.ramulator import read_ramulator
    from socsim.errors import ConfigError

    if config is not None:
        if sets or channels != 1:
            raise ConfigError("--ramulator-config", "the file says all; --set and --channels are for parts")
        bits = 8 if line.interleave_bits is None else line.interleave_bits
        return read_ramulator(config, bits, line.low_column_bits)
    assert part is not None
    described = describe_part(load_part(part, sets), channels)
    if line.interleave_bits is None:
        return described
    par = described.parameters
    low = par.group_shift - (par.burst_bytes.bit_length() - 1)
    if line.low_column_bits != low:
        raise ConfigError(
            "--clients",
            f"{line.low_column_bits} low column bits, but the part has {low}; --set address_map.… moves them",
        )
    return described._replace(parameters=par._replace(interleave_bits=line.interleave_bits))


def _cycles(line: RequestLine, described: MemoryDescription, duration: str, warm_up: str) -> tuple[int, int]:
    from socsim.errors import ConfigError
    from socsim.quantity import parse_ps

    if line.measured_cycles is not None and line.warm_cycles is not None:
        return line.measured_cycles, line.warm_cycles
    measured = round(parse_ps(duration, "--duration") / described.clock_ps)
    if measured < 1:
        raise ConfigError("--duration", f"'{duration}' is less than a cycle of the memory")
    return measured, round(parse_ps(warm_up, "--warm-up") / described.clock_ps)


def _print(shown: object) -> None:
    from rich.console import Console

    Console(width=None if sys.stdout.isatty() else 140, highlight=False).print(shown)
