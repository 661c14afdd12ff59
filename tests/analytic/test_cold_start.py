"""Does a cold run take what reading its weights from storage takes, on top of what overlaps with it?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import socsim
from socsim.errors import ConfigError
from socsim.hardware import Soc

CHIP = """
name: cold
preference: [npu]
units:
  - name: npu
    kind: npu
    clock: 1 GHz
    flop_per_cycle: {fp16: 100000}
    matrix_efficiency: 1
    vector_elements_per_cycle: 10000
    special_elements_per_cycle: 10000
    gather_elements_per_cycle: 10000
    weight_memory: 0 B
    sources: {"*": assumed}
  - name: flash
    kind: storage
    clock: 100 MHz
    port_bandwidth: 1 GB/s
    launch: 10 us
    queue_depth: 4
    sources: {"*": assumed}
links:
  - {name: npu_way, between: [npu, dram], bandwidth: 50 GB/s, sources: {"*": assumed}}
  - {name: flash_way, between: [flash, dram], bandwidth: 10 GB/s, latency: 1 us, sources: {"*": assumed}}
dram: {part: LPDDR5-6400, channels: 8, transfer_rate: 6400 MT/s, latency: 100 ns, capacity: 8 GiB,
       sources: {"*": assumed}}
"""


@pytest.fixture
def soc(tmp_path: Path) -> Soc:
    return chip(tmp_path)


def chip(folder: Path, **changes: str) -> Soc:
    (folder / "cold.yaml").write_text(CHIP, encoding="utf-8")
    return socsim.load_soc(str(folder / "cold.yaml"), [f"{key.replace('__', '.')}={v}" for key, v in changes.items()])


def summary(soc: Soc, workload: str = "resnet-50", **options: Any) -> dict[str, Any]:
    return dict(socsim.simulate(socsim.load_workload(workload), soc, socsim.RunOptions(**options)).summary)


def test_a_cold_run_takes_its_weights_over_the_bandwidth_of_storage(soc: Soc) -> None:
    weights = socsim.load_workload("resnet-50").weight_bytes()
    warm, cold = summary(soc), summary(soc, cold=True)
    reading = 10e-6 + weights / 1e9
    assert cold["latency_s"] == pytest.approx(reading, rel=0.02)
    assert reading < cold["latency_s"] < reading + warm["latency_s"]
    assert cold["dram_write_bytes"] - warm["dram_write_bytes"] == weights
    assert cold["dram_read_bytes"] == warm["dram_read_bytes"]


def test_only_the_first_run_is_cold(soc: Soc) -> None:
    warm, cold, thrice = summary(soc), summary(soc, cold=True), summary(soc, cold=True, repeat=3)
    assert thrice["latency_s"] == pytest.approx(cold["latency_s"] + 2 * warm["latency_s"], rel=1e-3)


def test_storage_faster_than_memory_hides_behind_the_run(tmp_path: Path) -> None:
    slow = summary(chip(tmp_path), cold=True)["latency_s"]
    fast = summary(chip(tmp_path, units__flash__port_bandwidth="4 GB/s"), cold=True)["latency_s"]
    assert slow / fast == pytest.approx(4, rel=0.05)


def test_weights_kept_on_the_unit_travel_once_more(tmp_path: Path) -> None:
    kept = chip(tmp_path, units__npu__weight_memory="16 MiB")
    weights = socsim.load_workload("resnet-50").weight_bytes()
    warm, cold = summary(kept), summary(kept, cold=True)
    assert cold["dram_read_bytes"] - warm["dram_read_bytes"] == pytest.approx(16 * 2**20, rel=0.01)
    assert cold["dram_write_bytes"] - warm["dram_write_bytes"] == weights


def test_weights_fetched_ahead_are_read_from_storage_before(tmp_path: Path) -> None:
    ahead = chip(tmp_path, units__npu__prefetch_memory="8 MiB")
    weights = socsim.load_workload("vit-base").weight_bytes()
    assert summary(ahead, "vit-base", cold=True)["latency_s"] == pytest.approx(10e-6 + weights / 1e9, rel=0.02)


def test_a_chip_without_storage_says_so() -> None:
    with pytest.raises(ConfigError, match=r"--cold.*has no storage"):
        summary(socsim.load_soc("hw_configs/example.yaml"), cold=True)


def test_a_language_model_loads_in_its_prefill() -> None:
    weights = socsim.load_workload("gpt2").weight_bytes()
    options: dict[str, Any] = {"prompt": 16, "tokens": 4}
    soc = socsim.load_soc("qualcomm/snapdragon_8_gen_3")
    warm, cold = (summary(soc, "gpt2", cold=flag, **options)["generation"] for flag in (False, True))
    assert cold["time_to_first_token_s"] > weights / 3.5e9 > warm["time_to_first_token_s"]
    assert cold["time_per_output_token_s"] == pytest.approx(warm["time_per_output_token_s"], rel=1e-3)
