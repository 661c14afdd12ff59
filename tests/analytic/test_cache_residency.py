"""Does a model whose weights fit stay on chip between frames, and does a second workload push it out?

MobileNet-v2 in fp16 has 7.1 MB of weights, BERT base 219 MB.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import socsim
from socsim.result import RunResult

FRAMES = 4
ON_CHIP = """\
extends: {base}
caches:
  - {{name: slc, remove: true}}
  - {{name: npu_sram, node: npu, capacity: 16 MiB, replacement: explicit, roles: [weight]}}
"""


def frames(result: RunResult, stream: str) -> list[int]:
    """Bytes read from DRAM by each frame of a stream, in order."""
    spans = result.spans
    read = [0] * len(result.instances)
    for instance, size in zip(spans.column("instance").tolist(), spans.column("dram_read_bytes").tolist(), strict=True):
        read[instance] += size
    return [size for size, record in zip(read, result.instances, strict=True) if record.stream == stream]


def simulate(chip: str | Path, *names: str, overrides: tuple[str, ...] = (), units: tuple[str, ...] = ()) -> RunResult:
    soc = socsim.load_soc(chip, overrides)
    options = socsim.RunOptions(repeat=FRAMES, units=units)
    return socsim.simulate([socsim.load_workload(name) for name in names], soc, options)


def counter(result: RunResult, name: str) -> Any:
    return next(series for series in result.series if series.name == name)


@pytest.fixture(scope="module")
def weights() -> int:
    return socsim.load_workload("mobilenet-v2").weight_bytes()


def test_weights_that_fit_the_system_level_cache_are_read_once(weights: int) -> None:
    result = simulate("apple/m1", "mobilenet-v2", overrides=("caches.slc.capacity=24 MiB",))
    first, *others = frames(result, "mobilenet-v2")
    assert first >= weights
    assert max(others) < 0.1 * weights
    slc = result.summary["caches"]["slc"]
    assert slc["hit_bytes"] >= (FRAMES - 1) * weights
    assert slc["miss_bytes"] == sum(frames(result, "mobilenet-v2"))
    assert counter(result, "slc hit bytes").value[-1] == slc["hit_bytes"]
    assert counter(result, "slc miss bytes").value[-1] == slc["miss_bytes"]
    assert weights <= max(counter(result, "slc occupancy").value) <= 24 * 2**20


def test_a_second_workload_that_streams_through_the_cache_pushes_them_out(weights: int) -> None:
    overrides = ("caches.slc.capacity=24 MiB",)
    alone = simulate("apple/m1", "mobilenet-v2", overrides=overrides)
    together = simulate("apple/m1", "mobilenet-v2", "bert-base", overrides=overrides)
    before, after = frames(alone, "mobilenet-v2"), frames(together, "mobilenet-v2")
    assert min(after) > 0.9 * weights
    assert sum(after) - sum(before) > 0.9 * (FRAMES - 1) * weights
    for result in (alone, together):
        totals = result.summary["caches"]["slc"]
        assert totals["miss_bytes"] == result.summary["dram_read_bytes"]
        assert counter(result, "slc hit bytes").value[-1] == totals["hit_bytes"]


def test_a_cache_too_small_for_the_weights_keeps_none_of_them(weights: int) -> None:
    result = simulate("apple/m1", "mobilenet-v2", overrides=("caches.slc.capacity=4 MiB",))
    assert min(frames(result, "mobilenet-v2")) > 0.9 * weights


def test_on_chip_memory_holds_the_named_role_until_another_program_takes_its_room(weights: int, tmp_path: Path) -> None:
    base = Path(socsim.__file__).parents[1] / "hw_configs" / "apple" / "m1.yaml"
    chip = tmp_path / "chip.yaml"
    chip.write_text(ON_CHIP.format(base=base), encoding="utf-8")
    alone = simulate(chip, "mobilenet-v2")
    first, *others = frames(alone, "mobilenet-v2")
    assert all(first - other == weights for other in others)
    held = counter(alone, "npu_sram occupancy").value
    assert max(held) == weights
    together = simulate(chip, "mobilenet-v2", "bert-base")
    assert min(frames(together, "mobilenet-v2")[1:-1]) > first - 0.1 * weights
    assert max(counter(together, "npu_sram occupancy").value) == 16 * 2**20


def test_a_smaller_system_level_cache_never_lowers_traffic() -> None:
    moved = []
    for capacity in ("0 B", "1 MiB", "2 MiB", "4 MiB", "8 MiB", "16 MiB", "64 MiB"):
        result = simulate("apple/m1", "mobilenet-v2", overrides=(f"caches.slc.capacity={capacity}",), units=("gpu",))
        summary = result.summary
        moved.append(summary["dram_read_bytes"] + summary["dram_write_bytes"])
    assert moved == sorted(moved, reverse=True)
    assert len(set(moved)) > 4
