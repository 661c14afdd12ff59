"""Run-time scheduling policies: in which order the tasks that wait for a unit are handed to its front end."""

from socsim.engine.schedulers.policy import ReadyQueue, ReadyTask, schedulers

__all__ = ["ReadyQueue", "ReadyTask", "schedulers"]
