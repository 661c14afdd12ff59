"""Does a wrong scenario file get every error at once, each with its place and what would be right?"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from socsim.errors import ConfigFileError
from socsim.simulation.scenario_file import read_scenario
from socsim.workload.scenario import (
    After,
    Branch,
    Closed,
    Generate,
    Listed,
    Pause,
    Periodic,
    Poisson,
    Repeat,
    Run,
    Scenario,
    Synthetic,
)


def read(text: str, folder: Path = Path()) -> Scenario:
    return read_scenario(text, "s.yaml", folder, "s")


def errors(text: str) -> list[str]:
    with pytest.raises(ConfigFileError) as caught:
        read(text)
    return str(caught.value).splitlines()


def test_every_kind_of_arrival_and_step_is_read() -> None:
    scenario = read("""
streams:
  a: {workload: resnet-18, arrival: {periodic: 30 Hz, jitter: 1 ms, offset: 5 ms}, count: 3, priority: -2}
  b:
    precision: fp16
    units: [gpu]
    program:
      - {run: resnet-18, times: 2, lengths: {batch: 4}}
      - {generate: llama-3.2-1b, prompt: {uniform: [8, 16]}, tokens: 4, chunk: 8, weights: q4_0}
      - {repeat: 3, steps: [{synthetic: gpu, busy: {exponential: 2 ms}, read: 1 MB}]}
      - {branch: [{probability: 0.25, steps: [{pause: 1 ms}]}]}
    arrival: {poisson: 0.5 Hz}
    duration: 1 s
  c: {workload: resnet-18, arrival: {after: a, every: 2}, deadline: 10 ms, deadline_from: head}
  d: {workload: resnet-18, arrival: {times: [2 s, 1 s]}, warm_up: 1}
  e: {workload: resnet-18, arrival: {closed: {think: 3 ms}}}
""")
    a, b, c, d, e = scenario.streams
    assert a.arrival == Periodic(Fraction(30), 10**9, 5 * 10**9)
    assert (a.count, a.priority) == (3, -2)
    run, generate, repeat, branch = b.program
    assert isinstance(run, Run)
    assert (run.times, run.lengths, run.units, run.model.precision) == (2, (("batch", 4),), ("gpu",), "fp16")
    assert isinstance(generate, Generate)
    assert (generate.prompt.kind, generate.prompt.low, generate.prompt.high, generate.chunk) == ("uniform", 8, 16, 8)
    assert (generate.model.weights, generate.model.precision) == ("q4_0", "fp16")
    assert isinstance(repeat, Repeat)
    assert isinstance(repeat.steps[0], Synthetic)
    assert repeat.steps[0].busy_ps.low == 2e9
    assert isinstance(branch, Branch)
    assert isinstance(branch.choices[0].steps[0], Pause)
    assert (b.arrival, b.duration_ps) == (Poisson(0.5), 10**12)
    assert (c.arrival, c.deadline_ps, c.deadline_from) == (After("a", 2), 10**10, "head")
    assert (d.arrival, d.warm_up_count) == (Listed((10**12, 2 * 10**12)), 1)
    assert (e.arrival, e.ends) == (Closed(3 * 10**9), False)


def test_arrivals_come_from_a_file_beside_the_scenario(tmp_path: Path) -> None:
    (tmp_path / "times.txt").write_text("# seconds\n0.5\n\n0.25 # early\n")
    scenario = read("streams: {a: {workload: w, arrival: {file: times.txt}}}", tmp_path)
    assert scenario.streams[0].arrival == Listed((250_000_000_000, 500_000_000_000))


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("streams: {a: {workload: w, arival: once}}", "s.yaml:1:28", "did you mean 'arrival'"),
        ("streams: {a: {workload: w, arrival: perodic}}", "s.yaml:1:37", "did you mean 'periodic'"),
        ("streams: {a: {workload: w, arrival: {periodic: 30}}}", "s.yaml:1:48", "'30 Hz'"),
        ("streams: {a: {workload: w, arrival: {periodic: 0 Hz}, count: 1}}", "s.yaml:1:48", "greater than zero"),
        ("streams: {a: {workload: w, arrival: {periodic: 10 Hz, jitter: 1 s}, count: 1}}", "s.yaml:1:37", "cross"),
        ("streams: {a: {workload: w, deadline: 20}}", "s.yaml:1:38", "with its unit"),
        ("streams: {a: {workload: w, deadline: 0 ms}}", "s.yaml:1:38", "greater than zero"),
        ("streams: {a: {workload: w, priority: high}}", "s.yaml:1:38", "whole number"),
        ("streams: {a: {program: [{runn: w}]}}", "s.yaml:1:25", "did you mean 'run'"),
        ("streams: {a: {program: [{run: w, pause: 1 ms}]}}", "s.yaml:1:25", "one step each"),
        ("streams: {a: {program: []}}", "s.yaml:1:24", "a list of steps"),
        ("streams: {a: {workload: w, program: [{run: w}]}}", "s.yaml:1:37", "not both"),
        ("streams: {a: {arrival: once}}", "s.yaml:1:14", "required key is missing"),
        ("streams: {a: {program: [{generate: w, tokens: 3}]}}", "s.yaml:1:25", "prompt: required key"),
        ("streams: {a: {program: [{generate: w, prompt: 0, tokens: 3}]}}", "s.yaml:1:47", "at least 1"),
        ("streams: {a: {program: [{synthetic: gpu, busy: {uniform: [3 ms, 1 ms]}}]}}", "s.yaml:1:58", "least, most"),
        (
            "streams: {a: {program: [{branch: [{probability: 0.7, steps: [{run: w}]},"
            " {probability: 0.7, steps: [{run: w}]}]}]}}",
            "s.yaml:1:34",
            "sum to 1.4",
        ),
        ("streams: {a: {workload: w, arrival: {after: b}}, bb: {workload: w}}", "s.yaml:1:37", "did you mean 'bb'"),
        ("streams: {a: {workload: w, arrival: {after: a}}, c: {workload: w}}", "s.yaml:1:37", "circle: a -> a"),
        (
            "streams: {a: {workload: w, arrival: {after: b}}, b: {workload: w, arrival: {after: a}}, c: {workload: w}}",
            "s.yaml:1:37",
            "circle: a -> b -> a",
        ),
        ("streams: {a: {workload: w, arrival: closed}}", "s.yaml:1:1", "nothing ends the run"),
        ("streams: {a: {workload: w, arrival: {file: none.txt}}}", "s.yaml:1:44", "cannot be read"),
        ("streams: {a: {workload: w, serving: {}}}", "s.yaml:1:37", "one generate step"),
        ("streams: {}", "s.yaml:1:10", "at least one"),
        ("name: x", "s.yaml:1:1", "streams: required key is missing"),
    ],
)
def test_a_mistake_is_named_with_its_place(text: str, place: str, words: str) -> None:
    found = errors(text)
    assert any(line.startswith(f"{place}: ") and words in line for line in found), found


def test_all_mistakes_are_reported_together_in_the_order_of_the_file() -> None:
    found = errors("""duratoin: 2 s
streams:
  a: {workload: w, count: -1}
  b: {workload: w, arrival: {after: nobody}}
""")
    assert [line.split(":")[1] for line in found] == ["1", "3", "4"]
