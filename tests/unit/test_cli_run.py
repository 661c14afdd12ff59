"""Does `socsim run` answer good input with exact output, and bad input with one clear message and exit status 2?"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

GOOD = ("run", "apple/m1", "resnet-18", "--json")


def socsim(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "socsim", *arguments],
        env={**os.environ, **environment}, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_json_prints_one_object_and_nothing_else_on_standard_output() -> None:
    run = socsim(*GOOD)
    assert run.returncode == 0, run.stderr
    summary = json.loads(run.stdout)
    assert summary["latency_s"] > 0
    assert summary["simulator"]["tasks_per_s"] > 0


def test_a_run_leaves_every_file_and_no_other(tmp_path: Path) -> None:
    run = socsim("run", "apple/m1", "resnet-18", "--out", str(tmp_path / "out"))
    assert run.returncode == 0, run.stderr
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "counters.parquet", "manifest.json", "mapping.yaml", "report.html", "summary.json", "tasks.parquet",
        "timing.json", "trace.pftrace",
    ]  # fmt: skip
    assert "simulator" not in json.loads((tmp_path / "out" / "summary.json").read_text())


def test_the_same_bytes_come_out_under_three_hash_seeds(tmp_path: Path) -> None:
    outputs = []
    for seed in ("0", "1", "31337"):
        folder = tmp_path / seed
        run = socsim("run", "apple/m1", "resnet-18", "bert-base", "--out", str(folder), PYTHONHASHSEED=seed)
        assert run.returncode == 0, run.stderr
        outputs.append({p.name: p.read_bytes() for p in folder.iterdir() if p.name != "timing.json"})
    assert outputs[0] == outputs[1] == outputs[2]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("run", "apple/m1_mac", "resnet-18"), ["apple/m1_max", "did you mean"]),
        (("run", "apple/m1", "resnet-51"), ["resnet-5", "did you mean"]),
        (("run", "apple/m1"), ["at least one workload"]),
        (("run", "apple/m1", "resnet-18", "--units", "gpuu"), ["gpuu", "did you mean 'gpu'"]),
        (("run", "apple/m1", "resnet-18", "--precision", "fp17"), ["fp17", "did you mean"]),
        (("run", "apple/m1", "resnet-18", "--weights", "q4_9"), ["q4_9", "did you mean"]),
        (("run", "apple/m1", "resnet-18", "--set", "units.gpu.coers=8"), ["coers", "did you mean 'cores'"]),
        (("run", "apple/m1", "resnet-18", "--set", "units.gpu.clock=1400"), ["clock", "unit"]),
        (("run", "apple/m1", "resnet-18", "--set", "units.gpu.cores=-1"), ["cores", "at least 1"]),
        (("run", "apple/m1", "resnet-18", "--scheduler", "fifi"), ["fifi", "did you mean 'fifo'"]),
        (("run", "apple/m1", "resnet-18", "--place", "ruler"), ["ruler", "did you mean 'rule'"]),
        (("run", "apple/m1", "resnet-18", "--repeat", "0"), ["--repeat"]),
        (("run", "apple/m1", "llama-3.2-1b", "--prompt", "0"), ["prompt"]),
        (("run", "apple/m1", "llama-3.2-1b", "--tokens", "-3"), ["token"]),
        (("run", "apple/m1", "llama-3.2-1b", "--prompt", "999999999"), ["seq", "999999999"]),
        (("run", "apple/m1", "resnet-18", "--length", "seq"), ["NAME=N"]),
        (("run", "apple/m1", "llama-2-7b"), ["memory", "8"]),
        (("run", "apple/m1", "resnet-18", "--frobnicate"), ["frobnicate"]),
    ],
)
def test_wrong_input_gets_one_clear_message_and_status_2(arguments: tuple[str, ...], words: list[str]) -> None:
    run = socsim(*arguments)
    assert run.returncode == 2, (run.stdout, run.stderr)
    assert run.stdout == ""
    assert "Traceback" not in run.stderr
    for word in words:
        assert word in run.stderr


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", ["gzip"]),
        (b"hello world", ["gzip"]),
        (b"\x1f\x8b\x08\x00truncated", []),
    ],
)
def test_a_foreign_or_broken_workload_file_is_named(tmp_path: Path, content: bytes, words: list[str]) -> None:
    path = tmp_path / "w.json.gz"
    path.write_bytes(content)
    run = socsim("run", "apple/m1", str(path))
    assert run.returncode == 2, (run.stdout, run.stderr)
    assert "w.json.gz" in run.stderr
    assert "Traceback" not in run.stderr


def test_an_output_folder_that_cannot_be_written_is_refused_before_anything_runs(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    run = socsim("run", "apple/m1", "resnet-18", "--out", str(tmp_path / "file" / "out"))
    assert run.returncode == 2, (run.stdout, run.stderr)
    assert "Traceback" not in run.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file"]
