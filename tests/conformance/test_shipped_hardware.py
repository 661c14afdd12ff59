"""Is every shipped hardware description whole, sourced, and true to the published specifications?"""

from __future__ import annotations

import json
from typing import Any

import pytest

from socsim.cost import unit_models
from socsim.hardware import Part, Soc, hardware_folder, hardware_names, load_soc, soc_from_data
from socsim.hardware.json_schema import hardware_schema
from socsim.simulation import load_components

load_components()

ALL_FILES = sorted(path for path in hardware_folder().rglob("*.yaml") if "parts" not in path.parts)

# From philipturner/metal-benchmarks@dc2adc64, philipturner/applegpuinfo@12038498, hollance/neural-engine@d0bb5305,
# TristanBilot/mlx-benchmark section headers and llama.cpp discussion #4167; core counts of phones: general knowledge.
# P cores, E cores, GPU cores, fp32 TFLOP/s of the GPU (None: not published), DRAM GB/s, system-level cache MiB
SPECIFICATION: dict[str, tuple[int, int, int, float | None, float, int]] = {
    "a14": (2, 4, 4, 0.654, 34.1, 16),
    "a15": (2, 4, 5, 1.713, 34.1, 32),
    "a16": (2, 4, 5, 1.789, 51.2, 24),
    "a17_pro": (2, 4, 6, None, 51.2, 24),
    "m1": (4, 4, 8, 2.617, 68.3, 8),
    "m1_pro": (8, 2, 16, 5.308, 204.8, 24),
    "m1_max": (8, 2, 32, 10.617, 409.6, 48),
    "m1_ultra": (16, 4, 64, 21.233, 819.2, 96),
    "m2": (4, 4, 10, 3.579, 102.4, 8),
    "m2_pro": (8, 4, 19, 6.800, 204.8, 24),
    "m2_max": (8, 4, 38, 13.600, 409.6, 48),
    "m2_ultra": (16, 8, 76, 27.2, 819.2, 96),
    "m3": (4, 4, 10, None, 102.4, 8),
    "m3_pro": (6, 6, 18, None, 153.6, 24),
    "m3_max": (12, 4, 40, None, 409.6, 48),
    "m3_ultra": (20, 8, 80, None, 819.2, 96),
    "m4": (4, 6, 10, None, 120, 8),
    "m4_pro": (10, 4, 20, None, 273, 24),
    "m4_max": (12, 4, 40, None, 546, 48),
}


@pytest.fixture(scope="module")
def socs() -> dict[str, Soc]:
    return {name: load_soc(name, unit_models=unit_models) for name in hardware_names()}


def _parts(soc: Soc) -> list[Part]:
    return [soc, *soc.units, *soc.links, *soc.caches, soc.dram]


@pytest.mark.parametrize("name", hardware_names())
def test_every_number_has_a_source(socs: dict[str, Soc], name: str) -> None:
    bare = [
        f"{getattr(part, 'name', 'dram')}.{key}"
        for part in _parts(socs[name])
        for key in part.numbers()
        if not part.source_of(key)
    ]
    assert bare == []


@pytest.mark.parametrize("name", hardware_names())
def test_no_source_describes_a_number_that_is_not_there(socs: dict[str, Soc], name: str) -> None:
    idle = [
        f"{getattr(part, 'name', 'dram')}.{key}"
        for part in _parts(socs[name])
        for key in part.sources
        if key.partition(".")[0] not in {number.partition(".")[0] for number in part.numbers()}
    ]
    assert idle == []


@pytest.mark.parametrize("name", sorted(SPECIFICATION))
def test_apple_chips_match_the_published_specifications(socs: dict[str, Soc], name: str) -> None:
    soc = socs[f"apple/{name}"]
    p_cores, e_cores, gpu_cores, tflops, gbps, slc_mib = SPECIFICATION[name]
    gpu: Any = soc.unit("gpu")
    assert (soc.unit("cpu_p").cores, soc.unit("cpu_e").cores, gpu.cores) == (p_cores, e_cores, gpu_cores)  # type: ignore[attr-defined]
    assert soc.dram.peak_bytes_per_s == pytest.approx(gbps * 1e9, rel=2e-3)
    if tflops is not None:
        assert unit_models.get("gpu")().peaks(gpu)["fp32"] == pytest.approx(tflops * 1e12, rel=2e-3)
    assert next(cache.capacity for cache in soc.caches if cache.name == "slc") == slc_mib * 2**20


@pytest.mark.parametrize("name", sorted(SPECIFICATION))
def test_apple_chips_have_the_same_units_and_no_port_wider_than_its_limits(socs: dict[str, Soc], name: str) -> None:
    soc = socs[f"apple/{name}"]
    assert [unit.name for unit in soc.units][:4] == ["cpu_p", "cpu_e", "gpu", "npu"]
    assert soc.preference == ("isp", "video", "display", "jpeg", "npu", "gpu", "cpu_p", "cpu_e")
    assert soc.port_bytes_per_s(soc.unit("gpu")) >= soc.dram.peak_bytes_per_s
    assert soc.port_bytes_per_s(soc.unit("npu")) <= 85e9
    assert soc.port_bytes_per_s(soc.unit("cpu_e")) < soc.port_bytes_per_s(soc.unit("cpu_p"))


def test_an_m1_cannot_hold_llama_2_7b_in_fp16_but_in_four_bits(socs: dict[str, Soc]) -> None:
    dram = socs["apple/m1"].dram
    assert dram.capacity - dram.reserved < 13.5e9
    assert dram.capacity - dram.reserved > 3.9e9
    assert socs["apple/m1_max"].dram.capacity - socs["apple/m1_max"].dram.reserved > 14e9


@pytest.mark.parametrize("name", hardware_names())
def test_a_manifest_reads_back_as_the_same_chip(socs: dict[str, Soc], name: str) -> None:
    text = json.dumps(socs[name].to_data())
    assert soc_from_data(json.loads(text), unit_models=unit_models) == socs[name]


@pytest.mark.parametrize("path", ALL_FILES, ids=lambda path: path.stem)
def test_every_file_points_editors_to_the_schema(path: Any) -> None:
    first = path.read_text(encoding="utf-8").splitlines()[0]
    assert first.startswith("# yaml-language-server: $schema=")
    assert (path.parent / first.partition("=")[2]).resolve() == hardware_folder() / "schema.json"


def test_the_committed_schema_is_fresh() -> None:
    """Refresh it with `socsim hw schema -o hw_configs/schema.json`."""

    class BuiltIn:
        def get(self, name: str, where: str = "") -> Any:
            return unit_models.get(name, where)

        def items(self) -> Any:
            return [(name, kind) for name, kind in unit_models.items() if kind.__module__.startswith("socsim.")]

    committed = json.loads((hardware_folder() / "schema.json").read_text(encoding="utf-8"))
    assert committed == hardware_schema(BuiltIn())
