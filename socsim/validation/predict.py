"""What the simulator says for a measurement, with parameters moved or terms taken away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

from socsim.api import load_soc, load_workload
from socsim.errors import ConfigError, InputError
from socsim.hardware import Soc
from socsim.simulation import simulate
from socsim.study.design.options import run_options
from socsim.transform import transformed
from socsim.validation.measurement import Measurement, quantity_of
from socsim.validation.parameter import Parameter, Values, current, setting
from socsim.validation.terms import Term
from socsim.workload import Workload

QUICK_QUANTITY = {
    "output_tokens_per_s": "runs_per_s",
    "time_per_output_token_s": "latency_s",
    "prompt_tokens_per_s": "runs_per_s",
    "time_to_first_token_s": "latency_s",
}
"""What stands for a generation's figure in a quick run, which is one step."""


class Predictor:
    """Predicts rows; remembers what it has simulated. `without` are terms taken away from every chip."""

    def __init__(self, without: Sequence[Term] = ()) -> None:
        self._without = tuple(without)
        self._known: dict[tuple[Measurement, tuple[str, ...], bool], float] = {}

    def __call__(self, row: Measurement, values: Values | None = None, quick: bool = False) -> float:
        """The row's quantity, with parameters at other values than the chip's. `quick` runs the row's short options,
        for ratios only. Raises what a run raises, naming the row."""
        soc = self.soc(row)
        settings = [setting(p, value, soc) for p, value in (values or {}).items() if p.applies(row.hardware)]
        for one in self._without:
            settings += one.overrides(soc)
        quick = quick and bool(row.quick)
        key = (row, tuple(settings), quick)
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = self._simulate(row, settings, quick)
        return known

    def near(self, row: Measurement, values: Values) -> float:
        """The row's quantity at other values, from its quick run: shipped prediction times the ratio of quick runs."""
        if not row.quick:
            return self(row, values)
        return self(row) * self(row, values, quick=True) / self(row, quick=True)

    def soc(self, row: Measurement) -> Soc:
        """The chip of a row, as it is measured, nothing moved."""
        return load_soc(row.hardware, row.overrides)

    def current(self, parameter: Parameter, rows: Sequence[Measurement]) -> float:
        """The value that the chips of these rows share; `ConfigError` where they differ."""
        found: Mapping[float, str] = {
            current(parameter, self.soc(row)): row.hardware for row in reversed(rows) if parameter.applies(row.hardware)
        }
        if not found:
            raise ConfigError(parameter.key, f"parameter '{parameter.name}' applies to no chip of the rows")
        if len(found) > 1:
            shown = ", ".join(f"{value:g} on {name}" for value, name in sorted(found.items()))
            raise ConfigError(parameter.key, f"parameter '{parameter.name}' is not one value but {shown}")
        return next(iter(found))

    @staticmethod
    def _simulate(row: Measurement, settings: Sequence[str], quick: bool) -> float:
        where = f"{row.hardware} {row.label}"
        try:
            soc = load_soc(row.hardware, (*row.overrides, *settings))
            options = run_options(dict(row.quick if quick else row.options))
            workloads = [_workload(name.strip(), row.transforms) for name in row.workload.split("+")]
            summary = simulate(workloads, soc, options).summary
        except InputError as error:
            raise ConfigError(where, str(error)) from error
        name = QUICK_QUANTITY.get(row.quantity, row.quantity) if quick else row.quantity
        return quantity_of(name, summary, where)


@lru_cache(maxsize=16)
def _workload(name: str, transforms: tuple[str, ...]) -> Workload:
    return transformed(load_workload(name), transforms)
