"""Runs the cases of the benchmark and prints a table, or JSON: work per CPU second, beside SimPy's bare event rate."""

from __future__ import annotations

import argparse
import importlib
import json
import os
import pkgutil
import sys
from pathlib import Path
from typing import Any

import tests.benchmark
from tests.benchmark.cases import Case, cases
from tests.benchmark.simpy_rate import simpy_events_per_s


def measure(case: Case, repeats: int) -> dict[str, Any]:
    """The best of some repeats: the machine may be shared, and noise only ever slows down."""
    best: dict[str, Any] = {}
    for _ in range(repeats):
        simpy_rate = simpy_events_per_s()
        work = case.prepare()
        begin = cpu_seconds()
        done = work()
        cpu_s = cpu_seconds() - begin
        rate = done / cpu_s
        if not best or rate > best["per_cpu_s"]:
            best = {
                "case": case.name, "unit": case.unit, "done": done, "cpu_s": cpu_s, "per_cpu_s": rate,
                "simpy_events_per_cpu_s": simpy_rate, "simpy_events_each": simpy_rate / rate, "target": case.target,
            }  # fmt: skip
    return best


def cpu_seconds() -> float:
    """CPU seconds of this process and of its children that have ended (cases that run whole commands)."""
    return sum(os.times()[:4])


def figure(rate: float, unit: str) -> str:
    """A rate per CPU second, or for whole runs the CPU seconds of one."""
    return f"{1 / rate:12,.2f} s each   " if unit == "runs" else f"{rate:12,.0f} {unit:10}"


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="scripts/benchmark", description=__doc__)
    parser.add_argument("cases", nargs="*", help="beginnings of names of cases; all without any")
    parser.add_argument("--json", action="store_true", help="one JSON object on standard output")
    parser.add_argument("--list", action="store_true", help="names only")
    parser.add_argument("--repeats", type=int, default=3, help="measurements per case, of which the best counts")
    options = parser.parse_args(arguments)
    for module in pkgutil.iter_modules([str(Path(tests.benchmark.__file__).parent)]):
        if module.name.endswith("_cases"):
            importlib.import_module(f"tests.benchmark.{module.name}")
    chosen = [c for c in cases.values() if not options.cases or c.name.startswith(tuple(options.cases))]
    if not chosen:
        print(f"no case begins with {' or '.join(options.cases)}; known: {', '.join(cases)}", file=sys.stderr)
        return 2
    if options.list:
        print("\n".join(case.name for case in chosen))
        return 0
    results = []
    print(f"{'case':44}{'per CPU second':>22}{'target':>12}{'SimPy events/s':>16}{'worth':>14}", file=sys.stderr)
    for case in chosen:
        result = measure(case, options.repeats)
        results.append(result)
        target = figure(result["target"], case.unit)[:12] if result["target"] else " " * 12
        print(
            f"{case.name:44}{figure(result['per_cpu_s'], case.unit)}{target}"
            f"{result['simpy_events_per_cpu_s']:16,.0f}{result['simpy_events_each']:14,.1f}",
            file=sys.stderr,
        )
    if options.json:
        print(json.dumps({"python": sys.version.split()[0], "results": results}, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
