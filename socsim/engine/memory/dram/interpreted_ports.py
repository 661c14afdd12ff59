"""What the channels and the ports of the plain Python engine share."""

from __future__ import annotations

from collections.abc import Callable

from socsim.engine.memory.dram.parameters import FAR, ChannelParameters


class Ports:
    """What channels and ports share: free places of the queues, who waits for one, and when the ports must look."""

    __slots__ = ("ahead", "blocked", "finish", "left", "returns", "room", "visits", "waiting", "wake", "writers")

    def __init__(self, par: ChannelParameters, writers: bool, requests: list[int]) -> None:
        self.room = [par.read_queue, par.write_queue] * par.channels
        self.waiting = [0] * (2 * par.channels)
        self.visits = [FAR] * par.channels
        self.wake = [0]
        self.writers = writers
        self.blocked = [-1] * len(requests)  # by client: the queue it waits for; -2: its window; -1: nothing
        self.ahead = [0.0] * len(requests)  # by client that follows another: its requests that may come now
        self.left = requests  # requests still to come; -1: without end
        self.returns: list[list[int]] = [[] for _ in requests]  # cycles at which data is back
        self.finish: Callable[[list[int], int], None]
