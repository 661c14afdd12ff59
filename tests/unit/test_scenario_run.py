"""Do requests arrive when the scenario says, run their program, and end the run when they should?"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from socsim.errors import ConfigError, MappingError
from socsim.result import InstanceRecord, RunResult
from socsim.simulation import RunOptions, simulate
from socsim.simulation.scenario_file import read_scenario
from tests.building import make_soc

MS = 10**9


def run(text: str, seed: int = 0, **unit: object) -> RunResult:
    soc = make_soc({"a": unit, "b": {}})
    return simulate(read_scenario(text, "s.yaml", Path(), "s"), soc, RunOptions(seed=seed))


def of(result: RunResult, stream: str) -> list[InstanceRecord]:
    return [instance for instance in result.instances if instance.stream == stream]


def arrivals(instances: Sequence[InstanceRecord]) -> list[int]:
    return [instance.arrival_ps for instance in instances]


WORK = "program: [{synthetic: a, busy: 2 ms}]"


def test_a_periodic_stream_arrives_on_the_beat_without_drift() -> None:
    result = run(f"streams: {{s: {{{WORK}, arrival: {{periodic: 30 Hz, offset: 1 ms}}, count: 31}}}}")
    assert arrivals(of(result, "s")) == [MS + -(-(k * 10**12) // 30) for k in range(31)]
    assert all(instance.done_ps - instance.arrival_ps == 2 * MS for instance in of(result, "s"))


def test_jitter_delays_each_arrival_by_less_than_itself() -> None:
    instances = of(run(f"streams: {{s: {{{WORK}, arrival: {{periodic: 10 ms, jitter: 3 ms}}, count: 50}}}}"), "s")
    delays = [arrival - 10 * MS * k for k, arrival in enumerate(arrivals(instances))]
    assert all(0 <= delay < 3 * MS for delay in delays)
    assert len(set(delays)) > 40


def test_a_duration_ends_the_arrivals_and_a_closed_stream_waits_for_its_own_end() -> None:
    result = run(f"""
duration: 9 ms
streams:
  open: {{program: [{{synthetic: b, busy: 1 ms}}], arrival: {{periodic: 4 ms}}}}
  closed: {{{WORK}, arrival: {{closed: {{think: 1 ms}}}}}}
""")
    assert arrivals(of(result, "open")) == [0, 4 * MS, 8 * MS]
    assert arrivals(of(result, "closed")) == [0, 3 * MS, 6 * MS]


def test_a_stream_without_an_end_runs_as_long_as_the_others() -> None:
    result = run(f"""
streams:
  front: {{program: [{{synthetic: b, busy: 7 ms}}], arrival: closed, count: 1}}
  behind: {{{WORK}, arrival: closed}}
""")
    assert arrivals(of(result, "behind")) == [0, 2 * MS, 4 * MS, 6 * MS]


def test_a_stage_starts_when_the_stage_before_is_done_and_its_deadline_counts_from_the_head() -> None:
    result = run("""
streams:
  head: {program: [{synthetic: a, busy: 2 ms}], arrival: {periodic: 5 ms}, count: 4}
  tail:
    program: [{synthetic: b, busy: 1 ms}]
    arrival: {after: head, every: 2}
    deadline: 4 ms
    deadline_from: head
""")
    tail = of(result, "tail")
    assert arrivals(tail) == [7 * MS, 17 * MS]
    assert [instance.deadline_ps for instance in tail] == [9 * MS, 19 * MS]
    assert result.summary["streams"]["tail"]["deadline_misses"] == 0


def test_a_program_is_one_request_with_pauses_and_repeats() -> None:
    result = run("""
streams:
  s:
    program:
      - {pause: 1 ms}
      - {repeat: 2, steps: [{synthetic: a, busy: 2 ms, name: x}, {pause: 3 ms}]}
    deadline: 11 ms
""")
    figures = result.summary["streams"]["s"]
    assert figures["completed"] == 1
    assert figures["latency_s"]["mean"] == pytest.approx(0.011)
    assert figures["deadline_misses"] == 0
    assert [i.phase for i in of(result, "s")] == ["begin", "x", "x", "end"]


def test_branches_are_taken_as_often_as_their_probability_says_and_follow_the_seed() -> None:
    text = """
streams:
  s:
    program:
      - {synthetic: a, busy: 1 us, name: always}
      - branch: [{probability: 0.3, steps: [{synthetic: a, busy: 1 us, name: rare}]}]
    arrival: {periodic: 10 us}
    count: 1000
"""
    counts = [sum(i.phase == "rare" for i in run(text, seed).instances) for seed in (1, 1, 2)]
    assert counts[0] == counts[1] != counts[2]
    # 1000 draws at 0.3: standard deviation 14.5
    assert all(abs(count - 300) < 60 for count in counts)


def test_warm_up_is_left_out_of_the_statistics() -> None:
    program = "program: [{{synthetic: a, busy: 2 ms}}], arrival: {{periodic: 5 ms}}, count: 6"
    text = f"streams: {{{{s: {{{{{program}, warm_up: {{}}}}}}}}}}"
    for warm_up, counted in (("11 ms", 3), ("2", 4), ("0 s", 6)):
        found = run(text.format(warm_up))
        assert found.summary["streams"]["s"]["completed"] == counted
        assert any("leave out a warm-up" in note for note in found.notes) == (warm_up != "0 s")


def test_a_wrong_unit_is_named_with_the_place_of_its_stream() -> None:
    with pytest.raises(ConfigError, match=r"s\.yaml:1:14.*no unit 'c'"):
        run("streams: {s: {program: [{synthetic: c, busy: 1 ms}]}}")


def test_of_several_units_a_synthetic_step_takes_the_first_that_the_chip_has() -> None:
    result = run("streams: {s: {program: [{synthetic: [c, b, a], busy: 1 ms}]}}")
    assert {name: unit["tasks"] for name, unit in result.summary["units"].items()} == {"a": 0, "b": 1}
    with pytest.raises(ConfigError, match="no unit 'c' or 'd'"):
        run("streams: {s: {program: [{synthetic: [c, d], busy: 1 ms}]}}")


def test_a_deadline_that_no_mapping_meets_is_refused_with_what_would() -> None:
    with pytest.raises(ConfigError, match=r"streams\.s\.deadline: 1 ms is shorter .* at least 2 ms"):
        run(f"streams: {{s: {{{WORK}, deadline: 1 ms}}}}")


def test_a_deadline_from_the_head_that_the_stages_together_do_not_meet_is_refused() -> None:
    after = "arrival: {after: first}, deadline: DUE, deadline_from: head"
    text = f"streams: {{first: {{{WORK}}}, second: {{{WORK}, {after}}}}}"
    run(text.replace("DUE", "4.1 ms"))
    with pytest.raises(ConfigError, match=r"streams\.second\.deadline: 3 ms .* at least 4 ms \(first 2 ms, then"):
        run(text.replace("DUE", "3 ms"))


@pytest.mark.parametrize(
    ("capacity", "words"),
    [("6 GiB", r"in q4_0 they are 4\.52 GB"), ("4 GiB", r"Even in q4_0 .* smaller models, of 4\.2\d GB")],
)
def test_weights_that_do_not_fit_are_refused_with_what_would(capacity: str, words: str) -> None:
    import socsim

    soc = socsim.load_soc("apple/m1", [f"dram.capacity={capacity}", "dram.reserved=0 B"])
    with pytest.raises(MappingError, match=words):
        simulate(socsim.load_workload("llama-3.1-8b"), soc)


def test_a_cache_that_does_not_fit_is_refused_with_the_length_that_does() -> None:
    import socsim

    text = "streams: {s: {weights: q4_0, program: [{generate: llama-3.1-8b, prompt: 60000, tokens: 8, chunk: 512}]}}"
    soc = socsim.load_soc("apple/a17_pro")
    with pytest.raises(MappingError, match=r"(\d+) tokens of context fit") as caught:
        simulate(read_scenario(text, "s.yaml", Path(), "s"), soc)
    fits = int(str(caught.value).split(" tokens of context")[0].split()[-1])
    assert 1000 < fits < 60000
    less = text.replace("60000", str(fits - 1)).replace("tokens: 8", "tokens: 1")
    from socsim.simulation.checks import check_scenario
    from socsim.simulation.models import Models

    check_scenario(read_scenario(less, "s.yaml", Path(), "s"), Models(soc))
