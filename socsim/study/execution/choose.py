"""The executor that a command asks for: processes here, or a cluster."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from socsim.errors import ConfigError
from socsim.study.execution.inline import Inline
from socsim.study.execution.job import Executor
from socsim.study.execution.local_pool import LocalPool, available_cores


@contextmanager
def executor_for(
    cluster: str | None, site: Path | None, workers: int | None, logs: Path | None = None
) -> Iterator[Executor]:
    """An executor, closed at the end; a batch system writes what its jobs print to `logs`.

    Raises `ConfigError` for a cluster that is not known or not installed.
    """
    if cluster is not None:
        from socsim.study.cluster import cluster_executor

        executor: Executor = cluster_executor(cluster, site, workers, logs)
    else:
        if site is not None:
            raise ConfigError("--site", "describes a cluster; name one with --cluster")
        executor = Inline() if workers == 0 else LocalPool(workers or available_cores())
    try:
        yield executor
    finally:
        executor.close()
