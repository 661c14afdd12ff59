"""Pages of a key-value cache on their way to storage or back: one task of the storage unit."""

from __future__ import annotations

from socsim.cost.storage import StorageParams
from socsim.quantity import PS_PER_S, bytes_to_ps
from socsim.taskgraph import Access, Buffer, Task, TaskGraph, Variant


def swap_graph(size_bytes: int, storage: StorageParams, leaves_memory: bool) -> TaskGraph:
    """Moves so many bytes from memory to the storage unit, or from there into memory. Storage writes at
    `write_bandwidth` where it says one: its body is then that long at least."""
    name = "swap out" if leaves_memory else "swap in"
    cycles = 0
    if leaves_memory and storage.write_bandwidth is not None:
        cycles = -(-bytes_to_ps(size_bytes, storage.write_bandwidth) * storage.clock // PS_PER_S)
    moved = (size_bytes, 0) if leaves_memory else (0, size_bytes)
    variant = Variant(
        unit=storage.name,
        cycles=cycles,
        accesses=(Access(0, *moved, whole=False),),
        launch_ps=storage.launch,
        last_tile_bytes=min(moved[1], storage.tile),
    )
    task = Task(name, "key-value cache", "data_movement", (), (variant,))
    buffer = Buffer("pages of the key-value cache", size_bytes, "state", "instance")
    return TaskGraph(name, (task,), (buffer,), f"{size_bytes} bytes", workload=name)
