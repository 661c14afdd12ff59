"""Do pictures take a fixed-function block what its closed formula says, in time, bytes and energy?"""

from __future__ import annotations

from pathlib import Path

import pytest

import socsim
from socsim.errors import MappingError
from socsim.hardware import Soc

CHIP = """
name: camera
units:
  - name: codec
    kind: fixed_function
    clock: 100 MHz
    pixels_per_cycle: {video_encode: 2, image_signal_processing: 4}
    setup_cycles: 1000
    read_passes: {video_encode: 1.5}
    launch: 5 us
    sources: {"*": assumed}
links:
  - {name: way, between: [codec, dram], bandwidth: 100 GB/s, sources: {"*": assumed}}
dram: {part: LPDDR5-6400, channels: 16, transfer_rate: 6400 MT/s, latency: 100 ns, capacity: 1 GiB,
       sources: {"*": assumed}}
power:
  sources: {"*": assumed}
  units:
    - {name: codec, clock: 100 MHz, voltage: 0.8 V, energy_per_pixel: 100 pJ, sources: {"*": assumed}}
"""


@pytest.fixture
def soc(tmp_path: Path) -> Soc:
    (tmp_path / "camera.yaml").write_text(CHIP, encoding="utf-8")
    return socsim.load_soc(str(tmp_path / "camera.yaml"))


def run(soc: Soc, workload: str, **lengths: int) -> socsim.RunResult:
    return socsim.simulate(
        socsim.load_workload(workload), soc, socsim.RunOptions(lengths=tuple(sorted(lengths.items())))
    )


def test_pixels_stream_at_the_rate_of_their_function(soc: Soc) -> None:
    # launch + (setup + pixels / rate) / clock, with fill and drain of the first and last 64 KiB and the latency
    small, large = (run(soc, "video-encode-frame", width=w, height=1000) for w in (1000, 3000))
    assert large.summary["latency_s"] - small.summary["latency_s"] == pytest.approx(2e6 / 2 / 100e6, rel=1e-6)
    expected = 5e-6 + (1000 + 1e6 / 2) / 100e6
    assert small.summary["latency_s"] == pytest.approx(expected, rel=1e-3)
    assert small.summary["latency_s"] > expected


def test_a_codec_reads_its_pictures_more_than_once(soc: Soc) -> None:
    summary = run(soc, "video-encode-frame", width=1000, height=800).summary
    nv12, stream = 800_000 * 3 // 2, 800_000 // 80
    assert summary["dram_read_bytes"] == 1.5 * 2 * nv12
    assert summary["dram_write_bytes"] == nv12 + stream


def test_energy_goes_with_the_pixels(soc: Soc) -> None:
    assert run(soc, "camera-frame", width=1000, height=1000).summary["energy_j"] == pytest.approx(1e6 * 100e-12)


def test_a_function_that_no_unit_has_is_said(soc: Soc) -> None:
    with pytest.raises(MappingError, match=r"none of the units codec supports media"):
        run(soc, "display-frame")


def test_a_processor_does_in_software_what_no_block_does() -> None:
    soc = socsim.load_soc("hw_configs/example.yaml")
    summary = run(soc, "camera-frame", width=1000, height=1000).summary
    assert summary["units"]["gpu"]["flop"] == 300e6
    assert summary["units"]["npu"]["tasks"] == 0


def test_a_camera_pipeline_stands_beside_networks() -> None:
    result = socsim.simulate(
        socsim.load_scenario("camera_preview"), socsim.load_soc("qualcomm/snapdragon_8_gen_3"), socsim.RunOptions()
    )
    units = result.summary["units"]
    assert units["isp"]["tasks"] == 60
    assert units["display"]["tasks"] > 100
    assert units["npu"]["tasks"] > 60 * 50
    assert result.summary["streams"]["isp"]["deadline_misses"] == 0
    assert 0 < units["isp"]["energy_j"] < result.summary["energy_j"]
