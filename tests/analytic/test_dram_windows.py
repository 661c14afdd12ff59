"""What does a run get from the detailed model of DRAM, and does placement over channels act as it should?"""

from __future__ import annotations

import re
from typing import Any

import pytest

from socsim.engine.memory.dram.system import run_memory_system
from socsim.engine.memory.dram_window import WindowedDram, describe_dram
from socsim.errors import ConfigError, ConfigFileError
from socsim.hardware import Soc
from socsim.hardware.memory import Dram
from tests.building import execute, make_graph, make_soc, make_task
from tests.dram_cases import client

READS = ("sequential", 1.0)


def lpddr5(channels: int = 1, **changes: Any) -> Dram:
    values = {
        "part": "LPDDR5-6400", "channels": channels, "transfer_rate": "6400 MT/s", "capacity": "8 GiB",
        "latency": "70 ns", "model": "detailed", "window_requests": 1024, **changes,
    }  # fmt: skip
    return Dram.model_validate(values)


def chip(dram: Dram, **units: dict[str, Any]) -> Soc:
    return make_soc(units or {"a": {}}).model_copy(update={"dram": dram})


def fraction(dram: Dram, *streams: tuple[str, float]) -> float:
    return WindowedDram(chip(dram)).capacity(streams) / dram.peak_bytes_per_s


def test_streams_get_the_published_fractions_of_peak() -> None:
    # Ramulator 2, one channel, 64 requests in flight: 91.2 % for one stream, 70.3 % for random blocks. Half of them
    # writes: 60 % through one port in order, which windows do not have.
    assert fraction(lpddr5(), READS) == pytest.approx(0.912, abs=0.01)
    assert fraction(lpddr5(), ("random", 1.0)) == pytest.approx(0.703, abs=0.015)
    assert 0.66 < fraction(lpddr5(), ("sequential", 0.5)) < 0.79
    assert fraction(lpddr5(window_requests=16384), READS, READS) == pytest.approx(0.885, abs=0.03)


def test_a_window_is_the_requests_driven_one_by_one() -> None:
    dram = lpddr5()
    memory = describe_dram(dram)
    alone = run_memory_system(memory, [client(window=64, region=1 << 28)], 2 * 3125, 3125, "interpreted").total
    assert WindowedDram(chip(dram)).capacity((READS,)) == alone.bandwidth_bytes_per_s


def test_latency_grows_with_the_load_and_an_idle_memory_adds_nothing() -> None:
    model = WindowedDram(chip(lpddr5(window_requests=4096)))
    added = [model.added_latency((("random", 1.0),), load) for load in (0.1, 0.4, 0.7, 1.0)]
    assert added == sorted(added)
    assert 0 <= added[0] < 30_000
    assert added[-1] > 100_000


def test_runs_take_capacity_from_windows_and_say_how_many() -> None:
    soc = chip(lpddr5(), a={}, b={})
    model = WindowedDram(soc)
    graphs = [(0, make_graph([make_task(name, 0, 12_800_000)])) for name in "ab"]
    both = execute(soc, graphs, model=model).spans
    capacity = model.capacity((READS, READS)) * 1e-12
    assert int(both.column("end_ps")[1]) == pytest.approx(25_600_000 / capacity, rel=1e-4)
    assert model.notes() == (
        "DRAM in detail: 2 windows of 1 x LPDDR5-6400 (2 mixes at full speed, 0 at a load), asked for 3 times",
    )


@pytest.mark.parametrize("channels", [4, 64])
def test_a_stride_camps_on_one_channel_and_a_hash_mends_it(channels: int) -> None:
    # Every address of the stride falls on one channel: at most 1/N of peak. The hash spreads them over all.
    strided = (f"strided:{256 * channels}", 1.0)
    plain = fraction(lpddr5(channels, channel_hash=False), strided)
    hashed = fraction(lpddr5(channels, channel_hash=True), strided)
    assert 0.4 / channels < plain <= 1 / channels
    assert hashed > 0.4


def test_a_coarser_interleave_moves_the_stride_that_camps() -> None:
    # 256 B each: a stride of 1 KiB over 4 channels meets one channel. 64 B each: of every 256 B all four have a part,
    # but 1 KiB still meets one of them. 1 KiB each: it meets one after the other.
    camps = {interleave: fraction(lpddr5(4, interleave=interleave, channel_hash=False), ("strided:1024", 1.0))
             for interleave in ("64 B", "256 B", "1 KiB")}  # fmt: skip
    assert camps["64 B"] <= 0.25
    assert camps["256 B"] <= 0.25
    assert camps["1 KiB"] > 2 * camps["256 B"]


def test_streaming_does_not_depend_on_the_number_of_channels() -> None:
    fractions = [fraction(lpddr5(channels), READS) for channels in (1, 4, 12, 64)]
    assert max(fractions) - min(fractions) < 0.01


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"part": "LPDDR5-6401"}, "unknown DRAM part 'LPDDR5-6401': did you mean 'LPDDR5-6400'"),
        ({"channel_width_bits": 32}, "dram.channel_width_bits: 32 bit contradicts the part LPDDR5-6400 (16 bit)"),
        ({"interleave": "48 B"}, "interleave must be a power of two"),
    ],
)
def test_a_chip_that_contradicts_its_part_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises((ConfigError, ConfigFileError), match=re.escape(message)):
        WindowedDram(chip(lpddr5(**changes)))


def test_another_transfer_rate_scales_the_clock_and_keeps_times_in_ns() -> None:
    # Read latency is given in cycles, refresh (tRFCab 280 ns) in ns.
    full, half = describe_dram(lpddr5()), describe_dram(lpddr5(transfer_rate="3200 MT/s"))
    assert half.clock_ps == 2 * full.clock_ps
    assert half.peak_bytes_per_s == full.peak_bytes_per_s / 2
    assert half.parameters.read_latency == full.parameters.read_latency
    assert half.parameters.refresh_to_act == full.parameters.refresh_to_act / 2
    model = WindowedDram(chip(lpddr5(transfer_rate="3200 MT/s")))
    model.capacity((READS,))
    assert model.notes()[0].startswith("DRAM in detail: LPDDR5-6400 at 3200 instead of 6400 MT/s")
