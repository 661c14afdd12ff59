"""The section of the page about energy: by level and by unit, where a power model knows it."""

from __future__ import annotations

from html import escape

from socsim.quantity import format_si
from socsim.report.html.shown import Shown
from socsim.report.html.table import table
from socsim.result.energy import EnergyTotals


def energy(record: Shown) -> str:
    """Energy in all, by level and by unit; empty where the chip's power is not known."""
    summary = record.summary
    if summary["energy_j"] is None:
        return ""
    facts = [
        ["energy", format_si(summary["energy_j"], "J")],
        ["average power", format_si(summary["average_power_w"], "W")],
        ["peak power", format_si(summary["peak_power_w"], "W")],
    ]
    if "energy_range_j" in summary:
        low, high = summary["energy_range_j"]
        facts.append(["with uncertain inputs", f"{format_si(low, 'J')} to {format_si(high, 'J')}"])
    runs = sum(figures["completed"] for figures in summary["streams"].values())
    if runs > 1:
        facts.append(["per completion", format_si(summary["energy_j"] / runs, "J")])
    parts = [table(["", ""], facts)]
    bar = ""
    totals = record.energy_totals
    if totals is not None and totals.total_j > 0:
        bar = _bar(totals)
        parts += [_levels(totals), _units(totals)]
    return f'<section id="energy"><h2>Energy</h2>{bar}<div class="columns">{"".join(parts)}</div></section>'


def levels_of(energy: EnergyTotals) -> list[tuple[str, str, float]]:
    """Where the energy went: a word for styles, what it is, joules. They add up to the total."""
    units = energy.units.values()
    return [
        ("arithmetic", "arithmetic", sum(unit.operations_j for unit in units)),
        ("units", "units while they work, besides", sum(unit.active_j for unit in units)),
        ("fabric", "fabric and caches, by bytes", energy.fabric_j),
        ("dram", "DRAM, by bytes", energy.dram_access_j),
        ("standby", "DRAM, standby", energy.dram_background_j),
        ("idle", "units while they wait", sum(unit.idle_j for unit in units)),
        ("leakage", "leakage", energy.leakage_j),
        ("rest", "rest of the chip", energy.base_j),
    ]


def _bar(energy: EnergyTotals) -> str:
    levels = [(word, text, joules / energy.total_j) for word, text, joules in levels_of(energy) if joules > 0]
    label = ", ".join(f"{text} {share:.0%}" for _, text, share in levels)
    pieces = "".join(
        f'<span class="level-{word}" style="flex-grow:{share:.5f}" title="{escape(text)} {share:.1%}"></span>'
        for word, text, share in levels
    )
    return f'<div class="bar" role="img" aria-label="{escape(label)}">{pieces}</div>'


def _levels(energy: EnergyTotals) -> str:
    rows = "".join(
        f'<tr><th scope="row"><span class="swatch level-{word}"></span>{escape(text)}</th>'
        f"<td>{format_si(joules, 'J')}</td><td>{joules / energy.total_j:.1%}</td></tr>"
        for word, text, joules in levels_of(energy)
        if joules > 0
    )
    head = "".join(f'<th scope="col">{text}</th>' for text in ("level", "energy", "share"))
    return f'<div class="scroll"><table class="plain"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'


def _units(energy: EnergyTotals) -> str:
    rows = [
        [
            name,
            *(format_si(joules, "J") for joules in (unit.operations_j, unit.active_j, unit.idle_j, unit.leakage_j)),
            format_si(unit.total_j, "J"),
            f"{unit.total_j / energy.total_j:.1%}",
        ]
        for name, unit in sorted(energy.units.items(), key=lambda item: -item[1].total_j)
        if unit.total_j > 0
    ]
    return table(["unit", "arithmetic", "besides", "waiting", "leakage", "all", "share"], rows)
