"""A pool of processes on this machine that survives the death of any of them.

Every worker is a fresh interpreter talked to over pipes: no fork, so no state is shared by accident, and nothing of the
caller's main module is imported again.
"""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import sys
from collections import deque
from contextlib import suppress
from dataclasses import dataclass

from socsim.errors import SocsimError
from socsim.study.execution.frames import read_frame, write_frame
from socsim.study.execution.job import Job, Outcome

_ONE_THREAD = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}
_MOST_DEATHS = 5
"""Workers in a row that die before they are up, for each worker: then the pool gives up."""


@dataclass(eq=False, slots=True)
class _Worker:
    process: subprocess.Popen[bytes]
    job: int | None = None
    started: bool = False
    """Whether it ever said that it was there."""


def available_cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class LocalPool:
    """`num_workers` processes; started when there is work, replaced when they die."""

    def __init__(self, num_workers: int) -> None:
        self._num_workers = num_workers
        self._selector = selectors.DefaultSelector()
        self._workers: list[_Worker] = []
        self._waiting: deque[Job] = deque()
        self._deaths = 0

    @property
    def num_workers(self) -> int:
        return self._num_workers

    @property
    def capacity(self) -> int:
        return self._num_workers

    @property
    def process_ids(self) -> list[int]:
        """Process ids of the workers that live."""
        return [worker.process.pid for worker in self._workers]

    def submit(self, job: Job) -> None:
        self._waiting.append(job)
        self._assign()

    def wait(self) -> list[Outcome]:
        self._assign()
        outcomes: list[Outcome] = []
        while not outcomes:
            for key, _ in self._selector.select():
                outcome = self._receive(key.data)
                if outcome is not None:
                    outcomes.append(outcome)
            self._assign()
        return outcomes

    def close(self) -> None:
        self._waiting.clear()
        for worker in list(self._workers):
            self._remove(worker, kill=True)
        self._selector.close()

    def _assign(self) -> None:
        while self._waiting:
            worker = next((worker for worker in self._workers if worker.job is None), None)
            if worker is None:
                if len(self._workers) >= self._num_workers:
                    return
                worker = self._start()
            job = self._waiting.popleft()
            request = json.dumps({"function": job.function, "items": list(job.items), "code": job.code})
            assert worker.process.stdin is not None  # opened as a pipe
            worker.job = job.number
            # a worker that just died is noticed by its closed output, and the job counts as lost then
            with suppress(OSError):
                write_frame(worker.process.stdin, request.encode())  # type: ignore[arg-type]

    def _start(self) -> _Worker:
        process = subprocess.Popen(
            [sys.executable, "-m", "socsim.study.execution.pool_worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,  # a buffer would hide a second message from the selector
            env={**_ONE_THREAD, **os.environ},
            # an interrupt from the keyboard is the driver's to handle: it closes the pool
            start_new_session=True,
        )
        worker = _Worker(process)
        self._workers.append(worker)
        self._selector.register(process.stdout, selectors.EVENT_READ, worker)  # type: ignore[arg-type]
        return worker

    def _receive(self, worker: _Worker) -> Outcome | None:
        pipe = worker.process.stdout
        assert pipe is not None  # opened as a pipe
        head = read_frame(pipe)  # type: ignore[arg-type]
        if head is not None and not worker.started:
            worker.started = True
            self._deaths = 0
            return None
        blob = read_frame(pipe) if head is not None else None  # type: ignore[arg-type]
        number, worker.job = worker.job, None
        if head is None or blob is None:
            return self._lost(worker, number)
        answer = json.loads(head)
        if answer["error"]:
            raise SocsimError(answer["error"])
        assert number is not None  # a worker answers jobs only
        return Outcome(number, blob, answer["wall_s"])

    def _lost(self, worker: _Worker, number: int | None) -> Outcome | None:
        status = self._remove(worker, kill=False)
        if not worker.started:
            self._deaths += 1
            if self._deaths > _MOST_DEATHS * self._num_workers:
                raise SocsimError(f"worker processes cannot start ({status}); what they printed says why")
        return Outcome(number, None, lost=f"its process died ({status})") if number is not None else None

    def _remove(self, worker: _Worker, *, kill: bool) -> str:
        self._workers.remove(worker)
        process = worker.process
        assert process.stdout is not None  # opened as pipes, both
        assert process.stdin is not None
        self._selector.unregister(process.stdout)
        if kill:
            process.kill()
        with suppress(OSError):
            process.stdin.close()
        process.stdout.close()
        status = process.wait()
        return f"signal {-status}" if status < 0 else f"exit status {status}"
