"""Fits a proxy to the simulator, and measures it on shapes that it has not seen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from socsim.cost import unit_models
from socsim.cost.products import rate
from socsim.errors import ConfigError
from socsim.hardware import Soc, load_soc
from socsim.quantity import ps_to_seconds
from socsim.registry import did_you_mean
from socsim.simulation import load_components
from socsim.study.proxy.module import Network, OperatorProxy, initial_layers, work_of
from socsim.study.proxy.samples import KINDS, Shape, draw, measure
from socsim.workload import dtype

_WIDTHS = (16, 16)
_STEPS = 300
_DECAY = 0.03
_HELD_OUT = 4
"""Every so many shapes one is kept for the test."""


def fit_proxy(
    soc: Soc | str | Path,
    unit: str = "gpu",
    *,
    precision: str = "fp16",
    kinds: Sequence[str] = KINDS,
    samples: int = 800,
    seed: int = 0,
) -> OperatorProxy:
    """A differentiable proxy of latency and energy per operator of a unit.

    `samples` shapes of each kind are simulated, a quarter of which only measure the error. The same arguments give the
    same proxy. An operator counts as if its operands came from memory, as a first layer's do: what caches and on-chip
    memory keep between layers is not in it. Raises `ConfigError` for unknown units and kinds.
    """
    load_components()
    chip = soc if isinstance(soc, Soc) else load_soc(soc, unit_models=unit_models)
    names = [item.name for item in chip.units]
    if unit not in names:
        raise ConfigError("unit", f"{chip.name} has no unit '{unit}': {did_you_mean(unit, names)}")
    unknown = [kind for kind in kinds if kind not in KINDS]
    if unknown:
        raise ConfigError("kinds", f"unknown kind '{unknown[0]}': {did_you_mean(unknown[0], KINDS)}")
    if samples < 40:
        raise ConfigError("samples", "a fit needs at least 40 shapes")
    physics = _physics(chip, unit, precision)
    networks, errors = {}, {}
    for number, kind in enumerate(kinds):
        shapes = draw(kind, samples, seed)
        measured = measure(kind, shapes, chip, unit, precision)
        work = _work(kind, shapes, physics["bytes_per_element"])
        held_out = np.arange(samples) % _HELD_OUT == _HELD_OUT - 1
        network = _fit(physics, work[~held_out], measured[~held_out], seed + number)
        networks[kind] = network
        errors[kind] = _errors(network, work[held_out], measured[held_out])
    overhead = ps_to_seconds(chip.unit(unit).run_overhead)
    about = {"soc": chip.name, "unit": unit, "precision": precision, "samples": samples, "seed": seed,
             "run_overhead_s": overhead}  # fmt: skip
    return OperatorProxy(networks, errors, about)


def _physics(soc: Soc, unit: str, precision: str) -> dict[str, float]:
    params = soc.unit(unit)
    peaks = unit_models.get(params.kind)().peaks(params)
    return {
        "launch_s": max(ps_to_seconds(params.launch), 1e-9),
        "flop_per_s": rate(precision, peaks),
        "bytes_per_s": min(soc.port_bytes_per_s(params), soc.dram.peak_bytes_per_s),
        "bytes_per_element": dtype(precision).bits / 8,
    }


def _work(kind: str, shapes: Sequence[Shape], bytes_per_element: float) -> torch.Tensor:
    columns = np.array([shape.row for shape in shapes], dtype=np.float64).T
    sizes = tuple(torch.tensor(column) for column in columns)
    return work_of(kind, sizes, bytes_per_element)


def _fit(physics: dict[str, float], work: torch.Tensor, measured: NDArray[np.float64], seed: int) -> Network:
    features = torch.log(work)
    scale = (features.mean(dim=0), features.std(dim=0).clamp_min(1e-6))
    network = Network(physics, initial_layers(features.shape[1], _WIDTHS, seed), scale)
    target = torch.log(torch.tensor(measured))
    known = ~torch.isnan(target)
    target = torch.where(known, target, 0.0)
    optimizer = torch.optim.LBFGS(
        list(network.parameters()), max_iter=_STEPS, history_size=30, line_search_fn="strong_wolfe"
    )

    def loss() -> torch.Tensor:
        optimizer.zero_grad()
        error = torch.where(known, network(work) - target, 0.0)
        decay = sum((weight**2).sum() for weight in network.weights)
        value: torch.Tensor = (error**2).sum() / known.sum() + _DECAY * decay / len(target)
        value.backward()
        return value

    with _one_thread():
        optimizer.step(loss)
    return network


@contextmanager
def _one_thread() -> Iterator[None]:
    """Sums in one order whatever the machine, and no threads that wait for work this small."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _errors(network: Network, work: torch.Tensor, measured: NDArray[np.float64]) -> dict[str, dict[str, float]]:
    with torch.no_grad():
        predicted = torch.exp(network(work)).numpy()
    found = {}
    for column, figure in enumerate(("latency_s", "energy_j")):
        relative = np.abs(predicted[:, column] / measured[:, column] - 1)
        if not np.isnan(relative).any():
            found[figure] = {
                "mean": float(relative.mean()),
                "p90": float(np.quantile(relative, 0.9)),
                "max": float(relative.max()),
            }
    return found
