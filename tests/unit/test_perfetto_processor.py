"""The timeline as Perfetto's own trace processor reads it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from socsim.report.perfetto import write_trace
from tests.synthetic_run import camera_and_assistant
from tests.trace_structure import read_trace

CHECK = Path(__file__).parents[2] / "scripts" / "perfetto-check"
TOOLS_MISSING = 3

pytestmark = pytest.mark.perfetto


@pytest.fixture(scope="module")
def trace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("perfetto") / "trace.pftrace"
    write_trace(camera_and_assistant().record, path)
    return path


def ask(trace: Path, *queries: str) -> str:
    done = subprocess.run(
        [sys.executable, str(CHECK), str(trace), *queries], capture_output=True, text=True, check=False
    )
    if done.returncode == TOOLS_MISSING:
        pytest.skip(done.stderr.strip())
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def rows(trace: Path, query: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in ask(trace, query).splitlines()]


def test_the_trace_processor_finds_nothing_wrong(trace: Path) -> None:
    assert "the trace is fine" in ask(trace)


def test_it_sees_the_slices_samples_and_arrows_that_were_written(trace: Path) -> None:
    tracks = read_trace(trace).tracks
    query = "select (select count(*) from slice) as slices, (select count(*) from counter) as samples, "
    query += "(select count(*) from flow) as arrows"
    assert rows(trace, query) == [
        {
            "slices": sum(len(track.slices) for track in tracks),
            "samples": sum(len(track.samples) for track in tracks),
            "arrows": 4,
        }
    ]


def test_it_nests_slices_as_they_were_meant(trace: Path) -> None:
    query = """select p.name as process, t.name as track, s.name, s.ts, s.dur, s.depth from slice s
        join process_track t on s.track_id = t.id join process p using (upid)"""
    found = {(r["process"], r["track"], r["name"], r["ts"], r["ts"] + r["dur"], r["depth"]) for r in rows(trace, query)}
    meant = {
        (track.process, track.name, piece.name, piece.begin_ns, piece.end_ns, piece.depth)
        for track in read_trace(trace).tracks
        for piece in track.slices
    }
    assert found == meant


def test_it_reads_units_and_attributes(trace: Path) -> None:
    units = {row["name"]: row["unit"] for row in rows(trace, "select name, unit from counter_track")}
    assert units["dram"] == "GB/s"
    assert units["gpu busy"] == "fraction"
    (row,) = rows(
        trace, "select extract_arg(arg_set_id, 'debug.flop') as flop from slice where name = 'conv' and ts = 41000 "
        "and extract_arg(arg_set_id, 'debug.flop') is not null"
    )  # fmt: skip
    assert row == {"flop": 20_000_000}
