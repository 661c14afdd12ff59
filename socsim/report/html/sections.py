"""The parts of the page that are text: headline, bottleneck, streams, units and links, configuration."""

from __future__ import annotations

from html import escape

from socsim.quantity import format_bytes, format_si
from socsim.report.html.shown import Shown
from socsim.report.html.table import table
from socsim.report.wording import CAUSE_HINTS, CAUSE_MEANINGS, generation_lines
from socsim.result.bottleneck import CAUSES

_SHOWN_FRACTION = 0.0005


def tiles(record: Shown) -> str:
    """Headline numbers."""
    summary = record.summary
    found = [("latency", format_si(summary["latency_s"], "s", 4), "first arrival to last completion")]
    if summary["generation"]:
        found += [(name, text, "") for name, text in generation_lines(summary["generation"])]
    runs = sum(figures["completed"] for figures in summary["streams"].values())
    if not summary["generation"] and summary["latency_s"]:
        found.append(("throughput", format_si(runs / summary["latency_s"], "/s"), f"{runs:,} completed"))
    found.append(("arithmetic", format_si(summary["achieved_flop_per_s"], "FLOP/s"), _of_peak(record)))
    found.append(
        (
            "DRAM",
            format_si(summary["dram_average_bytes_per_s"], "B/s"),
            f"{summary['dram_peak_fraction']:.0%} of peak; {format_bytes(summary['dram_read_bytes'])} read, "
            f"{format_bytes(summary['dram_write_bytes'])} written",
        )
    )
    if summary["energy_j"] is not None:
        found.append(("energy", format_si(summary["energy_j"], "J"), f"{format_si(summary['average_power_w'], 'W')}"))
    found.append(("tasks", f"{summary['tasks']:,}", f"{format_si(summary['flop'], 'FLOP')} in all"))
    return "".join(
        f'<div class="tile"><dt>{escape(name)}</dt><dd>{escape(text)}<small>{escape(note)}</small></dd></div>'
        for name, text, note in found
    )


def _of_peak(record: Shown) -> str:
    """The achieved rate as a fraction of the peaks, at their best precision, of the units that ran something."""
    used = {name for name, figures in record.summary["units"].items() if figures["tasks"]}
    peaks: dict[str, float] = {}
    for roof in record.manifest.get("roofs", ()):
        if roof["unit"] in used:
            peaks[roof["unit"]] = max(peaks.get(roof["unit"], 0.0), roof["flop_per_s"])
    if not peaks:
        return ""
    fraction = record.summary["achieved_flop_per_s"] / sum(peaks.values())
    return f"{fraction:.1%} of the peak of {' + '.join(sorted(peaks))}"


def notes(record: Shown) -> str:
    """What the reader must know before believing a number."""
    texts = list(record.notes)
    if record.partial and not any("partial" in text for text in texts):
        texts.append("partial: operators without a formula were priced by their bytes alone")
    return "".join(f'<p class="note" role="note">{escape(text)}</p>' for text in texts)


def bottleneck(record: Shown) -> str:
    """A bar of causes and what each means."""
    shares = record.summary["bound_by"]
    shown = [cause for cause in sorted(CAUSES, key=lambda name: -shares[name]) if shares[cause] >= _SHOWN_FRACTION]
    if not shown:
        return "<p>The run took no time.</p>"
    bar = "".join(
        f'<span class="cause-{cause}" style="flex-grow:{shares[cause]:.5f}" title="{cause} {shares[cause]:.1%}"></span>'
        for cause in shown
    )
    rows = "".join(
        f'<tr><th scope="row"><span class="swatch cause-{cause}"></span>{cause}</th>'
        f"<td>{shares[cause]:.1%}</td><td>{format_si(shares[cause] * record.summary['latency_s'], 's')}</td>"
        f"<td>{escape(CAUSE_MEANINGS[cause])}</td></tr>"
        for cause in shown
    )
    return (
        f'<p class="lead">Mostly <strong>{shown[0]}</strong> ({shares[shown[0]]:.0%}): {CAUSE_HINTS[shown[0]]} '
        f"{_busiest_link(record)}</p>"
        f'<div class="bar" role="img" aria-label="{", ".join(f"{c} {shares[c]:.0%}" for c in shown)}">{bar}</div>'
        f'<table class="plain"><thead><tr><th scope="col">cause</th><th scope="col">share</th>'
        f'<th scope="col">time</th><th scope="col">what it is</th></tr></thead><tbody>{rows}</tbody></table>'
    )


def _busiest_link(record: Shown) -> str:
    links = record.summary["links"]
    if not links:
        return ""
    name = max(links, key=lambda key: links[key]["peak_fraction"])
    return f"The busiest link was {escape(name)}, at {links[name]['peak_fraction']:.0%} of its peak."


def streams(record: Shown) -> str:
    """A table of streams, where there is more than one or one ran more than once."""
    figures = record.summary["streams"]
    if len(figures) < 2 and not any(item["completed"] > 1 for item in figures.values()):
        return ""
    rows = []
    for name, item in figures.items():
        latency = item["latency_s"] or {}
        cells = [format_si(latency[key], "s") if latency else "–" for key in ("mean", "p50", "p95", "p99", "max")]
        generation = "; ".join(f"{key} {text}" for key, text in generation_lines(item["generation"] or {}))
        rows.append(
            [name, f"{item['completed']:,}", format_si(item["throughput_per_s"], "/s"), *cells,
             f"{item['deadline_misses']:,}", generation]
        )  # fmt: skip
    headings = ["stream", "completed", "throughput", "mean latency", "p50", "p95", "p99", "max", "deadlines missed",
                "generation"]  # fmt: skip
    return f'<section id="streams"><h2>Streams</h2>{table(headings, rows)}</section>'


def parts(record: Shown) -> str:
    """Units, links and caches with their loads."""
    summary = record.summary
    units = [
        [name, f"{item['busy_fraction']:.1%}", f"{item['tasks']:,}", format_si(item["flop"], "FLOP")]
        for name, item in summary["units"].items()
    ]
    links = [
        [name, f"{item['peak_fraction']:.1%}", format_si(item["average_bytes_per_s"], "B/s")]
        for name, item in summary["links"].items()
    ]
    caches = [
        [name, f"{item['hit_bytes'] / max(1, item['hit_bytes'] + item['miss_bytes']):.1%}",
         *(format_bytes(item[key]) for key in ("hit_bytes", "miss_bytes", "writeback_bytes"))]
        for name, item in summary["caches"].items()
    ]  # fmt: skip
    text = table(["unit", "busy", "tasks", "arithmetic"], units) + table(["link", "of peak", "average"], links)
    if caches:
        text += table(["cache", "hits", "hit", "missed", "written back"], caches)
    return f'<div class="columns">{text}</div>'
