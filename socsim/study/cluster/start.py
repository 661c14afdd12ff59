"""Starts the cluster that `--cluster` names, or connects to it."""

from __future__ import annotations

import importlib
import math
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from socsim.errors import ConfigError, SocsimError
from socsim.registry import did_you_mean
from socsim.study.cluster.site import Site, read_site
from socsim.study.execution.job import Executor

DASK = "dask://"
BATCH = {
    "slurm": "SLURMCluster",
    "lsf": "LSFCluster",
    "pbs": "PBSCluster",
    "sge": "SGECluster",
    "htcondor": "HTCondorCluster",
}
"""Batch systems and their class in dask-jobqueue."""
_SUBMIT = {"slurm": "sbatch", "lsf": "bsub", "pbs": "qsub", "sge": "qsub", "htcondor": "condor_submit"}
KUBERNETES = "kubernetes"


def cluster_executor(where: str, site_file: Path | None, workers: int | None, logs: Path | None = None) -> Executor:
    """The executor for `dask://host:port`, a batch system or `kubernetes`. `workers` overrides the site's.

    Raises `ConfigError` for an unknown name or where a library is not installed, `ConfigFileError` for a
    wrong site file.
    """
    known = [*BATCH, KUBERNETES]
    if not where.startswith(DASK) and where not in known:
        raise ConfigError("--cluster", f"unknown '{where}': {did_you_mean(where, [*known, 'dask://host:port'])}")
    site = read_site(site_file)
    _need("distributed", "socsim[cluster]")
    from socsim.study.cluster import dask_executor

    if where.startswith(DASK):
        host, _, port = where.removeprefix(DASK).rpartition(":")
        if not host or not port.isdecimal():
            raise ConfigError("--cluster", f"expected dask://host:port, e.g. dask://10.0.0.1:8786, got '{where}'")
        return dask_executor.connect(where.removeprefix(DASK))
    if workers:
        site = Site(**{**{name: getattr(site, name) for name in Site.__slots__}, "workers": workers})
    cluster = _kubernetes(site) if where == KUBERNETES else _batch(where, site, logs)
    from distributed import Client

    client = Client(cluster, set_as_default=False)
    return dask_executor.DaskExecutor(client, site.workers, cluster.close)


def batch_options(where: str, site: Site, logs: Path | None = None) -> dict[str, Any]:
    """The settings of a site as options of the class in dask-jobqueue."""
    options: dict[str, Any] = {
        "cores": site.cores,
        "processes": site.cores,
        "memory": f"{math.ceil(site.memory_bytes / 2**20)} MiB",
        "python": site.python or sys.executable,
        "job_script_prologue": list(site.prologue),
        "job_extra_directives": list(site.directives),
        "death_timeout": 300,
        "scheduler_options": {"dashboard_address": None},
    }
    if logs is not None:
        options["log_directory"] = str(logs)
    if site.folder:
        options["local_directory"] = site.folder
    if site.interface:
        options["interface"] = site.interface
    if where == "htcondor":
        options["disk"] = "1 GiB"
        options["job_extra_directives"] = dict(line.split("=", 1) for line in site.directives)
        return options
    options["walltime"] = site.walltime
    if site.queue:
        options["queue"] = site.queue
    if site.account:
        options["project" if where in ("lsf", "sge") else "account"] = site.account
    if where == "lsf":
        options["ncpus"] = site.cores
        options["mem"] = site.memory_bytes
    return options


def _batch(where: str, site: Site, logs: Path | None) -> Any:
    _need("dask_jobqueue", "socsim[cluster]")
    if shutil.which(_SUBMIT[where]) is None:
        raise ConfigError(
            "--cluster", f"{where} needs {_SUBMIT[where]}, which is not here: run this where jobs are submitted"
        )
    import dask
    import dask_jobqueue

    # a point that kills its process is our driver's to narrow down, not to be tried on worker after worker
    dask.config.set({"distributed.scheduler.allowed-failures": 0})
    cluster = getattr(dask_jobqueue, BATCH[where])(**batch_options(where, site, logs))
    if where == "slurm":
        try:
            _ask_slurm(cluster.job_script())
        except ConfigError:
            cluster.close()
            raise
    # jobs that end early (walltime, a node that fails) are submitted again
    cluster.adapt(minimum_jobs=site.num_jobs, maximum_jobs=site.num_jobs)
    return cluster


def _ask_slurm(script: str) -> None:
    """Raise `ConfigError` with Slurm's own words where it would not take a job; nothing is submitted. (Dask would log a
    traceback and wait for workers that never come.)"""
    asked = subprocess.run(["sbatch", "--test-only"], input=script, capture_output=True, text=True, check=False)
    if asked.returncode:
        words = asked.stderr.strip().splitlines() or [f"exit status {asked.returncode}"]
        raise ConfigError("--cluster", f"Slurm does not take the job: {words[-1]}")


def _kubernetes(site: Site) -> Any:
    _need("dask_kubernetes", "dask-kubernetes")
    from dask_kubernetes.operator import KubeCluster

    if not site.image:
        raise ConfigError("--site", "kubernetes needs 'image': a container image with socsim[cluster] installed")
    resources = {"cpu": "1", "memory": f"{math.ceil(site.memory_bytes / site.cores / 2**20)}Mi"}
    try:
        return KubeCluster(
            name="socsim",
            namespace=site.namespace or None,
            image=site.image,
            n_workers=site.workers,
            resources={"requests": resources, "limits": resources},
            env={"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0"},
            worker_command=["dask", "worker", "--nthreads", "1"],
        )
    except Exception as error:
        raise SocsimError(f"Kubernetes does not start the cluster: {type(error).__name__}: {error}") from error


def _need(module: str, package: str) -> None:
    try:
        importlib.import_module(module)
    except ImportError as error:
        raise ConfigError("--cluster", f"needs {module}: pip install '{package}' ({error})") from None
