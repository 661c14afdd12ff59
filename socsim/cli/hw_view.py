"""A SoC as people read it: a tree with peaks, ridge points and ways to memory; a table of all shipped chips."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.markup import escape
from rich.table import Table
from rich.tree import Tree

from socsim.hardware import Cache, Part, Soc, UnitKinds, UnitParams
from socsim.hardware.shown import shown_size, shown_value
from socsim.quantity import format_si, ps_to_seconds


def unit_facts(soc: Soc, unit: UnitParams, unit_models: UnitKinds) -> dict[str, Any]:
    """Peaks (FLOP/s), ridge points (FLOP per byte) against DRAM and against the unit's own way to it."""
    peaks: dict[str, float] = unit_models.get(unit.kind)().peaks(unit)
    port = soc.port_bytes_per_s(unit)
    return {
        "name": unit.name,
        "kind": unit.kind,
        "clock_hz": unit.clock,
        "peak_flop_per_s": peaks,
        "port_bytes_per_s": port,
        "latency_s": ps_to_seconds(soc.latency_ps(unit)),
        "ridge_dram_flop_per_byte": {name: peak / soc.dram.peak_bytes_per_s for name, peak in peaks.items()},
        "ridge_port_flop_per_byte": {name: peak / min(port, soc.dram.peak_bytes_per_s) for name, peak in peaks.items()},
        "route": [link.name for link in soc.route(unit)],
    }


def soc_tree(soc: Soc, unit_models: UnitKinds, sources: bool = False) -> Tree:
    """The whole chip as a tree; with `sources` every number that was set, and where it is from."""
    tree = Tree(f"[bold]{escape(soc.name)}[/bold]  {escape(soc.description)}")
    units = tree.add("[bold]units[/bold]")
    for unit in soc.units:
        _add_unit(units, soc, unit, unit_models, sources)
    fabric = tree.add("[bold]fabric[/bold]")
    for link in soc.fabric_links:
        ends = f"{link.between[0]} – {link.between[1]}"
        branch = fabric.add(
            escape(f"{link.name}: {ends}, {shown_value(link, 'bandwidth')} {link.mode}, {shown_value(link, 'latency')}")
        )
        _add_sources(branch, link, sources)
    if soc.fabric is not None and sources:
        _add_sources(fabric.add(f"generated as a {escape(soc.fabric.kind)}"), soc.fabric, sources)
    if soc.caches:
        caches = tree.add("[bold]caches[/bold]")
        for cache in soc.caches:
            who = f", for {', '.join(cache.clients)}" if cache.clients else ""
            branch = caches.add(
                escape(f"{cache.name}: {shown_value(cache, 'capacity')} at {', '.join(cache.nodes)}{who}")
            )
            _add_sources(branch, cache, sources)
    dram = soc.dram
    branch = tree.add(
        f"[bold]dram[/bold]  {escape(dram.part)}, {dram.channels} × {dram.channel_width_bits} bit at "
        f"{shown_value(dram, 'transfer_rate')} = [bold]{format_si(dram.peak_bytes_per_s, 'B/s', 4)}[/bold], "
        f"{shown_size(dram.capacity)} ({shown_size(dram.reserved)} kept by the system), {shown_value(dram, 'latency')}"
    )
    _add_sources(branch, dram, sources)
    if sources and soc.numbers():
        _add_sources(tree.add("whole chip"), soc, sources)
    return tree


def hardware_table(socs: Mapping[str, Soc | str], unit_models: UnitKinds) -> Table:
    """One row per shipped chip; a description that does not load has its error instead."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("name", "units", "DRAM"):
        table.add_column(heading, no_wrap=heading != "units")
    for heading in (*(f"{name} peak" for name in _LISTED_PRECISIONS), "bandwidth"):
        table.add_column(heading, justify="right", no_wrap=True)
    for name, soc in socs.items():
        if isinstance(soc, str):
            table.add_row(escape(name), escape(soc))
            continue
        units = ", ".join(_sized(unit) for unit in soc.units)
        dram = f"{soc.dram.part}, {shown_size(soc.dram.capacity)}"
        bandwidth = format_si(soc.dram.peak_bytes_per_s, "B/s")
        table.add_row(escape(name), escape(units), escape(dram), *_best_peaks(soc, unit_models), bandwidth)
    return table


def _add_unit(units: Tree, soc: Soc, unit: UnitParams, unit_models: UnitKinds, sources: bool) -> None:
    facts = unit_facts(soc, unit, unit_models)
    branch = units.add(f"[bold]{escape(_sized(unit))}[/bold]  {escape(unit.kind)}, {shown_value(unit, 'clock')}")
    if facts["peak_flop_per_s"]:  # a block of fixed function has none
        branch.add(escape("peak   " + _by_precision(facts["peak_flop_per_s"], "FLOP/s")))
        ridge = "ridge  " + _by_precision(facts["ridge_dram_flop_per_byte"]) + " FLOP/B against DRAM"
        if facts["port_bytes_per_s"] < soc.dram.peak_bytes_per_s:
            ridge += "; " + _by_precision(facts["ridge_port_flop_per_byte"]) + " FLOP/B against its own way"
        branch.add(escape(ridge))
    starts = [
        f"{key} {shown_value(unit, key)}"
        for key in ("launch", "submit", "run_overhead", "run_submit")
        if getattr(unit, key)
    ]
    if starts:
        branch.add(escape("start  " + ", ".join(starts) + (f", by {unit.host}" if unit.host else "")))
    branch.add(escape("way    " + _way(soc, unit)))
    _add_sources(branch, unit, sources)


def _way(soc: Soc, unit: UnitParams) -> str:
    """The way to the first memory controller, and how many others there are."""
    ways = soc.ways(unit)
    steps = [_with_caches(unit.port or unit.name, soc.caches)]
    for hop in ways[0].out:
        steps.append(f"{format_si(hop.link.bandwidth, 'B/s', 4)} → {_with_caches(hop.end, soc.caches)}")
    others = f" and {len(ways) - 1} other memory nodes" if len(ways) > 1 else ""
    latency = format_si(ps_to_seconds(soc.latency_ps(unit)), "s", 3)
    most = format_si(soc.port_bytes_per_s(unit), "B/s", 4)
    return f"{' '.join(steps)}{others}; at most {most} alone, {latency} idle"


def _with_caches(node: str, caches: Sequence[Cache]) -> str:
    here = [f"{cache.name} {shown_value(cache, 'capacity')}" for cache in caches if node in cache.nodes]
    return f"{node} [{', '.join(here)}]" if here else node


def _add_sources(branch: Tree, part: Part, sources: bool) -> None:
    if sources:
        for key in part.numbers():
            source = part.source_of(key) or "no source given"
            branch.add(f"[dim]{escape(key)} = {escape(shown_value(part, key))} · {escape(source)}[/dim]")


def _sized(unit: UnitParams) -> str:
    cores = getattr(unit, "cores", None)
    return f"{unit.name} × {cores}" if cores is not None else unit.name


def _by_precision(values: Mapping[str, float], unit: str = "") -> str:
    """`fp32 fp16 2.6 TFLOP/s, int8 5.2 TFLOP/s`: widest precision first, those of one value together; without a unit as
    plain numbers."""
    together: dict[str, list[str]] = {}
    for precision in sorted(values, key=lambda name: (-int("".join(filter(str.isdigit, name)) or 0), name)):
        value = values[precision]
        together.setdefault(format_si(value, unit) if unit else f"{value:.3g}", []).append(precision)
    return ", ".join(f"{' '.join(precisions)} {value}" for value, precisions in together.items())


_LISTED_PRECISIONS = ("fp16", "int8")


def _best_peaks(soc: Soc, unit_models: UnitKinds) -> list[str]:
    """The peak of the fastest unit, by precision."""
    peaks = [unit_models.get(unit.kind)().peaks(unit) for unit in soc.units]
    best = [max((found[name] for found in peaks if name in found), default=0.0) for name in _LISTED_PRECISIONS]
    return [format_si(rate, "FLOP/s") if rate else "-" for rate in best]
