"""Can an outside package add a scheduler and a kind of unit, each with one file and no edit of socsim?"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).resolve().parents[1] / "plugin_example"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The example package installed into a folder of its own, and an environment that sees it."""
    target = tmp_path_factory.mktemp("plugin")
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--target"]
    subprocess.run([*command, str(target), str(EXAMPLE)], check=True, stdin=subprocess.DEVNULL)
    return {**os.environ, "PYTHONPATH": str(target)}


def socsim(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "socsim", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_a_run_uses_the_scheduler_and_the_unit_of_the_package(installed: dict[str, str]) -> None:
    run = socsim(installed, "run", str(EXAMPLE / "chip.yaml"), "resnet-18", "--scheduler", "longest_first", "--json")
    assert run.returncode == 0, run.stderr
    summary = json.loads(run.stdout)
    assert summary["units"]["stream"]["tasks"] == summary["tasks"] > 0
    # 1 TFLOP/s in all: the run takes at least its FLOP in picoseconds.
    assert summary["latency_s"] >= summary["flop"] / 1e12


def test_without_the_package_its_names_are_unknown() -> None:
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    run = socsim(environment, "run", str(EXAMPLE / "chip.yaml"), "resnet-18")
    assert run.returncode == 2
    assert "unknown kind of unit 'stream_processor'" in run.stderr
    assert "Traceback" not in run.stderr
