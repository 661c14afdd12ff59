"""Ways through the fabric: from each unit to the memory controllers, and back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from socsim.hardware.memory import Cache, Link


@dataclass(frozen=True, slots=True)
class Hop:
    """A link crossed from one of its nodes to the other."""

    link: Link
    start: str
    end: str

    @property
    def forward(self) -> bool:
        """Whether it is crossed in the order in which the link names its nodes."""
        return self.start == self.link.between[0]


@dataclass(frozen=True, slots=True)
class Way:
    """From a unit to one memory controller: requests and written data go out, read data comes back."""

    memory: str
    out: tuple[Hop, ...]
    back: tuple[Hop, ...]

    @property
    def latency(self) -> int:
        """Picoseconds over all links on the way out."""
        return sum(hop.link.latency for hop in self.out)


class Routing:
    """Ways over a set of links: of least latency, ties by fewer links and then by the first names."""

    def __init__(self, links: Sequence[Link]) -> None:
        self._links = tuple(links)
        self._from: dict[str, dict[str, tuple[Link, ...]]] = {}

    def reaches(self, start: str) -> dict[str, tuple[Link, ...]]:
        """The nodes that can be reached from a node, and the links on the way there."""
        known = self._from.get(start)
        if known is None:
            known = self._from[start] = shortest_routes(self._links, start)
        return known

    def way(self, start: str, memory: str) -> Way:
        """The way from a node to a memory controller; `KeyError` where there is none."""
        return Way(
            memory, _hops(self.reaches(start)[memory], start), _hops(self.reaches(memory)[start], memory)
        )  # fmt: skip


def caches_on(hops: Sequence[Hop], start: str, caches: Iterable[Cache]) -> tuple[Cache, ...]:
    """The caches at the nodes of a way, in the order in which it passes them; at one node in the order given."""
    nodes = [start, *(hop.end for hop in hops)]
    passed = [(min(nodes.index(node) for node in cache.nodes if node in nodes), cache)
              for cache in caches if any(node in nodes for node in cache.nodes)]  # fmt: skip
    return tuple(cache for _, cache in sorted(passed, key=lambda item: item[0]))


def _hops(links: Sequence[Link], start: str) -> tuple[Hop, ...]:
    hops = []
    for link in links:
        end = link.between[1] if link.between[0] == start else link.between[0]
        hops.append(Hop(link, start, end))
        start = end
    return tuple(hops)


def shortest_routes(links: tuple[Link, ...], start: str) -> dict[str, tuple[Link, ...]]:
    """Paths of least latency from `start` to every node it reaches (Dijkstra; ties by fewer links, then by name)."""
    at: dict[str, list[Link]] = {}
    for link in links:
        for node in link.between:
            at.setdefault(node, []).append(link)
    best: dict[str, tuple[tuple[int, int, tuple[str, ...]], tuple[Link, ...]]] = {start: ((0, 0, ()), ())}
    done: set[str] = set()
    while True:
        open_nodes = [node for node in best if node not in done]
        if not open_nodes:
            return {node: path for node, (_, path) in best.items()}
        node = min(open_nodes, key=lambda name: (best[name][0], name))
        done.add(node)
        (latency, hops, names), path = best[node]
        for link in at.get(node, ()):
            other = link.between[1] if link.between[0] == node else link.between[0]
            key = (latency + link.latency, hops + 1, (*names, link.name))
            if other not in best or (other not in done and key < best[other][0]):
                best[other] = (key, (*path, link))
