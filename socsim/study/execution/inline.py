"""Jobs in this very process: for a notebook, a debugger, or a handful of points."""

from __future__ import annotations

from socsim.study.execution.job import Job, Outcome, run_job


class Inline:
    """Runs a job when it is waited for. A point that crashes the interpreter takes the study with it."""

    capacity = 1
    num_workers = 1

    def __init__(self) -> None:
        self._waiting: list[Job] = []

    def submit(self, job: Job) -> None:
        self._waiting.append(job)

    def wait(self) -> list[Outcome]:
        job = self._waiting.pop(0)
        blob, wall_s = run_job(job.function, job.items, job.code)
        return [Outcome(job.number, blob, wall_s)]

    def close(self) -> None:
        self._waiting.clear()
