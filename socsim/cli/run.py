"""`socsim run HARDWARE WORKLOAD...`: simulate and print the summary; with --out also tables, timeline and page."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

_MODEL = "Number formats and lengths"
_GENERATION = "Generation"
_MAPPING = "Mapping and scheduling"
_LONG = "Long runs"


def run(
    hardware: Annotated[str, typer.Argument(help="a shipped name such as apple/m1_max, or a .yaml file")],
    workloads: Annotated[
        list[str] | None, typer.Argument(metavar="WORKLOAD", help="shipped names, zoo names or workload files")
    ] = None,
    scenario: Annotated[
        str | None, typer.Option(help="a shipped scenario or a .yaml file, instead of workloads")
    ] = None,
    sets: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="change the hardware: units.gpu.cores=24 (repeatable)"),
    ] = None,
    units: Annotated[str | None, typer.Option(help="only these units: gpu,npu", rich_help_panel=_MAPPING)] = None,
    precision: Annotated[
        str | None,
        typer.Option(help="number format of all tensors: fp16, int8, … [default: as traced]", rich_help_panel=_MODEL),
    ] = None,
    weights: Annotated[
        str | None,
        typer.Option(help="format of the weights alone: q4_0, q4_k_m, int8, palette4, …", rich_help_panel=_MODEL),
    ] = None,
    transforms: Annotated[
        list[str] | None,
        typer.Option(
            "--transform", help="a step such as 'prune_channels: {fraction: 0.25}' (repeatable)", rich_help_panel=_MODEL
        ),
    ] = None,
    prompt: Annotated[int | None, typer.Option(help="prompt tokens to prefill", rich_help_panel=_MODEL)] = None,
    tokens: Annotated[int | None, typer.Option(help="tokens to generate", rich_help_panel=_MODEL)] = None,
    batch: Annotated[int, typer.Option(help="sequences or images at once", rich_help_panel=_MODEL)] = 1,
    prefill_chunk: Annotated[
        int | None, typer.Option(metavar="N", help="prompt tokens per prefill step", rich_help_panel=_GENERATION)
    ] = None,
    draft: Annotated[
        str | None,
        typer.Option(
            metavar="MODEL",
            help="speculative decoding: who drafts, a language model or prompt-lookup",
            rich_help_panel=_GENERATION,
        ),
    ] = None,
    draft_length: Annotated[
        int, typer.Option(metavar="K", help="tokens drafted per round", rich_help_panel=_GENERATION)
    ] = 4,
    draft_width: Annotated[
        str,
        typer.Option(
            metavar="W",
            help="candidates per node, which makes drafts a tree: 2, or one number per level: 4,2,1,1",
            rich_help_panel=_GENERATION,
        ),
    ] = "1",
    acceptance: Annotated[
        float | None,
        typer.Option(
            metavar="P", help="probability that a drafted token is accepted, 0 to 1", rich_help_panel=_GENERATION
        ),
    ] = None,
    sample_steps: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            help="simulate only N decode steps and integrate; the error bound is a note [default: all]",
            rich_help_panel=_GENERATION,
        ),
    ] = None,
    lengths: Annotated[
        list[str] | None,
        typer.Option(
            "--length", metavar="NAME=N", help="a length of the workload: seq=384 (repeatable)", rich_help_panel=_MODEL
        ),
    ] = None,
    place: Annotated[
        str,
        typer.Option(
            help="placement policy: rule, greedy (cheapest unit per operation), heft (earliest finish), search",
            rich_help_panel=_MAPPING,
        ),
    ] = "rule",
    map_file: Annotated[
        str | None,
        typer.Option("--map", metavar="FILE", help="pin units and fusion groups: a map file", rich_help_panel=_MAPPING),
    ] = None,
    save_map: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="save what was mapped where, for --map", rich_help_panel=_MAPPING),
    ] = None,
    fuse: Annotated[
        str,
        typer.Option(
            help="layer: cheap operations join their layer; none: each is a task of its own, as without a compiler; "
            "depth-first: chains of layers in bands that stay on chip",
            rich_help_panel=_MAPPING,
        ),
    ] = "layer",
    grain: Annotated[
        str,
        typer.Option(
            help="task: a body is one flow; tile: explicit tiles, copy engines and slots (slower)",
            rich_help_panel=_MAPPING,
        ),
    ] = "task",
    scheduler: Annotated[
        str,
        typer.Option(
            help="fifo, priority, edf, least_laxity, rate_monotonic, round_robin, etf or heft", rich_help_panel=_MAPPING
        ),
    ] = "fifo",
    governor: Annotated[
        str | None,
        typer.Option(
            help="who sets clocks: performance, powersave, ondemand, pace or race; also turns heat and power limits on",
            rich_help_panel=_MAPPING,
        ),
    ] = None,
    threads: Annotated[
        int | None,
        typer.Option(metavar="N", help="threads of a task on a CPU [default: one per core]", rich_help_panel=_MAPPING),
    ] = None,
    cold: Annotated[
        bool, typer.Option("--cold", help="read the weights from storage in the first run", rich_help_panel=_MAPPING)
    ] = False,
    repeat: Annotated[int, typer.Option(help="runs one after the other")] = 1,
    seed: Annotated[int, typer.Option(help="of everything random, such as arrivals")] = 0,
    stream: Annotated[
        bool,
        typer.Option(
            "--stream",
            help="keep no tasks: figures, and with --out the tables, are made as the run goes on",
            rich_help_panel=_LONG,
        ),
    ] = False,
    keep_tasks: Annotated[
        int,
        typer.Option(metavar="N", help="stream a run that gets longer than so many tasks", rich_help_panel=_LONG),
    ] = 2_000_000,
    out: Annotated[Path | None, typer.Option(help="folder for summary, tables, timeline and page")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object on standard output")] = False,
) -> None:
    """Simulate workloads on a chip; several workloads, or the streams of a scenario, run at the same time."""
    from socsim.api import load_scenario, load_soc, load_workload
    from socsim.cli.lengths import name_and_length
    from socsim.errors import ConfigError
    from socsim.report import StreamedOutputs, check_file, check_writable, map_text, write_outputs, write_text
    from socsim.result.streamed import StreamedResult
    from socsim.simulation import RunOptions, simulate

    if not workloads and scenario is None:
        raise ConfigError("WORKLOAD", "name at least one workload; `socsim workload list` shows those that ship")
    if scenario is not None:
        _refuse_beside_scenario(
            {
                "WORKLOAD": workloads,
                "--prompt": prompt,
                "--tokens": tokens,
                "--length": lengths,
                "--draft": draft,
                "--acceptance": acceptance,
                "--prefill-chunk": prefill_chunk,
                "--sample-steps": sample_steps,
            },
            {"--batch": batch, "--repeat": repeat},
        )
    if out is not None:
        check_writable(out)
    if save_map is not None:
        check_file(save_map)
    options = RunOptions(
        units=tuple(name.strip() for name in units.split(",")) if units else (),
        precision=precision,
        weights=weights,
        transforms=tuple(transforms or ()),
        prompt=prompt,
        tokens=tokens,
        batch=batch,
        prefill_chunk=prefill_chunk,
        draft=draft,
        draft_length=draft_length,
        draft_width=_tree(draft_width),
        acceptance=acceptance,
        sample_steps=sample_steps,
        place=place,
        map=map_file,
        fuse=fuse,
        grain=grain,
        scheduler=scheduler,
        governor=governor,
        threads=threads,
        cold=cold,
        repeat=repeat,
        seed=seed,
        lengths=tuple(name_and_length(text) for text in lengths or ()),
        keep_tasks=keep_tasks,
        stream=stream,
    )
    soc = load_soc(hardware, overrides=sets or ())
    what = load_scenario(scenario) if scenario is not None else [load_workload(name) for name in workloads or ()]
    if out is None:
        result = simulate(what, soc, options)
    else:
        with StreamedOutputs(out) as streamed:
            result = simulate(what, soc, options, sinks=[streamed])
            if isinstance(result, StreamedResult):
                streamed.finish(result)
            else:
                write_outputs(result, out)
    if save_map is not None:
        write_text(save_map, map_text(result.manifest))
    if as_json:
        cost = result.simulator
        figures = {"wall_s": cost.wall_s, "cpu_s": cost.cpu_s, "events": cost.events}
        rate = result.summary["tasks"] / cost.cpu_s if cost.cpu_s else 0.0
        print(json.dumps({**result.summary, "simulator": {**figures, "tasks_per_s": rate}}))
    else:
        from rich.console import Console

        from socsim.report import print_summary

        print_summary(result, Console(file=sys.stdout))
    if out is not None:
        print(f"written to {out}: open {out / 'trace.pftrace'} in https://ui.perfetto.dev", file=sys.stderr)


def _refuse_beside_scenario(given: dict[str, object], counts: dict[str, int]) -> None:
    from socsim.errors import ConfigError

    for name in (
        *(name for name, value in given.items() if value is not None and value != []),
        *(n for n, value in counts.items() if value != 1),
    ):
        raise ConfigError(name, "does not go with --scenario: the scenario file says what runs, how long and how often")


def _tree(text: str) -> int | tuple[int, ...]:
    """`2` as a number, `4,2,1` as one per level."""
    from socsim.errors import ConfigError

    parts = [part.strip() for part in text.split(",")]
    if not all(part.isdigit() for part in parts):
        raise ConfigError("--draft-width", f"expected a number, or one per level such as 4,2,1; got '{text}'")
    return int(parts[0]) if len(parts) == 1 else tuple(int(part) for part in parts)
