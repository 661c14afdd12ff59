"""Runs made by hand, to test what reads a run without an engine in between."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from socsim.result import CacheTotals, Counter, Gate, InstanceRecord, LinkTotals, RunResult, SimulatorCost, Spans
from socsim.taskgraph import Access, Task, TaskGraph, Variant


class SpanRows:
    """Spans with defaults: a body without fill and drain, launched and ready when it starts."""

    def __init__(self) -> None:
        self.spans = Spans()

    def add(self, instance: int, task: int, start: int, end: int, **values: int) -> int:
        """Append one executed task; returns its row."""
        ready = values.get("ready_ps", start)
        row = {
            "instance": instance, "task": task, "variant": 0, "lane": 0, "ready_ps": ready, "launch_start_ps": ready,
            "launch_end_ps": ready, "start_ps": start, "end_ps": end, "done_ps": end, "fill_ps": 0,
            "compute_ps": end - start, "alone_ps": 0, "dram_read_bytes": 0, "dram_write_bytes": 0, "plan": -1,
            "gate": -1, "gate_kind": int(Gate.ARRIVAL),
        }  # fmt: skip
        assert set(values) <= set(row)
        row |= values
        self.spans.append(**row)
        return len(self.spans) - 1


def make_task(name: str, unit: str = "gpu", predecessors: Sequence[int] = (), **values: Any) -> Task:
    """A task with one variant; `slots`, `handover_ps`, `read_bytes` and `write_bytes` go to the variant."""
    accesses = (Access(0, values.pop("read_bytes", 0), values.pop("write_bytes", 0)),)
    variant = Variant(unit, 1, accesses, slots=values.pop("slots", 1), handover_ps=values.pop("handover_ps", 0))
    values.setdefault("label", name)
    values.setdefault("kind", "matmul")
    return Task(name=name, predecessors=tuple(predecessors), variants=(variant,), **values)


def make_graph(*tasks: Task, name: str = "net", bindings: str = "") -> TaskGraph:
    return TaskGraph(name=name, tasks=tasks, buffers=(), bindings=bindings, workload=name)


def instance(stream: str, graph: int, arrival: int, done: int, index: int = 0, **values: Any) -> InstanceRecord:
    values.setdefault("phase", "run")
    values.setdefault("num_tasks", 1)
    return InstanceRecord(stream=stream, graph=graph, index=index, arrival_ps=arrival, done_ps=done, **values)


def make_run(
    rows: SpanRows,
    instances: Sequence[InstanceRecord],
    graphs: Sequence[TaskGraph],
    *,
    unit_slots: Mapping[str, int] | None = None,
    links: Sequence[LinkTotals] = (),
    caches: Sequence[CacheTotals] = (),
    series: Sequence[Counter] = (),
    manifest: Mapping[str, Any] | None = None,
    partial: bool = False,
    notes: Sequence[str] = (),
) -> RunResult:
    slots = dict(unit_slots or {"gpu": 1, "npu": 1})
    return RunResult(
        hardware="made/by_hand",
        workloads=tuple(dict.fromkeys(graph.workload for graph in graphs)),
        seed=7,
        spans=rows.spans,
        instances=tuple(instances),
        graphs=tuple(graphs),
        units=tuple(slots),
        unit_slots=slots,
        links=tuple(links),
        caches=tuple(caches),
        make_series=lambda: tuple(series),
        dram_peak_bytes_per_s=100e9,
        manifest=manifest or {},
        simulator=SimulatorCost(wall_s=0.5, cpu_s=0.25, events=100),
        partial=partial,
        notes=tuple(notes),
    )


US = 10**6
"""Picoseconds in a microsecond."""


def camera_and_assistant() -> RunResult:
    """Two streams on three units, with hand-over, contention, drains that overlap, a missed deadline, a warm-up frame,
    a generation of three tokens, caches and counters. Times in microseconds:

        gpu   |camera 0: conv 0-10|.|assistant prefill 12-30|decode 32-36|decode 36.5-41|camera 1: conv 41-52|
        npu              |camera 0: head 13-20|                                          |camera 1: head 56-60|
        cpu (4 lanes)  assistant sample 30-32 on two lanes, tokenize 30-31 on a third
    """
    camera = make_graph(
        make_task("conv", "gpu", label="backbone.stem.conv", kind="convolution", flop=20_000_000,
                  matmul_flop=18_000_000, read_bytes=600_000, write_bytes=100_000, operations=("op0", "op1")),
        make_task("head", "npu", (0,), label="classifier", kind="matmul", flop=4_000_000, matmul_flop=4_000_000,
                  read_bytes=100_000, write_bytes=4_000, handover_ps=2 * US),
        name="camera_net",
    )  # fmt: skip
    prefill = make_graph(
        make_task("attention", "gpu", label="model.layers.0.self_attn", kind="attention", flop=90_000_000,
                  matmul_flop=88_000_000, read_bytes=900_000, write_bytes=50_000),
        make_task("sample", "cpu", (0,), label="sampler", kind="reduction", flop=1_000, slots=2, read_bytes=4_000),
        make_task("tokenize", "cpu", (0,), label="tokenizer", kind="embedding", slots=1, read_bytes=400),
        name="chat", bindings="seq=16 past=0",
    )  # fmt: skip
    decode = make_graph(
        make_task("attention", "gpu", label="model.layers.0.self_attn", kind="attention", flop=2_000_000,
                  matmul_flop=1_900_000, read_bytes=800_000, write_bytes=1_000),
        name="chat", bindings="seq=1 past=16",
    )  # fmt: skip
    rows = SpanRows()
    conv0 = rows.add(0, 0, 1 * US, 10 * US, ready_ps=0, launch_start_ps=0, launch_end_ps=US // 2, fill_ps=US // 2,
                     done_ps=11 * US, compute_ps=9 * US, alone_ps=6 * US, dram_read_bytes=600_000,
                     gate_kind=int(Gate.LAUNCH))  # fmt: skip
    head0 = rows.add(0, 1, 13 * US, 20 * US, ready_ps=13 * US, launch_start_ps=2 * US, launch_end_ps=3 * US,
                     compute_ps=2 * US, alone_ps=4 * US, dram_read_bytes=100_000, dram_write_bytes=4_000,
                     gate=conv0, gate_kind=int(Gate.DEPENDENCY))  # fmt: skip
    fore = rows.add(1, 0, 12 * US, 30 * US, ready_ps=5 * US, launch_start_ps=5 * US, launch_end_ps=6 * US,
                    fill_ps=2 * US, compute_ps=12 * US, alone_ps=9 * US, dram_read_bytes=900_000, gate=conv0,
                    gate_kind=int(Gate.UNIT))  # fmt: skip
    rows.add(1, 2, 30 * US, 31 * US, lane=2, gate=fore, gate_kind=int(Gate.DEPENDENCY))
    sample = rows.add(1, 1, 30 * US, 32 * US, lane=0, gate=fore, gate_kind=int(Gate.DEPENDENCY))
    decode0 = rows.add(2, 0, 32 * US, 36 * US, ready_ps=32 * US, done_ps=37 * US, compute_ps=US, alone_ps=4 * US,
                       dram_read_bytes=800_000, gate=sample, gate_kind=int(Gate.ARRIVAL))  # fmt: skip
    decode1 = rows.add(3, 0, 37 * US + US // 2, 41 * US, ready_ps=37 * US, done_ps=42 * US, fill_ps=US // 2,
                       compute_ps=US, alone_ps=3 * US, dram_read_bytes=800_000, gate=decode0,
                       gate_kind=int(Gate.ARRIVAL))  # fmt: skip
    conv1 = rows.add(4, 0, 41 * US, 52 * US, ready_ps=35 * US, done_ps=53 * US, compute_ps=9 * US, alone_ps=6 * US,
                     dram_read_bytes=600_000, gate=decode1, gate_kind=int(Gate.UNIT))  # fmt: skip
    rows.add(4, 1, 56 * US, 60 * US, ready_ps=55 * US, fill_ps=1 * US, compute_ps=2 * US, alone_ps=4 * US,
             dram_read_bytes=100_000, dram_write_bytes=4_000, gate=conv1,
             gate_kind=int(Gate.DEPENDENCY))  # fmt: skip
    assert head0 == 1
    instances = [
        instance("camera", 0, 0, 20 * US, 0, num_tasks=2, deadline_ps=33 * US, warm_up=True),
        instance("assistant", 1, 5 * US, 32 * US, 0, num_tasks=3, phase="prefill", tokens=16),
        instance("assistant", 2, 32 * US, 37 * US, 1, phase="decode", tokens=1),
        instance("assistant", 2, 37 * US, 42 * US, 2, phase="decode", tokens=1),
        instance("camera", 0, 35 * US, 60 * US, 1, num_tasks=2, deadline_ps=58 * US),
    ]
    bandwidth = Counter("dram", "B/s", "bandwidth")
    for time_us, rate in ((0, 0.0), (1, 60e9), (10, 14e9), (12, 50e9), (30, 0.0), (32, 80e9), (41, 55e9), (60, 0.0)):
        bandwidth.sample(time_us * US, rate)
    occupancy = Counter("slc", "B", "occupancy")
    for time_us, size in ((0, 0.0), (10, 600e3), (30, 900e3)):
        occupancy.sample(time_us * US, size)
    return make_run(
        rows,
        instances,
        [camera, prefill, decode],
        unit_slots={"cpu": 4, "gpu": 1, "npu": 1},
        links=[
            LinkTotals("gpu_port", 80e9, 3_600_000, 0, busiest_bytes=3_600_000),
            LinkTotals("dram", 100e9, 3_800_000, 8_000),
        ],
        caches=[CacheTotals("slc", 1_000_000, 1_000_000, 3_800_000, 8_000)],
        series=[bandwidth, occupancy],
        manifest={
            "roofs": [
                {"unit": "gpu", "precision": "fp16", "flop_per_s": 10e12},
                {"unit": "npu", "precision": "int8", "flop_per_s": 11e12},
            ],
            "dram_peak_bytes_per_s": 100e9,
            "hardware": {
                "name": "made/by_hand",
                "units": [{"name": "gpu", "kind": "gpu", "clock": 1_000_000_000,
                           "sources": {"clock": "assumed", "cores": "a data sheet, table 3"}}],
            },
            "options": {"seed": 7},
        },
        notes=["the camera network's lengths are its defaults"],
    )  # fmt: skip


def many_tasks(num_instances: int, num_layers: int = 50) -> RunResult:
    """A chain of instances of `2 * num_layers` tasks each, first on one unit, then on the other, with a counter."""
    tasks: list[Task] = []
    for layer in range(num_layers):
        for place, name in enumerate(("attn", "mlp")):
            before = [len(tasks) - 1] if tasks else []
            tasks.append(
                make_task(f"layers.{layer}.{name}/linear", "gpu" if layer % 2 else "npu", before,
                          label=f"layers.{layer}.{name}", flop=1_000_000 * (1 + place), read_bytes=10_000)
            )  # fmt: skip
    graph = make_graph(*tasks, name="deep")
    rows = SpanRows()
    records = []
    bandwidth = Counter("dram", "B/s", "link")
    now, last = 0, -1
    for number in range(num_instances):
        arrival = now
        for index in range(len(tasks)):
            end = now + US + 1000 * (index % 7)
            kind = Gate.DEPENDENCY if index else Gate.ARRIVAL
            last = rows.add(number, index, now + 1000, end, ready_ps=now, fill_ps=1000, done_ps=end + 500,
                            compute_ps=US // 2, alone_ps=end - now - 1000, dram_read_bytes=10_000, gate=last,
                            gate_kind=int(kind))  # fmt: skip
            bandwidth.sample(now, 10e9 + 1e8 * (index % 5))
            now = end + 500
        records.append(instance("deep", 0, arrival, now, number, num_tasks=len(tasks)))
    return make_run(rows, records, [graph], series=[bandwidth], links=[LinkTotals("dram", 100e9, 10**9, 0)])
