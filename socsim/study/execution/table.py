"""`results.parquet`: one row per point in the order of the points, a typed column per axis and per figure.

The bytes of the file depend on points and results alone: not on who computed what in which order.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from socsim.errors import InputError
from socsim.study.execution.job import CRASHED, ERROR, FAILED, OK, POINT, STATUS, Scalar
from socsim.study.execution.store import write_atomically

if TYPE_CHECKING:
    import pyarrow as pa

ALWAYS = ("latency_s", "energy_j", "average_power_w", "peak_power_w")
"""Figures that have a column even where no point has a value."""

_FIRST = (*ALWAYS, "tasks", "flop", "matmul_flop", "dram_read_bytes", "dram_write_bytes", "achieved_flop_per_s",
          "dram_average_bytes_per_s", "dram_peak_fraction")  # fmt: skip
_LARGEST_INT64 = 2**63 - 1


@dataclass(slots=True)
class Column:
    """Values of one name per row; None where a row has none. `unit` is that of an axis of quantities; `text` that it
    is text even where no row has any."""

    values: list[Scalar]
    unit: str = ""
    text: bool = False

    def typed(self) -> tuple[NDArray[Any] | list[str | None], NDArray[np.bool_] | None]:
        """(values of one type, which of them are there): whole numbers, numbers, truth, else text."""
        present = np.array([value is not None for value in self.values], dtype=bool)
        kinds = {type(value) for value in self.values if value is not None}
        mask = None if present.all() else present
        if kinds == {bool}:
            return np.array([bool(value) for value in self.values]), mask
        if kinds == {int} and all(abs(value) <= _LARGEST_INT64 for value in self.values if isinstance(value, int)):
            return np.array([0 if value is None else value for value in self.values], dtype=np.int64), mask
        if kinds <= {int, float} and not self.text:
            numbers = [float("nan") if value is None else float(value) for value in self.values]
            return np.array(numbers, dtype=np.float64), mask
        return [None if value is None else str(value) for value in self.values], mask


@dataclass(slots=True)
class Results:
    """A table as columns by name, in their order."""

    columns: dict[str, Column]
    metadata: dict[str, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())).values) if self.columns else 0

    def row(self, index: int) -> dict[str, Scalar]:
        """One row by name."""
        return {name: column.values[index] for name, column in self.columns.items()}

    def numbers(self, name: str) -> NDArray[np.float64]:
        """A column as floats, NaN where there is no number."""
        values = self.columns[name].values
        return np.array([float(v) if isinstance(v, int | float) else float("nan") for v in values], dtype=np.float64)


def gather(points: Sequence[str], chunks: Iterable[Mapping[str, Sequence[Scalar]]]) -> dict[str, Column]:
    """Results of chunks in the order of `points`: `status`, `error`, then the figures. A point that has several takes
    one that was computed before one that was refused before one whose process died."""
    rank = {OK: 0, FAILED: 1, CRASHED: 2}
    row_of = {point: row for row, point in enumerate(points)}
    best = [len(rank)] * len(points)
    found: dict[str, list[Scalar]] = {STATUS: [None] * len(points), ERROR: [None] * len(points)}
    for columns in chunks:
        rows = []
        for position, (point, status) in enumerate(zip(columns[POINT], columns[STATUS], strict=True)):
            row = row_of.get(str(point))
            if row is not None and rank[str(status)] < best[row]:
                best[row] = rank[str(status)]
                rows.append((position, row))
        for name, values in columns.items():
            if name == POINT:
                continue
            target = found.get(name)
            if target is None:
                target = found[name] = [None] * len(points)
            for position, row in rows:
                target[row] = values[position]
    for name in ALWAYS:
        found.setdefault(name, [None] * len(points))
    order = {name: position for position, name in enumerate((STATUS, ERROR, *_FIRST))}
    names = sorted(found, key=lambda name: (order.get(name, len(order)), name))
    return {name: Column(found[name], text=name in (STATUS, ERROR)) for name in names}


def write_results(results: Results, path: Path) -> None:
    """Write a table as Parquet, whole or not at all."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    fields, arrays = [], []
    for name, column in results.columns.items():
        array = _to_arrow(column)
        metadata = {"unit": column.unit} if column.unit else None
        arrays.append(array)
        fields.append(pa.field(name, array.type, metadata=metadata))
    schema = pa.schema(fields, metadata={f"socsim.{key}": value for key, value in results.metadata.items()})
    buffer = io.BytesIO()
    pq.write_table(pa.Table.from_arrays(arrays, schema=schema), buffer, compression="zstd")
    write_atomically(path, buffer.getvalue())


def read_results(path: Path) -> Results:
    """A table that `write_results` wrote; `InputError` where it cannot be read."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            table = file.read()
    except FileNotFoundError:
        raise InputError(f"{path}: no such file") from None
    except (OSError, pa.ArrowException) as error:
        raise InputError(f"{path}: cannot be read: {error}") from error
    columns = {}
    for item in table.schema:
        unit = (item.metadata or {}).get(b"unit", b"").decode()
        columns[item.name] = Column(table.column(item.name).to_pylist(), unit)
    metadata = {
        key.decode().removeprefix("socsim."): value.decode()
        for key, value in (table.schema.metadata or {}).items()
        if key.startswith(b"socsim.")
    }
    return Results(columns, metadata)


def _to_arrow(column: Column) -> pa.Array:
    """An arrow array made from buffers: `pyarrow.array` would import pandas, which costs more than all of this."""
    import pyarrow as pa

    values, present = column.typed()
    valid = None if present is None else pa.py_buffer(np.packbits(present, bitorder="little").tobytes())
    if isinstance(values, list):
        encoded = [b"" if text is None else text.encode() for text in values]
        offsets = np.zeros(len(encoded) + 1, dtype=np.int64)
        np.cumsum([len(text) for text in encoded], out=offsets[1:])
        buffers = [valid, pa.py_buffer(offsets.tobytes()), pa.py_buffer(b"".join(encoded))]
        return pa.Array.from_buffers(pa.large_string(), len(encoded), buffers)
    if values.dtype == np.bool_:
        bits = np.packbits(values, bitorder="little").tobytes()
        return pa.Array.from_buffers(pa.bool_(), len(values), [valid, pa.py_buffer(bits)])
    kind = pa.int64() if values.dtype == np.int64 else pa.float64()
    if values.dtype == np.float64 and present is not None:
        values = np.where(present, values, 0.0)  # what stands under a missing value must not differ from run to run
    return pa.Array.from_buffers(kind, len(values), [valid, pa.py_buffer(values.tobytes())])
