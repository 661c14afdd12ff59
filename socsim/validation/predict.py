"""What the simulator says for a measurement, with parameters moved or terms taken away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

from socsim.api import load_soc, load_workload
from socsim.errors import ConfigError, InputError
from socsim.hardware import Soc
from socsim.simulation import simulate
from socsim.study.design.options import run_options
from socsim.transform import transformed, with_precision, with_weights
from socsim.validation.measurement import Measurement, quantity_of
from socsim.validation.microbenchmark import microbenchmark
from socsim.validation.parameter import Parameter, Values, current, setting
from socsim.validation.terms import Term
from socsim.workload import Workload


class Predictor:
    """Predicts rows; remembers what it has simulated. `without` are terms taken away from every chip."""

    def __init__(self, without: Sequence[Term] = ()) -> None:
        self._without = tuple(without)
        self._socs: dict[tuple[str, tuple[str, ...]], Soc] = {}
        self._known: dict[tuple[Measurement, tuple[str, ...]], float] = {}

    def __call__(self, row: Measurement, values: Values | None = None) -> float:
        """The row's quantity, with parameters at other values than the chip's. Raises what a run raises, naming the
        row."""
        soc = self.soc(row)
        settings = [setting(p, value, soc) for p, value in (values or {}).items() if p.applies(row.hardware)]
        for one in self._without:
            settings += one.overrides(soc)
        key = (row, tuple(settings))
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = self._simulate(row, soc, settings)
        return known

    def soc(self, row: Measurement) -> Soc:
        """The chip of a row, as it is measured, nothing moved."""
        key = (row.hardware, row.overrides)
        known = self._socs.get(key)
        if known is None:
            try:
                known = self._socs[key] = load_soc(*key)
            except InputError as error:
                raise ConfigError(row.where, str(error)) from error
        return known

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
    def _simulate(row: Measurement, soc: Soc, settings: Sequence[str]) -> float:
        where = f"{row.where}: {row.hardware} {row.label}" if row.where else f"{row.hardware} {row.label}"
        try:
            if settings:
                soc = load_soc(row.hardware, (*row.overrides, *settings))
            options = dict(row.options)
            formats = options.pop("precision", None), options.pop("weights", None)
            workloads = [_workload(name.strip(), row.transforms, *formats) for name in row.workload.split("+")]
            summary = simulate(workloads, soc, run_options(options)).summary
        except InputError as error:
            raise ConfigError(where, str(error)) from error
        return quantity_of(row.quantity, summary, where)


@lru_cache(maxsize=64)
def _workload(name: str, transforms: tuple[str, ...], precision: str | None, weights: str | None) -> Workload:
    """A workload, changed and in its number formats: a fit asks for the same ones hundreds of times."""
    workload = transformed(microbenchmark(name) or load_workload(name), transforms)
    if precision is not None:
        workload = with_precision(workload, precision)
    return with_weights(workload, weights) if weights is not None else workload
