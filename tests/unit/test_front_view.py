"""Can the best points of a study be read on any terminal?"""

from __future__ import annotations

import json
from io import StringIO

from rich.console import Console

from socsim.cli.front_view import print_points
from socsim.study.execution.table import Column, Results

AXES = {
    "units": Column(["npu", "gpu", "npu"]),
    "units.npu.clock": Column([800_000_000, 1_200_000_000, 1_000_000_000], "Hz"),
    "units.npu.on_chip": Column([2 * 2**20, 5 * 2**20, 12 * 2**20], "B"),
    "transforms": Column(["none", "prune_channels: {fraction: 0.125}", "prune_channels: {fraction: 0.25}"]),
    "dram.channels": Column([8, 8, 8]),
}
RESULTS = Results(
    {"latency_s": Column([0.00048801, 0.00071436, None]), "energy_j": Column([0.0022115, 0.0019999, None]), **AXES},
    {"axes": json.dumps([*AXES])},
)


def printed(width: int, rows: tuple[int, ...]) -> str:
    text = StringIO()
    console = Console(file=text, width=width, highlight=False)
    print_points(RESULTS, (("latency_s", "min"), ("energy_j", "min")), rows, "elsewhere", console)
    return text.getvalue()


def test_a_wide_terminal_has_a_column_per_axis_that_differs_with_units() -> None:
    text = printed(160, (0, 1))
    assert "│ 488.01 µs │ 2.2115 mJ │   npu │         800 MHz │             2 MiB │" in text
    assert text.splitlines()[-1] == "all with dram.channels=8"


def test_a_narrow_terminal_shows_the_same_in_lines_that_fit() -> None:
    lines = printed(60, (0, 1)).splitlines()
    assert all(len(line) <= 60 for line in lines)
    assert " 1 488.01 µs  2.2115 mJ" in lines
    text = " ".join(line.strip() for line in lines)
    assert (
        "units=gpu, units.npu.clock=1.2 GHz, units.npu.on_chip=5 MiB, transforms=prune_channels: {fraction: 0.125}"
        in text
    )


def test_a_single_point_names_all_its_axes() -> None:
    assert "dram.channels" in printed(160, (0,))
    assert "all with" not in printed(160, (0,))
    assert printed(160, ()) == ""
