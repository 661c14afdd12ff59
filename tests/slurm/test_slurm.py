"""Is a sweep on a real Slurm complete, each point once, with a worker killed and a job cancelled in the middle?"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from socsim.study.cluster import cluster_executor
from socsim.study.cluster.dask_executor import DaskExecutor
from socsim.study.execution.progress import Silent
from socsim.study.run_sweep import sweep

pytestmark = [pytest.mark.slurm, pytest.mark.slow, pytest.mark.filterwarnings("default")]

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"
SWEEP = """
base: {hardware: apple/m1, workload: resnet-18, options: {units: [gpu], precision: fp16}}
axes:
  units.gpu.cores: {range: {from: 1, to: 8, step: 1}}
  units.gpu.clock: {linspace: {from: 1 GHz, to: 1.5 GHz, points: 25}}
"""


@pytest.fixture(scope="module")
def slurm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    if not all(shutil.which(program) for program in ("slurmctld", "slurmd", "munged")):
        pytest.skip("needs the packages slurm-wlm and munge")
    if os.geteuid() != 0:
        pytest.skip("needs root to start Slurm")
    pytest.importorskip("dask_jobqueue", reason="needs the extra 'cluster'")
    state = tmp_path_factory.mktemp("slurm")
    subprocess.run([SCRIPTS / "slurm-up", state], check=True, stdout=subprocess.DEVNULL, timeout=60)
    before = os.environ.get("SLURM_CONF")
    os.environ["SLURM_CONF"] = str(state / "slurm.conf")
    yield state
    subprocess.run([SCRIPTS / "slurm-down", state], check=True, timeout=60)
    if before is None:
        del os.environ["SLURM_CONF"]
    else:
        os.environ["SLURM_CONF"] = before


class Trouble(Silent):
    """Kills a worker after some points, and cancels a whole job after some more."""

    def __init__(self, executor: DaskExecutor) -> None:
        self._executor = executor
        self._done = 0
        self.troubles: list[str] = []

    def advance(self, count: int, failed: int, best: str) -> None:
        self._done += count
        if self._done >= 20 and not self.troubles:
            os.kill(next(iter(self._executor.process_ids().values())), signal.SIGKILL)
            self.troubles.append("killed")
        if self._done >= 60 and len(self.troubles) == 1:
            jobs = subprocess.run(
                ["squeue", "-h", "-o", "%i"], capture_output=True, text=True, check=True
            ).stdout.split()
            subprocess.run(["scancel", jobs[0]], check=True)
            self.troubles.append("cancelled")


def test_is_the_table_the_same_from_slurm_with_a_worker_killed_and_a_job_cancelled(slurm: Path, tmp_path: Path) -> None:
    file, site = tmp_path / "sweep.yaml", tmp_path / "site.yaml"
    file.write_text(SWEEP, encoding="utf-8")
    site.write_text(f"workers: 2\nmemory: 1 GiB\ninterface: lo\nfolder: {slurm}\n", encoding="utf-8")
    executor = cluster_executor("slurm", site, None, tmp_path / "logs")
    assert isinstance(executor, DaskExecutor)
    trouble = Trouble(executor)
    try:
        there = sweep(file, tmp_path / "there", executor=executor, progress=trouble)
    finally:
        executor.close()
    here = sweep(file, tmp_path / "here", workers=2)
    assert trouble.troubles == ["killed", "cancelled"]
    assert (there.computed, there.failed) == (200, 0)
    assert len(set(there.results.columns["point"].values)) == 200
    assert (tmp_path / "there" / "results.parquet").read_bytes() == (tmp_path / "here" / "results.parquet").read_bytes()
    assert here.computed == 200
