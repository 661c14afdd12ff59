"""Jobs on a Dask cluster, however it was started."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from socsim.errors import SocsimError
from socsim.study.execution.job import Job, Outcome, run_job

_AHEAD = 2
"""Jobs under way per worker: one that runs, one that waits beside it."""

_CONNECT_S = 30


class DaskExecutor:
    """Talks to the scheduler of a Dask cluster. `close` lets go of the client and of the cluster, if it is ours."""

    def __init__(self, client: Any, expected_workers: int, close_cluster: Callable[[], None] | None = None) -> None:
        from distributed import as_completed

        self._client = client
        self._expected = expected_workers
        self._close_cluster = close_cluster
        self._futures: dict[str, int] = {}
        self._completed = as_completed([], loop=client.loop, raise_errors=False)

    def process_ids(self) -> dict[str, int]:
        """Process id of each worker by its address, on whatever machine."""
        return dict(self._client.run(os.getpid))

    @property
    def num_workers(self) -> int:
        """Threads of the workers that are there now; what was asked for until the first one comes."""
        threads = self._client.nthreads()
        return sum(threads.values()) or self._expected

    @property
    def capacity(self) -> int:
        return _AHEAD * max(self.num_workers, self._expected)

    def submit(self, job: Job) -> None:
        # the scheduler must not take two jobs for one because they look alike: no `pure`, a key of its own
        key = f"socsim-{self._client.id}-{job.number}"
        future = self._client.submit(run_job, job.function, list(job.items), job.code, key=key, pure=False)
        self._futures[key] = job.number
        self._completed.add(future)

    def wait(self) -> list[Outcome]:
        return [self._outcome(future) for future in self._completed.next_batch(block=True)]

    def close(self) -> None:
        # a cluster that is gone already cannot be told to stop
        with suppress(OSError, RuntimeError, TimeoutError):
            self._client.close(timeout=10)
        if self._close_cluster is not None:
            self._close_cluster()

    def _outcome(self, future: Any) -> Outcome:
        from distributed.scheduler import KilledWorker

        number = self._futures.pop(future.key)
        if future.status == "finished":
            blob, wall_s = future.result()
            return Outcome(number, blob, wall_s)
        if future.status in ("cancelled", "lost"):
            raise SocsimError("the connection to the cluster was lost; results so far are kept, run it again to go on")
        error = future.exception()
        if isinstance(error, KilledWorker):
            return Outcome(number, None, lost="its worker died")
        if isinstance(error, SocsimError):
            raise error
        raise SocsimError(f"a worker cannot run socsim: {type(error).__name__}: {error}") from error


def connect(address: str) -> DaskExecutor:
    """The cluster whose scheduler listens at `host:port`. Raises `SocsimError` where nobody answers."""
    from distributed import Client

    try:
        client = Client(address if "://" in address else f"tcp://{address}", timeout=_CONNECT_S, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        raise SocsimError(f"no Dask scheduler answers at {address}: {error}") from error
    return DaskExecutor(client, max(1, sum(client.nthreads().values())))
