"""Run-time scheduling policies: in which order the tasks that wait for a unit are handed to its front end."""

from socsim.engine.schedulers.policy import Ordered, ReadyQueue, ReadyTask, schedulers

__all__ = ["Ordered", "ReadyQueue", "ReadyTask", "schedulers"]
