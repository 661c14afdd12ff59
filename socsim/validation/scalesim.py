"""Cycles of systolic arrays against SCALE-Sim 3.0.0, layer by layer: equal, or the array's formulas are wrong."""

from __future__ import annotations

import csv
from pathlib import Path

from socsim.cost.products import Product
from socsim.cost.systolic import Dataflow, systolic_cycles
from socsim.validation.catalog import DATA
from socsim.validation.evaluation import Evaluation, Predicted
from socsim.validation.measurement import Measurement
from socsim.validation.suite import Suite

_FOLDER = DATA / "scalesim"
_FLOWS: dict[str, Dataflow] = {"ws": "weight_stationary", "os": "output_stationary", "is": "input_stationary"}
_TITLE = "SCALE-Sim 3.0.0, compute cycles of systolic arrays"


def evaluate_scalesim() -> Evaluation:
    """Every layer of every reference file."""
    found = [item for path in sorted(_FOLDER.glob("*_CALC_COMPUTE.csv")) for item in _layers_of(path)]
    suite = Suite("scalesim", _TITLE, tuple(item.row for item in found), 0.0, ())
    return Evaluation(suite, "formula", tuple(found))


def _layers_of(path: Path) -> list[Predicted]:
    topology, size, flow = path.stem.removesuffix("_CALC_COMPUTE").rsplit("_", 2)
    rows, columns = (int(text) for text in size.split("x"))
    measured = [float(row[2]) for row in _rows(path)]
    found = []
    for (name, product), cycles in zip(_topology(topology), measured, strict=True):
        array = f"{size} {_FLOWS[flow].replace('_', ' ')}"
        row = Measurement(array, f"{topology} {name}", "cycles", cycles, source=f"SCALE-Sim 3.0.0, {path.name}")
        found.append(Predicted(row, float(systolic_cycles(product, rows, columns, _FLOWS[flow])), fitted=False))
    return found


def _topology(name: str) -> list[tuple[str, Product]]:
    rows = _rows(_FOLDER / f"{name}.csv")
    if name == "small_gemm":
        return [(layer, Product(1, int(m), int(n), int(k))) for layer, m, n, k, *_ in rows]
    return [(layer, _convolution([int(text) for text in numbers[:7]])) for layer, *numbers in rows]


def _convolution(sizes: list[int]) -> Product:
    height, width, kernel_y, kernel_x, channels, filters, stride = sizes
    pixels = -(-(height - kernel_y + stride) // stride) * -(-(width - kernel_x + stride) // stride)
    return Product(1, pixels, filters, kernel_y * kernel_x * channels)


def _rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8") as file:
        return [[cell.strip() for cell in row] for row in csv.reader(file) if row][1:]
