"""Does the energy of a run add up, and is it of the order that was measured?

The ledger (tasks, idle, leakage) is summed over spans and intervals; the power counters are steps over time, made from
the same tasks in another way. Their integral must be the ledger to the last microjoule, on every shipped scenario.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from socsim.cost import unit_models
from socsim.hardware import load_soc
from socsim.simulation import RunOptions, load_components, simulate
from socsim.simulation.scenario_file import load_scenario, scenario_names
from socsim.workload import find_workload, load_workload

HARDWARE = "apple/a17_pro"
TOLERANCE_J = 1e-6


@dataclass(frozen=True, slots=True)
class LedgerCheck:
    """One scenario: the ledger's entries and the integral of the power counters, in joules."""

    scenario: str
    governor: str
    spans_j: float
    idle_j: float
    leakage_j: float
    integral_j: float
    parts_integral_j: float

    @property
    def difference_j(self) -> float:
        """The larger of the differences to the counter of the whole chip and to the sum of those of its parts."""
        ledger = self.spans_j + self.idle_j + self.leakage_j
        return max(abs(ledger - self.integral_j), abs(ledger - self.parts_integral_j))

    @property
    def ok(self) -> bool:
        return self.difference_j < TOLERANCE_J


@dataclass(frozen=True, slots=True)
class EnergyRow:
    """A measured energy of the neural engine beside the predicted one, in joules per inference; not a check."""

    what: str
    source: str
    measured_j: float
    predicted_j: float
    predicted_latency_s: float


def validate_energy(
    scenarios: Iterable[str] | None = None, governors: Sequence[str] = ("", "pace")
) -> list[LedgerCheck]:
    """The ledger of each scenario, without a governor (``""``) and with."""
    load_components()
    soc = load_soc(HARDWARE, unit_models=unit_models)
    checks = []
    for name in scenarios if scenarios is not None else scenario_names():
        for governor in governors:
            run = simulate(load_scenario(name), soc, RunOptions(governor=governor or None))
            ledger = run.energy
            assert ledger is not None  # the chip's power is complete, a conformance test says so
            end = max(instance.done_ps for instance in run.instances)
            totals = ledger.totals
            power = {c.name: c.integral(end) for c in ledger.counters if c.kind == "power"}
            whole = power.pop("power")
            parts = sum(power.values())
            checks.append(LedgerCheck(name, governor, totals.spans_j, totals.idle_j, totals.leakage_j, whole, parts))
    return checks


_SOURCE = "machinelearning.apple.com/research/neural-engine-transformers"
_MEASURED = (
    ("DistilBERT, sequence 128, A15, fast state", 1.0, 3.47e-3 * 0.454),
    ("DistilBERT, sequence 128, A15, frugal state", 3.47 / 9.44, 9.44e-3 * 0.072),
)
"""(what, share of the clock, joules): iPhone 13, iOS 16. The coefficients of the A15 are derived from the first."""


def measured_rows() -> list[EnergyRow]:
    """Published energies of the neural engine that the coefficients can be held against."""
    load_components()
    clock = load_soc("apple/a15", unit_models=unit_models).unit("npu").clock
    rows = []
    for what, share, joules in _MEASURED:
        soc = load_soc("apple/a15", (f"units.npu.clock={round(clock * share)} Hz",), unit_models=unit_models)
        run = simulate(load_workload(find_workload("distilbert")), soc, RunOptions(repeat=10))
        ledger = run.energy
        assert ledger is not None
        npu = ledger.totals.units["npu"]
        each = (npu.operations_j + npu.active_j) / 10
        rows.append(EnergyRow(what, _SOURCE, joules, each, run.summary["latency_s"] / 10))
    return rows


def energy_data(checks: Sequence[LedgerCheck], rows: Sequence[EnergyRow]) -> dict[str, Any]:
    """As JSON types; `ok` where every ledger adds up."""
    return {
        "ledgers": [{**asdict(check), "difference_j": check.difference_j, "ok": check.ok} for check in checks],
        "measured": [asdict(row) for row in rows],
        "ok": all(check.ok for check in checks),
    }


def energy_lines(checks: Sequence[LedgerCheck], rows: Sequence[EnergyRow]) -> list[str]:
    """As lines for people."""
    width = max((len(check.scenario) for check in checks), default=0)
    lines = [
        f"Ledger against the integral of the power counters on {HARDWARE} (tolerance {TOLERANCE_J:g} J)",
        f"{'scenario':{width}}  governor      spans J     idle J  leakage J   integral J  difference J",
    ]
    for check in checks:
        figures = f"{check.spans_j:10.4f} {check.idle_j:10.4f} {check.leakage_j:10.4f} {check.integral_j:12.6f}"
        verdict = "ok" if check.ok else "FAILED"
        lines.append(
            f"{check.scenario:{width}}  {check.governor or 'none':11} {figures}  {check.difference_j:12.1e}  {verdict}"
        )
    lines += ["", "Neural engine, energy per inference (measured / predicted; not a check)"]
    for row in rows:
        times = f"{row.predicted_latency_s * 1e3:.2f} ms"
        lines.append(f"{row.what}: {row.measured_j * 1e3:.2f} / {row.predicted_j * 1e3:.2f} mJ, {times} [{row.source}]")
    return lines
