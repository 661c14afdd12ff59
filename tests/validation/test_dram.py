"""Does the detailed DRAM model give what Ramulator 2.1 measured, and does every configuration run?"""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from socsim.cli.app import app
from socsim.engine.memory.dram.requests import parse_requests
from socsim.engine.memory.dram.system import run_memory_system
from socsim.validation.dram import FOLDER, DramRow, configurations, reference_files, validate_dram
from socsim.validation.dram_view import dram_data, dram_lines

QUICK = (
    "a_seq_w4",
    "b_rand",
    "c_seq2",
    "c_seq4_aligned",
    "d_rw_67_33",
    "d_randrw_67_33",
    "e_stride1024",
    "f_rand_40",
    "f_stream_100",
    "g_chase_hog",
)


def test_rows_are_those_of_the_reference_as_far_as_it_is_printed() -> None:
    rows = validate_dram(wanted=QUICK.__contains__)
    assert len(rows) == 3 * (6 + 3 + 5 + 5) + 3
    for row in rows:
        assert abs(row.bytes_per_s - row.measured_bytes_per_s) < 0.0011e9, row
        assert abs(row.latency_s - row.measured_latency_s) < 0.11e-9, row


@pytest.mark.parametrize("name", sorted(path.stem for path in FOLDER.glob("cfg_*.json")))
def test_every_configuration_runs(name: str) -> None:
    memory = configurations()[name]
    line = parse_requests("1 8 1 4000 1000 seq:0:64:0.33:0:67108864:64:0 rand:40:16:0:67108864:67108864:64:1")
    found = run_memory_system(memory, line.clients, 4000, 1000)
    assert 0.3 < found.total.peak_fraction < 1
    assert all(client.requests for client in found.clients)


STREAM, RANDOM = "seq:0:64:0:4505600:67108864:64:0", "rand:0:64:0:0:1073741824:64:0"


@pytest.mark.parametrize(
    ("name", "clients", "percent_of_peak"),
    [
        ("LPDDR5_c1_nr", f"1 8 1 300000 20000 {STREAM}", 99.6),
        ("LPDDR5_c1_nr", f"1 8 1 300000 20000 {RANDOM}", 77.2),
        ("LPDDR5_c1_pb", f"1 8 1 300000 20000 {STREAM}", 95.2),
        ("LPDDR5_c1_pb", f"1 8 1 300000 20000 {RANDOM}", 73.3),
        ("LPDDR5_c8_ab", "1 8 1 80000 20000 rand:0:512:0:0:1073741824:64:0", 66.0),
        ("DDR5_c1_ab", f"1 8 0 600000 20000 {STREAM}", 91.4),
        ("DDR5_c1_ab", f"1 8 0 600000 20000 {RANDOM}", 45.7),
        ("DDR5_c1_ab", "1 8 0 600000 20000 seq:0:64:0.5:4505600:67108864:64:0", 47.7),
        ("DDR5_c1_ab", "1 8 0 600000 20000 seq:0:64:0:0:268435456:1024:0", 47.4),
    ],
)
def test_other_configurations_reach_what_was_measured_of_peak(name: str, clients: str, percent_of_peak: float) -> None:
    # measured by the same front end; only these figures are known, to one digit
    pytest.importorskip("numba")
    line = parse_requests(clients)
    found = run_memory_system(
        configurations()[f"cfg_{name}"], line.clients, line.measured_cycles or 0, line.warm_cycles or 0
    )
    assert 100 * found.total.peak_fraction == pytest.approx(percent_of_peak, abs=0.11)


def test_an_error_past_its_limit_is_said() -> None:
    row = DramRow("ref", "a_seq", "sequential", "all", 10e9, 10.2e9, 100e-9, 101e-9)
    assert not dram_data([row])["ok"]
    assert any("FAILED" in line for line in dram_lines([row]))


def test_validate_dram_prints_json(monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(reference_files()) == 4
    monkeypatch.setattr("socsim.validation.dram.reference_files", lambda: ["refg2_LPDDR5_c1_ab"])
    result = CliRunner().invoke(app, ["validate", "dram", "--json"])
    assert result.exit_code == 0
    printed = json.loads(result.stdout)
    assert printed["ok"]
    assert {"client", "bandwidth_error", "latency_error", "file"} <= set(printed["rows"][0])
