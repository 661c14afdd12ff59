"""When the requests of a stream fall due, where time alone decides it."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from socsim.quantity import seconds_to_ps
from socsim.workload.scenario import Arrival, Listed, Once, Periodic, Poisson


def arrival_times(arrival: Arrival, random: Random) -> Iterator[int]:
    """Picoseconds in order, without end for periodic and Poisson arrivals. Closed and following streams have none."""
    match arrival:
        case Once(at_ps=at_ps):
            yield at_ps
        case Listed(times_ps=times_ps):
            yield from times_ps
        case Periodic():
            index = 0
            while True:
                jitter = random.randrange(arrival.jitter_ps) if arrival.jitter_ps else 0
                yield arrival.nominal_ps(index) + jitter
                index += 1
        case Poisson(rate_hz=rate_hz):
            now_ps = 0
            while True:
                now_ps += seconds_to_ps(random.expovariate(rate_hz))
                yield now_ps
