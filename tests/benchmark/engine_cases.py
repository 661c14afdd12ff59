"""Tasks per CPU second of `simulate`, mapping and recorder on: one decode stream, and eight streams that contend."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import socsim
from socsim.simulation.scenario_file import read_scenario
from tests.benchmark.cases import case, repeated

HERE = Path(__file__).resolve().parent
STREAMS = 8
REPEATS = 25


def decode(num_tokens: int) -> Callable[[], int]:
    """Llama-2-7B on the GPU of an M1 Max, one token after the other."""
    soc = socsim.load_soc("apple/m1_max")
    workload = socsim.load_workload("llama-2-7b")
    options = socsim.RunOptions(units=("gpu",), precision="fp16", prompt=1, tokens=num_tokens)
    return lambda: len(socsim.simulate(workload, soc, options).spans)


def streams(chip: str) -> Callable[[], int]:
    """Eight networks again and again at the same time, each on a unit of its own; they meet in the memory system."""
    soc = socsim.load_soc(HERE / f"{chip}.yaml")
    text = ["name: eight streams", "streams:"]
    for index in range(STREAMS):
        text.append(
            f"  s{index}: {{workload: resnet-50, arrival: closed, count: {REPEATS}, units: [u{index}]}}"
        )  # fmt: skip
    scenario = read_scenario("\n".join(text), "streams", HERE, "eight streams")
    return lambda: len(socsim.simulate(scenario, soc).spans)


def streamed(seconds: int) -> Callable[[], int]:
    """The example of six streams at 30 Hz for some seconds, summed up as it goes on."""
    soc = socsim.load_soc("apple/a17_pro")
    scenario = socsim.load_scenario(HERE.parents[1] / "examples" / "ten_minutes.yaml")
    scenario = replace(scenario, streams=tuple(replace(s, duration_ps=seconds * 10**12) for s in scenario.streams))
    options = socsim.RunOptions(stream=True)
    return lambda: int(socsim.simulate(scenario, soc, options).summary["tasks"])


case("engine/decode", "tasks", 40_000)(repeated(decode, 128))
case("engine/decode-10k-tasks", "tasks")(repeated(decode, 31))
case("engine/decode-1M-tasks", "tasks")(repeated(decode, 3072))
case("engine/8-streams-one-link", "tasks", 20_000)(repeated(streams, "one_link"))
case("engine/8-streams-several-links", "tasks", 10_000)(repeated(streams, "several_links"))
case("engine/6-streams-streamed", "tasks", 20_000)(repeated(streamed, 20))
