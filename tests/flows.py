"""Flows over links on a fabric of their own, for tests and benchmarks of the fabric."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from socsim.engine.kernel import Kernel
from socsim.engine.memory.fabric import Fabric
from socsim.engine.memory.link import Flow, LinkState

INF = float("inf")


class Flows:
    """A fabric over named links (bytes per ps); remembers when each named flow ended, in order."""

    def __init__(self, **bytes_per_ps: float) -> None:
        self.kernel = Kernel()
        self.links = {
            name: LinkState(index, name, capacity * 1e12) for index, (name, capacity) in enumerate(bytes_per_ps.items())
        }
        self.fabric = Fabric(self.kernel, self.links.values())
        self.ends: dict[str, int] = {}

    def flow(
        self,
        name: str,
        size_bytes: float,
        *path: str,
        cap: float = INF,
        shares: Sequence[float] | None = None,
        weight: float = 1.0,
        priority: int = 0,
        then: Callable[[Flow], Any] | None = None,
    ) -> Flow:
        """A flow over the links of `path`; at its end it leaves, then calls `then`."""

        def done(flow: Flow) -> None:
            self.ends[name] = self.kernel.now
            self.fabric.leave(flow)
            if then is not None:
                then(flow)

        links = tuple((self.links[link], share) for link, share in zip(path, shares or [1.0] * len(path), strict=True))
        return Flow(size_bytes, self.fabric.path(links, weight=weight, priority=priority), cap, done, name)

    def start(self, time_ps: int, flow: Flow) -> Flow:
        """The flow enters at a time."""
        self.kernel.after(time_ps - self.kernel.now, self.fabric.start, flow)
        return flow

    def run(self) -> dict[str, int]:
        """Until nothing is due; when each flow ended."""
        self.kernel.run()
        return self.ends

    def carried_bytes(self, link: str) -> float:
        """Bytes that crossed a link according to its counter."""
        found = [counter for counter in self.fabric.counters() if counter.name == link]
        return sum(counter.integral(self.kernel.now) for counter in found)
