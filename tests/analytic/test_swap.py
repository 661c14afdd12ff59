"""Does a key-value cache that makes room move its pages, in the time that its store takes, and with their energy?"""

from __future__ import annotations

from pathlib import Path

import pytest

import socsim
from socsim.result import RunResult
from socsim.simulation.scenario_file import read_scenario
from tests.language_models import tiny_model

PAGE_TOKENS, TOKEN_BYTES = 16, 4 * 1024
PAGE_BYTES = PAGE_TOKENS * TOKEN_BYTES
CHIP = """
name: swapping
units:
  - {name: cpu, kind: cpu, clock: 1 GHz, cores: 1, flop_per_cycle_per_core: {fp16: 100000, fp32: 100000},
     matrix_efficiency: 1, sources: {"*": assumed}}
  - {name: flash, kind: storage, clock: 1 GHz, port_bandwidth: 2 GB/s, write_bandwidth: 1 GB/s, launch: 10 us,
     sources: {"*": assumed}}
links:
  - {name: cpu_way, between: [cpu, dram], bandwidth: 50 GB/s, sources: {"*": assumed}}
  - {name: flash_way, between: [flash, dram], bandwidth: 10 GB/s, sources: {"*": assumed}}
dram: {part: LPDDR5-6400, channels: 8, transfer_rate: 6400 MT/s, latency: 0 ns, capacity: 8 GiB,
       sources: {"*": assumed}}
power:
  dram_energy: 100 pJ/B
  units:
    - {name: cpu, clock: 1 GHz, voltage: 1 V, active: 1 W, sources: {"*": assumed}}
    - {name: flash, clock: 1 GHz, voltage: 1 V, active: 1 W, sources: {"*": assumed}}
  sources: {"*": assumed}
"""


def run(folder: Path, swap: str) -> RunResult:
    (folder / "chip.yaml").write_text(CHIP, encoding="utf-8")
    text = f"""
streams:
  s:
    program: [{{generate: tiny, prompt: 64, tokens: 64}}]
    arrival: {{times: [0 s, 0 s]}}
    serving: {{max_batch: 2, page_tokens: {PAGE_TOKENS}, cache: {12 * PAGE_BYTES} B{swap}}}
"""
    soc = socsim.load_soc(str(folder / "chip.yaml"))
    return socsim.simulate(
        read_scenario(text, "s.yaml", Path(), "s"), soc, given={"tiny": tiny_model("tiny", 10, kv_width=1024)}
    )


def test_pages_leave_and_come_back_at_the_rates_of_their_store(tmp_path: Path) -> None:
    result = run(tmp_path, ", swap: flash")
    out, back = ([i for i in result.instances if i.phase == phase] for phase in ("swap out", "swap in"))
    assert len(out) == len(back) == 1
    # The cache has 12 pages: 4 for each prompt, then two more for each; the second makes room with 6 of them.
    moved = 6 * PAGE_BYTES
    assert out[0].done_ps - out[0].arrival_ps == pytest.approx(10e6 + moved / 1e9 * 1e12, rel=0.001)
    assert back[0].done_ps - back[0].arrival_ps == pytest.approx(10e6 + moved / 2e9 * 1e12, rel=0.001)
    assert result.summary["links"]["flash_way"]["average_bytes_per_s"] == pytest.approx(
        2 * moved / result.summary["latency_s"], rel=1e-6
    )
    assert any("went to flash and back" in note for note in result.notes)
    assert result.summary["units"]["flash"]["tasks"] == 2
    busy_s = result.summary["units"]["flash"]["busy_fraction"] * result.summary["latency_s"]
    assert result.summary["units"]["flash"]["energy_j"] == pytest.approx(busy_s * 1.0, rel=0.05)  # it takes 1 W


def test_both_policies_bring_every_token_and_are_in_the_timeline(tmp_path: Path) -> None:
    swapped, recomputed = run(tmp_path, ", swap: flash"), run(tmp_path, "")
    for result in (swapped, recomputed):
        requests = result.summary["streams"]["s"]["generation"]["requests"]
        assert [request["output_tokens"] for request in requests] == [64, 64]
    phases = [{i.phase for i in result.instances} for result in (swapped, recomputed)]
    assert phases[0] == {"queue", "prefill", "decode", "swap out", "swap in"}
    assert phases[1] == {"queue", "prefill", "decode", "recompute"}
    assert swapped.summary["flop"] < recomputed.summary["flop"]
