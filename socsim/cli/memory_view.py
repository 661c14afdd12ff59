"""What `socsim memory` shows on a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from socsim.quantity import format_si

if TYPE_CHECKING:
    from socsim.engine.memory.dram.parameters import ClientParameters
    from socsim.engine.memory.dram.system import ClientResult, MemoryDescription, MemoryResult


def memory_table(
    title: str,
    memory: MemoryDescription,
    clients: Sequence[ClientParameters],
    found: MemoryResult,
    measured_cycles: int,
) -> RenderableType:
    """Bandwidth and latency by client and in all, then what the channels did."""
    channels = memory.parameters.channels
    peak = format_si(memory.peak_bytes_per_s, "B/s")
    table = Table(title=f"{title}: {channels} channel{'s' * (channels > 1)}, {peak} at peak", title_justify="left")
    table.add_column("client")
    for name in ("bandwidth", "reads", "writes", "of peak", "latency", "p95", "p99", "requests"):
        table.add_column(name, justify="right")
    for number, (client, result) in enumerate(zip(clients, found.clients, strict=True), 1):
        table.add_row(f"{number} {_describe(client)}", *_cells(result))
    table.add_section()
    table.add_row("all", *_cells(found.total), style="bold")
    counts = found.counts.channels
    bursts = sum(c.read_bursts + c.write_bursts for c in counts)
    activates, refreshes = sum(c.activates for c in counts), sum(c.refreshes for c in counts)
    time = format_si(measured_cycles * memory.clock_ps * 1e-12, "s")
    rows = f"{bursts / activates:.1f} bursts per activated row" if activates else "no row activated"
    return Group(table, Text(f"{time} measured; {rows}, {refreshes} refreshes", style="dim"))


def _describe(client: ClientParameters) -> str:
    pattern = "random" if client.random else "sequential" if client.stride == client.size else f"stride {client.stride}"
    arrivals = "Poisson" if client.poisson else "every"
    pace = f"{arrivals} {client.gap:g} cycles" if client.gap else f"window {client.window}"
    writes = f", {client.write_fraction:.0%} writes" if client.write_fraction else ""
    return f"{pattern}, {pace}{writes}"


def _cells(result: ClientResult) -> tuple[str, ...]:
    rates = (result.bandwidth_bytes_per_s, result.read_bytes_per_s, result.write_bytes_per_s)
    latencies = (result.latency_mean_s, result.latency_p95_s, result.latency_p99_s)
    return (
        *(format_si(rate, "B/s") if rate else "-" for rate in rates),
        f"{result.peak_fraction:.1%}",
        *("-" if latency is None else format_si(latency, "s") for latency in latencies),
        str(result.requests),
    )
