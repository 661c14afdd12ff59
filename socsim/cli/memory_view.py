"""What `socsim memory` shows on a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from socsim.quantity import format_si

if TYPE_CHECKING:
    from socsim.engine.memory.dram.compare import Comparison
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
    turns = "; turns move on every cycle" if memory.parameters.rotating and len(clients) > 1 else ""
    return Group(table, Text(f"{time} measured; {rows}, {refreshes} refreshes{turns}", style="dim"))


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


def comparison_table(comparison: Comparison) -> RenderableType:
    """Every mix under both models, and the errors."""
    table = Table(title=f"{comparison.part}: fluid against detailed, what one client gets", title_justify="left")
    table.add_column("mix")
    table.add_column("clients", justify="right")
    table.add_column("client")
    for name in ("bandwidth", "fluid", "error", "latency", "fluid", "error"):
        table.add_column(name, justify="right")
    for row in comparison.rows:
        table.add_row(
            row.mix,
            str(row.clients),
            row.role,
            format_si(row.detailed.bytes_per_s, "B/s"),
            format_si(row.fluid.bytes_per_s, "B/s"),
            f"{row.bandwidth_error:+.1%}",
            format_si(row.detailed.latency_s, "s"),
            format_si(row.fluid.latency_s, "s"),
            f"{row.latency_error:+.1%}",
        )
    errors = comparison.errors()
    summary = (
        f"bandwidth per client: {errors['bandwidth_mean']:.1%} mean, {errors['bandwidth_worst']:.1%} worst; "
        f"latency: {errors['latency_mean']:.1%} mean, {errors['latency_worst']:.1%} worst"
    )
    return Group(table, Text(summary))
