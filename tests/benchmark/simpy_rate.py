"""The yardstick: callback events per CPU second of SimPy alone, in this process on this machine now."""

from __future__ import annotations

import time
from typing import Any

import simpy


def simpy_events_per_s(num_events: int = 200_000) -> float:
    """Ten chains of timeouts whose callback starts the next, nothing else."""
    environment = simpy.Environment()
    left = num_events

    def again(_: Any) -> None:
        nonlocal left
        left -= 1
        if left > 0:
            environment.timeout(1).callbacks.append(again)

    for _ in range(10):
        environment.timeout(1).callbacks.append(again)
    begin = time.process_time()
    environment.run()
    return num_events / (time.process_time() - begin)
