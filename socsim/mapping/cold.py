"""A cold start: the first run of a workload reads its weights from storage before it can use them.

Each task waits for a read of the weights that it is the first to need, so loading and computing overlap as with a file
that is mapped into memory. Weights that a unit would keep on chip from run to run travel to it once, in this run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from socsim.hardware import UnitParams
from socsim.taskgraph import Access, Buffer, Task, TaskGraph, Variant
from socsim.workload import Workload


def cold_graph(graph: TaskGraph, workload: Workload, storage: UnitParams) -> TaskGraph:
    """The graph with a read from the unit `storage` before each task that needs weights nobody has read yet."""
    buffers = list(graph.buffers)
    on_unit = _kept_on_unit(graph, workload)
    inputs = {operation.id: operation.inputs for operation in workload.operations}
    loaded: set[str] = set()
    tasks: list[Task] = []
    place: list[int] = []
    for task in graph.tasks:
        new = [root for root in _weights_of(task, graph, workload, inputs) if root not in loaded]
        loaded.update(new)
        control = [place[before] for before in task.control]
        variants = task.variants
        size = sum(_size_bytes(workload, root) for root in new)
        if size:
            buffers.append(Buffer(f"{task.name} weights", size, "activation", "instance"))
            control.append(len(tasks))
            tasks.append(_read(task, len(buffers) - 1, size, storage))
            kept = sum(on_unit[root] for root in new)
            if kept:
                buffers.append(Buffer(f"{task.name} weights on chip", kept, "activation", "instance"))
            variants = tuple([_waiting(variant, len(buffers) - 1, kept) for variant in variants])
        place.append(len(tasks))
        tasks.append(
            replace(
                task, predecessors=tuple([place[i] for i in task.predecessors]), control=tuple(control),
                variants=variants,
            )
        )  # fmt: skip
    return replace(graph, tasks=tuple(tasks), buffers=tuple(buffers), structure=None)


def _read(task: Task, buffer: int, size_bytes: int, storage: UnitParams) -> Task:
    variant = Variant(
        unit=storage.name,
        cycles=0,
        accesses=(Access(buffer, 0, size_bytes),),
        launch_ps=storage.launch,
        last_tile_bytes=min(size_bytes, storage.tile),
    )
    name = f"{task.name} from storage"
    return Task(name=name, label=task.label, kind="data_movement", predecessors=(), variants=(variant,))


def _waiting(variant: Variant, buffer: int, kept_bytes: int) -> Variant:
    """Nothing can be fetched ahead of a task while it still lies in storage."""
    accesses = [access._replace(ahead=False) for access in variant.accesses]
    if kept_bytes:
        accesses.append(Access(buffer, kept_bytes, 0))
    first = variant.first_tile_bytes + variant.ahead_tile_bytes
    return replace(variant, accesses=tuple(accesses), first_tile_bytes=first, ahead_tile_bytes=0)


def _weights_of(task: Task, graph: TaskGraph, workload: Workload, inputs: Mapping[str, Sequence[str]]) -> list[str]:
    """Weights (roots) that a task's operations read, and those of which it fetches a piece for a later task."""
    names = [name for identity in task.operations for name in inputs[identity]]
    for variant in task.variants:
        names += [_root(graph.buffers[access.buffer], workload) for access in variant.accesses]
    roots = [workload.root(name) for name in names if name in workload.tensors]
    return [root for root in dict.fromkeys(roots) if workload.tensors[root].role == "weight"]


def _root(buffer: Buffer, workload: Workload) -> str:
    """The tensor a buffer holds; a piece of one is called `<tensor> from <byte>`."""
    return buffer.name if buffer.name in workload.tensors else buffer.name.rpartition(" from ")[0]


def _size_bytes(workload: Workload, root: str) -> int:
    return workload.tensors[root].bind({}).size_bytes


def _kept_on_unit(graph: TaskGraph, workload: Workload) -> dict[str, int]:
    """Weight (root) -> bytes of it that stay on their unit from run to run: those that no buffer in memory holds."""
    in_memory: dict[str, int] = {}
    for buffer in graph.buffers:
        root = _root(buffer, workload)
        in_memory[root] = in_memory.get(root, 0) + buffer.size_bytes
    roots = [name for name, tensor in workload.tensors.items() if tensor.role == "weight" and tensor.alias_of is None]
    return {root: _size_bytes(workload, root) - in_memory.get(root, 0) for root in roots}
