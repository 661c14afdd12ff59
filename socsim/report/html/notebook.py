"""What a notebook shows of a run: headline numbers, the bottleneck as a bar, the longest operations."""

from __future__ import annotations

from html import escape

from socsim.quantity import PS_PER_S, format_si
from socsim.report.wording import CAUSE_HINTS, generation_lines
from socsim.result.bottleneck import CAUSES
from socsim.result.operations import merge_layers
from socsim.result.record import RunRecord

_TOP = 8
_SHOWN_FRACTION = 0.005
_COLOURS = {
    "compute": "#2f9e6b", "memory": "#4a7fe0", "contention": "#b65cbb", "latency": "#2a9db5", "launch": "#cf8a1b",
    "queue": "#d65555", "handover": "#8b6fe0", "idle": "#8a919d",
}  # fmt: skip
"""Readable on white and on black: a notebook's theme is not the page's to choose."""


def notebook_view(record: RunRecord) -> str:
    """A few lines of HTML with their style in them, for `_repr_html_`."""
    summary = record.summary
    workload = ", ".join(record.workloads) or "nothing"
    facts = [("latency", format_si(summary["latency_s"], "s", 4))]
    facts += generation_lines(summary["generation"] or {})
    if summary["energy_j"] is not None:
        facts.append(("energy", f"{format_si(summary['energy_j'], 'J')}, {format_si(summary['average_power_w'], 'W')}"))
    facts.append(("arithmetic", format_si(summary["achieved_flop_per_s"], "FLOP/s")))
    facts.append(("DRAM", f"{format_si(summary['dram_average_bytes_per_s'], 'B/s')}, "
                          f"{summary['dram_peak_fraction']:.0%} of peak"))  # fmt: skip
    shown = "".join(
        f'<span style="margin-right:1.6em;white-space:nowrap"><span style="opacity:.7">{escape(name)}</span> '
        f"<b>{escape(text)}</b></span>"
        for name, text in facts
    )
    notes = "".join(f'<div style="opacity:.8">note: {escape(note)}</div>' for note in record.notes)
    return (
        f'<div style="font-family:system-ui,sans-serif;line-height:1.5;max-width:60em">'
        f"<div><b>{escape(workload)}</b> on <b>{escape(record.hardware)}</b></div>"
        f"<div>{shown}</div>{_bar(record)}{_operations(record)}{notes}</div>"
    )


def _bar(record: RunRecord) -> str:
    shares = record.summary["bound_by"]
    causes = [cause for cause in sorted(CAUSES, key=lambda name: -shares[name]) if shares[cause] >= _SHOWN_FRACTION]
    if not causes or not record.latency_ps:
        return ""
    bar = "".join(
        f'<span title="{cause} {shares[cause]:.1%}" style="flex:{shares[cause]:.4f} 0 0;background:{_COLOURS[cause]}">'
        "</span>"
        for cause in causes
    )
    words = ", ".join(f"{cause} {shares[cause]:.0%}" for cause in causes)
    return (
        f'<div role="img" aria-label="bound by {words}" style="display:flex;height:1em;border-radius:4px;'
        f'overflow:hidden;margin:.4em 0 .2em">{bar}</div><div>bound by {words}: '
        f'<span style="opacity:.8">{escape(CAUSE_HINTS[causes[0]])}</span></div>'
    )


def _operations(record: RunRecord) -> str:
    single = record.operations
    merged = merge_layers(single)
    total = sum(item.busy_ps for item in merged)
    if not total:
        return ""
    rows = "".join(
        f'<tr><td style="text-align:left"><code>{escape(_title(item.name, item.phase))}</code></td>'
        f"<td>{escape(item.unit)}</td><td>{format_si(item.busy_ps / PS_PER_S, 's')}</td>"
        f"<td>{item.busy_ps / total:.1%}</td><td>{item.bound_by}</td></tr>"
        for item in merged[:_TOP]
    )
    head = "".join(f"<th>{text}</th>" for text in ("", "unit", "time", "share", "bound by"))
    more = f'<div style="opacity:.7">the longest of {len(single)} operations; * stands for repeated layers</div>'
    return f'<table style="margin:.4em 0"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>{more}'


def _title(name: str, phase: str) -> str:
    return name if phase == "run" else f"{name} ({phase})"
