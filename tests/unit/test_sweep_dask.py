"""Is a sweep on a Dask cluster the same as here, also when a worker is killed? What would a batch system be told?"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from socsim.errors import ConfigError, ConfigFileError, SocsimError
from socsim.study.cluster import cluster_executor
from socsim.study.cluster.dask_executor import DaskExecutor, connect
from socsim.study.cluster.site import Site, read_site
from socsim.study.cluster.start import BATCH, batch_options
from socsim.study.execution.progress import Silent
from socsim.study.run_sweep import sweep

pytestmark = pytest.mark.filterwarnings("default")
"""Libraries of the cluster warn about one another."""

SWEEP = """
base: {hardware: apple/m1, workload: resnet-18, options: {units: [gpu], precision: fp16}}
axes:
  units.gpu.cores: {range: {from: 1, to: 8, step: 1}}
  units.gpu.clock: {linspace: {from: 1 GHz, to: 1.5 GHz, points: 15}}
"""


class Killer(Silent):
    """Kills a worker of a cluster on this machine once some points are done."""

    def __init__(self, executor: DaskExecutor, after: int) -> None:
        self._executor = executor
        self._after = after
        self._done = 0
        self.killed = 0

    def advance(self, count: int, failed: int, best: str) -> None:
        self._done += count
        if self._done >= self._after and not self.killed:
            self.killed = next(iter(self._executor.process_ids().values()))
            os.kill(self.killed, signal.SIGKILL)


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    distributed = pytest.importorskip("distributed", reason="needs the extra 'cluster'")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, local_directory=str(tmp_path)
    ) as cluster:
        yield cluster.scheduler_address


@pytest.mark.slow
def test_is_the_table_the_same_from_dask_with_a_worker_killed(address: str, tmp_path: Path) -> None:
    file = tmp_path / "sweep.yaml"
    file.write_text(SWEEP, encoding="utf-8")
    here = sweep(file, tmp_path / "here", workers=2)
    executor = connect(address)
    killer = Killer(executor, 10)
    try:
        there = sweep(file, tmp_path / "there", executor=executor, progress=killer)
    finally:
        executor.close()
    assert killer.killed
    assert here.computed == there.computed == 120
    assert there.failed == 0
    tables = [(tmp_path / name / "results.parquet").read_bytes() for name in ("here", "there")]
    assert tables[0] == tables[1]


def test_is_a_scheduler_that_does_not_answer_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("distributed", reason="needs the extra 'cluster'")
    monkeypatch.setattr("socsim.study.cluster.dask_executor._CONNECT_S", 1)
    with pytest.raises(SocsimError, match=r"no Dask scheduler answers at 127\.0\.0\.1:1"):
        cluster_executor("dask://127.0.0.1:1", None, None)


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ("slrm", "did you mean 'slurm'"),
        ("dask://", "expected dask://host:port"),
        ("dask://host", "expected dask://host:port"),
    ],
)
def test_is_an_unknown_cluster_an_error(where: str, words: str) -> None:
    pytest.importorskip("distributed", reason="needs the extra 'cluster'")
    with pytest.raises(ConfigError, match=words):
        cluster_executor(where, None, None)


def test_are_site_settings_strict(tmp_path: Path) -> None:
    file = tmp_path / "site.yaml"
    file.write_text("workers: 0\nmemory: 4\nqueu: long\n", encoding="utf-8")
    with pytest.raises(ConfigFileError) as error:
        read_site(file)
    text = str(error.value)
    assert "site.yaml:1:10: workers: expected a whole number of at least 1" in text
    assert "site.yaml:2:9: memory: expected text" in text
    assert "site.yaml:3:1: unknown key 'queu': did you mean 'queue'" in text


@pytest.mark.parametrize("where", sorted(BATCH))
def test_does_every_batch_system_get_a_job_script(where: str, tmp_path: Path) -> None:
    jobqueue = pytest.importorskip("dask_jobqueue", reason="needs the extra 'cluster'")
    file = tmp_path / "site.yaml"
    file.write_text(
        "workers: 40\ncores: 16\nmemory: 32 GiB\nwalltime: '02:00:00'\nqueue: long\naccount: us\n"
        "prologue: [module load python]\npython: /shared/bin/python\n",
        encoding="utf-8",
    )
    site = read_site(file)
    assert site.num_jobs == 3
    with getattr(jobqueue, BATCH[where])(**batch_options(where, site, tmp_path / "logs")) as cluster:
        script = cluster.job_script()
    assert "/shared/bin/python -m distributed.cli.dask_worker" in script
    assert "--nthreads 1" in script
    assert "--nworkers 16" in script
    assert "module load python" in script
    if where != "htcondor":
        assert "long" in script
        assert "us" in script
    expected = {"slurm": "#SBATCH -t 02:00:00", "lsf": "#BSUB -W 02:00:00", "pbs": "#PBS -l walltime=02:00:00",
                "sge": "#$ -l h_rt=02:00:00", "htcondor": "RequestCpus"}  # fmt: skip
    assert expected[where] in script


def test_what_is_asked_for_without_a_site_file() -> None:
    assert Site() == read_site(None)
    assert Site().num_jobs == 4
