"""Comparisons as a page: one HTML file with everything in it, readable without a network."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

from socsim.quantity import PS_PER_S, format_si
from socsim.report.html.document import document
from socsim.report.html.table import table
from socsim.study.compare.inputs import Change
from socsim.study.compare.operations import OperationPair
from socsim.study.compare.runs import RunComparison
from socsim.study.compare.waterfall import Module, Step

_SECTIONS = {
    "inputs": "Inputs", "results": "Results", "causes": "By bottleneck", "modules": "By module",
    "operations": "Operations",
}  # fmt: skip
_SCRIPTS = ("grid.js", "waterfall.js", "compare.js")
_MOST_OPERATIONS = 3000
_TILES = {
    "latency_s": "latency", "energy_j": "energy", "average_power_w": "average power", "dram_read_bytes": "DRAM reads",
    "dram_peak_fraction": "DRAM load",
}  # fmt: skip


def runs_page(comparison: RunComparison) -> str:
    """The page of two runs as HTML."""
    before, after = comparison.before, comparison.after
    names = [f"{', '.join(run.workloads)} on {run.hardware}" for run in (before, after)]
    return document(
        title=f"{names[0]} / {names[1]} – socsim compare",
        heading=f'<span class="muted">A</span> {escape(names[0])}<br><span class="muted">B</span> {escape(names[1])}',
        sections=_SECTIONS,
        body=_body(comparison),
        scripts=_SCRIPTS,
        data=_data(comparison),
    )


def _body(comparison: RunComparison) -> str:
    verdict = "" if not comparison.nothing_changed else (
        '<p class="note">Nothing changed: same inputs, same results, every task at the same picosecond.</p>'
    )  # fmt: skip
    results = [
        [item.name, *item.texts, f"{item.ratio:.4g}" if item.ratio is not None else ""] for item in comparison.results
    ]
    return f"""<section id="summary" aria-label="Headline numbers">
<dl class="tiles">{_tiles(comparison)}</dl>
{verdict}
</section>
<section id="inputs"><h2>What changed in the inputs</h2>
{changes_table(comparison.inputs)}
{_sources(comparison.differing_sources)}
</section>
<section id="results"><h2>What changed in the results</h2>
{_folded(table(["figure", "A", "B", "B / A"], results), len(results), "figures") if results else "<p>Nothing.</p>"}
</section>
<section id="causes"><h2>Where the time went: by what bounds the run</h2>
<p class="muted">The critical path cuts each run into stretches with one cause and one operation. The steps are the
differences of those stretches; they add up to the change of latency, {escape(_signed(comparison.latency_change_ps))},
to the picosecond.</p>
<div class="chart" id="cause-chart"></div>
</section>
<section id="modules"><h2>Where the time went: by module</h2>
<p class="muted">Opened where most changed; a star stands for the layers of a long list.</p>
<div class="chart" id="module-chart"></div>
<details><summary>All modules</summary><div class="tree">{_tree(comparison.modules)}</div></details>
</section>
<section id="operations"><h2>Operation by operation</h2>
<p class="muted">Matched by stream, phase and name. “On the path” is an operation's part of the latency, “busy” the time
it held its unit.</p>
<div id="operation-grid"></div>
</section>"""


def changes_table(changes: Sequence[Change]) -> str:
    """Inputs that differ."""
    if not changes:
        return "<p>Nothing.</p>"
    rows = [[item.path, item.before_text, item.after_text] for item in changes]
    return _folded(table(["input", "A", "B"], rows), len(rows), "inputs")


def _folded(text: str, count: int, what: str) -> str:
    """Long tables open on demand."""
    return text if count <= 30 else f"<details><summary>{count} {what}</summary>{text}</details>"


def _sources(count: int) -> str:
    words = "number of the hardware names" if count == 1 else "numbers of the hardware name"
    return f"<p>{count} {words} another source.</p>" if count else ""


def _tiles(comparison: RunComparison) -> str:
    changed = {item.name: item for item in comparison.results}
    tiles = []
    for name, title in _TILES.items():
        item = changed.get(name)
        if item is not None and item.ratio is not None:
            left, right = item.texts
            tiles.append(
                f'<div class="tile"><dt>{escape(title)}</dt><dd>{item.ratio:.3g} ×<small>{escape(left)} → '
                f"{escape(right)}</small></dd></div>"
            )
    counts = [("inputs changed", len(comparison.inputs)), ("figures changed", len(comparison.results))]
    tiles += [f'<div class="tile"><dt>{name}</dt><dd>{count}</dd></div>' for name, count in counts]
    return "".join(tiles)


def _tree(module: Module) -> str:
    """Modules that open, with their time in A and B and the change."""
    parts = []
    for name, child in module.children.items():
        while len(child.children) == 1:  # a chain of modules with nothing beside them is one line
            inner, grandchild = next(iter(child.children.items()))
            name, child = f"{name}.{inner}".replace("./", "/"), grandchild
        step = child.step
        figures = f"{_time(step.before_ps)} → {_time(step.after_ps)}, {_signed(step.change_ps)}"
        line = f'<code>{escape(name)}</code> <span class="muted">{escape(figures)}</span>'
        if child.children:
            parts.append(f"<details><summary>{line}</summary>{_tree(child)}</details>")
        else:
            parts.append(f'<div class="leaf">{line}</div>')
    return "".join(parts)


def _data(comparison: RunComparison) -> dict[str, Any]:
    pairs = sorted((pair for pair in comparison.operations if pair.name), key=lambda p: -abs(p.critical_change_ps))
    return {
        "latency_s": {
            "before": comparison.before.latency_ps / PS_PER_S,
            "after": comparison.after.latency_ps / PS_PER_S,
        },
        "by_cause": [_step(step) for step in comparison.by_cause],
        "by_module": [_step(step) for step in comparison.by_module],
        "operations": [_operation(pair) for pair in pairs[:_MOST_OPERATIONS]],
        "operations_left_out": max(0, len(pairs) - _MOST_OPERATIONS),
    }


def _step(step: Step) -> dict[str, Any]:
    return {
        "name": step.name,
        "before_s": step.before_ps / PS_PER_S,
        "after_s": step.after_ps / PS_PER_S,
        "change_s": step.change_ps / PS_PER_S,
    }


def _operation(pair: OperationPair) -> dict[str, Any]:
    sides = (pair.before, pair.after)
    on_path = [sum(side.critical_ps) / PS_PER_S if side else 0.0 for side in sides]
    busy = [side.busy_ps / PS_PER_S if side else 0.0 for side in sides]
    return {
        "name": pair.name,
        "stream": pair.stream,
        "phase": pair.phase,
        "kind": pair.kind,
        "units": [", ".join(side.units) if side else "" for side in sides],
        "bounds": [side.bound_by if side else "" for side in sides],
        "before_s": on_path[0],
        "after_s": on_path[1],
        "change_s": pair.critical_change_ps / PS_PER_S,
        "busy_before_s": busy[0],
        "busy_after_s": busy[1],
        "note": pair.note,
    }


def _time(time_ps: int) -> str:
    return format_si(time_ps / PS_PER_S, "s", 4)


def _signed(time_ps: int) -> str:
    return f"{'+' if time_ps > 0 else ''}{_time(time_ps)}"
