"""What must hold for any task graph: no law of nature is broken, on a thousand random ones."""

from __future__ import annotations

import random
from itertools import pairwise

import numpy as np

from socsim.taskgraph import Task
from tests.building import execute, make_graph, make_soc, make_task

DRAM_BYTES_PER_S = 100e9
UNITS = ("a", "b", "c")


def random_tasks(rng: random.Random) -> list[Task]:
    tasks: list[Task] = []
    for index in range(rng.randint(1, 25)):
        read = rng.choice([0, rng.randint(1, 50_000)])
        write = rng.choice([0, rng.randint(1, 20_000)])
        tasks.append(
            make_task(
                rng.choice(UNITS), rng.choice([0, rng.randint(1, 500)]), read, write,
                after=sorted(rng.sample(range(index), min(index, rng.randint(0, 3)))),
                launch_ps=rng.choice([0, 20_000]), first_tile_bytes=min(read, rng.choice([0, 1_000])),
                last_tile_bytes=min(write, rng.choice([0, 1_000])), name=f"t{index}",
            )
        )  # fmt: skip
    return tasks


def test_makespan_is_never_below_critical_path_work_or_bytes_and_bytes_are_conserved() -> None:
    rng = random.Random("random graphs")
    soc = make_soc({name: {"queue_depth": 3} for name in UNITS}, latency="5 ns")
    for _ in range(1000):
        tasks = random_tasks(rng)
        executor = execute(soc, [(0, make_graph(tasks))], DRAM_BYTES_PER_S)
        spans = executor.spans
        done = dict(zip(spans.column("task").tolist(), spans.column("done_ps").tolist(), strict=True))
        makespan = max(done.values())
        assert len(done) == len(tasks)

        longest: list[int] = []
        for task in tasks:
            variant = task.variants[0]
            alone = variant.launch_ps * 0 + variant.cycles * 1000
            longest.append(max([longest[i] for i in task.predecessors], default=0) + alone)
        assert makespan >= max(longest)

        for unit in UNITS:
            assert makespan >= sum(t.variants[0].cycles * 1000 for t in tasks if t.variants[0].unit == unit)
            launches = sum(t.variants[0].launch_ps for t in tasks if t.variants[0].unit == unit)
            assert makespan >= launches

        moved = sum(t.variants[0].read_bytes + t.variants[0].write_bytes for t in tasks)
        assert makespan >= moved / DRAM_BYTES_PER_S * 1e12 - 1
        tally = executor.memory.dram_tally
        assert tally.read_bytes + tally.write_bytes == moved
        carried = sum(c.integral(makespan) for c in executor.memory.fabric.counters() if c.name == "dram")
        # Each flow's last picosecond is rounded up at its last rate.
        assert abs(carried - moved) <= 0.1 * len(tasks) * 2 + 1e-6 * moved

        for task_index, task in enumerate(tasks):
            row = int(np.flatnonzero(spans.column("task") == task_index)[0])
            assert spans.column("start_ps")[row] <= spans.column("end_ps")[row] <= spans.column("done_ps")[row]
            for before in task.predecessors:
                assert spans.column("end_ps")[row] >= done[before]


def test_bodies_of_an_exclusive_unit_never_overlap() -> None:
    rng = random.Random("exclusive")
    soc = make_soc({name: {"queue_depth": 2} for name in UNITS})
    for _ in range(100):
        tasks = random_tasks(rng)
        spans = execute(soc, [(0, make_graph(tasks))], DRAM_BYTES_PER_S).spans
        for unit in UNITS:
            rows = [r for r, t in enumerate(spans.column("task").tolist()) if tasks[t].variants[0].unit == unit]
            times = sorted((int(spans.column("start_ps")[r]), int(spans.column("end_ps")[r])) for r in rows)
            assert all(first[1] <= second[0] for first, second in pairwise(times))
