"""A run as files and back, without loss: `tasks.parquet`, `counters.parquet`, `manifest.json`, `summary.json`.

The tables are written straight from the columns; their bytes depend on the run alone. The manifest holds the resolved
input and, under `record`, what the tables do not: instances, graphs, totals of links and caches.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, astuple, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from socsim.errors import InputError
from socsim.result.columns import ListColumn, TextColumn
from socsim.result.energy import EnergyTotals, UnitEnergy
from socsim.result.parquet import Column, read_columns, write_columns
from socsim.result.record import GraphInfo, RunRecord, Series
from socsim.result.run_result import CacheTotals, InstanceRecord, LinkTotals
from socsim.result.spans import Spans
from socsim.result.streamed import StreamedResult
from socsim.result.summary import simulator_figures
from socsim.result.task_columns import TaskColumns
from socsim.result.tile_spans import TileSpans
from socsim.result.windows import Mark, Window

RECORD_VERSION = 1
_JSON: dict[str, Any] = {"allow_nan": False, "ensure_ascii": False}


def load_run(directory: str | Path) -> RunRecord:
    """A run that `--out` wrote. Raises `InputError` where files are missing, foreign or do not fit together."""
    folder = Path(directory)
    manifest = _read_json(folder / "manifest.json")
    record = manifest.pop("record", None)
    if isinstance(record, Mapping) and record.get("streamed"):
        what = "its tables are there for pandas, but it is too long for this command, which needs all tasks at once"
        raise InputError(f"{folder}: a streamed run: {what}")
    if not isinstance(record, Mapping) or record.get("version") != RECORD_VERSION:
        raise InputError(f"{folder / 'manifest.json'}: not the manifest of a run of this version of socsim")
    try:
        return RunRecord(
            hardware=record["hardware"],
            workloads=tuple(record["workloads"]),
            seed=record["seed"],
            tasks=_read_tasks(folder / "tasks.parquet"),
            series=_read_series(folder / "counters.parquet", record["series"]),
            instances=_instances_from(record["instances"]),
            graphs=tuple(GraphInfo(**graph) for graph in record["graphs"]),
            units=tuple(record["units"]),
            unit_slots=record["unit_slots"],
            links=tuple(LinkTotals(**link) for link in record["links"]),
            caches=tuple(CacheTotals(**cache) for cache in record["caches"]),
            dram_peak_bytes_per_s=record["dram_peak_bytes_per_s"],
            energy=_energy_from(record["energy"]),
            partial=record["partial"],
            notes=tuple(record["notes"]),
            manifest=manifest,
            tiles=_read_tiles(folder / "tiles.parquet"),
            marks=tuple(Mark(row, end, recorded, tuple(numbers)) for row, end, recorded, numbers in record["marks"]),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{folder}: its files do not fit together: {error}") from error


# -- writing ---------------------------------------------------------------------------------------------------------


def write_summary(record: RunRecord, path: Path) -> None:
    """The figures of the run."""
    _write_json(path, record.summary)


def write_manifest(record: RunRecord, path: Path) -> None:
    """What was run: the resolved input, and what the tables do not hold."""
    head = json.dumps(dict(record.manifest), indent=1, **_JSON)
    tail = json.dumps(_record_data(record), **_JSON)
    separator = ",\n" if record.manifest else ""
    path.write_text(f'{head[:-1].rstrip()}{separator} "record": {tail}\n}}\n', encoding="utf-8")


def write_timing(record: RunRecord, path: Path) -> None:
    """What the simulation cost: the only output that differs from run to run. Nothing for a run that was read back."""
    if record.simulator is not None:
        _write_json(path, simulator_figures(record.simulator, len(record.tasks)))


def write_tasks(record: RunRecord, path: Path) -> None:
    """One row per executed task, columns as in `TaskColumns`."""
    write_columns({field.name: getattr(record.tasks, field.name) for field in fields(TaskColumns)}, path)


def write_counters(record: RunRecord, path: Path) -> None:
    """One row per change of a counter: `name`, `unit`, `kind`, `time_ps`, `value`."""
    write_columns(counter_columns(record.series), path)


def counter_columns(series: Sequence[Series]) -> dict[str, Column]:
    """The rows of `counters.parquet`."""
    owner = np.repeat(np.arange(len(series), dtype=np.int32), [len(item.time_ps) for item in series])
    columns: dict[str, Column] = {
        attribute: TextColumn.encode(getattr(item, attribute) for item in series).take(owner)
        for attribute in ("name", "unit", "kind")
    }
    columns["time_ps"] = np.concatenate([np.empty(0, np.int64), *(item.time_ps for item in series)])
    columns["value"] = np.concatenate([np.empty(0), *(item.value for item in series)])
    return columns


def task_table(window: Window, tasks: TaskColumns) -> dict[str, Column]:
    """The rows of `tasks.parquet` of a window's own tasks; gates and predecessors are rows of the run."""
    own = tasks.part(window.own)
    columns = {field.name: getattr(own, field.name) for field in fields(TaskColumns)}
    columns["gate"] = window.table[window.own, Spans.position("gate")].astype(np.int32)
    before = own.predecessors
    columns["predecessors"] = ListColumn(before.offsets, window.rows[before.values].astype(np.int32))
    return columns


def instance_table(records: Sequence[tuple[int, InstanceRecord]], graphs: Sequence[str]) -> dict[str, Column]:
    """The rows of `instances.parquet`; `graphs` are the names of all graphs. A deadline of -1 is none."""

    def integers(values: Iterable[int]) -> NDArray[np.int64]:
        return np.fromiter(values, dtype=np.int64)

    items = [record for _, record in records]
    return {
        "instance": integers(number for number, _ in records),
        "stream": TextColumn.encode(item.stream for item in items),
        "phase": TextColumn.encode(item.phase for item in items),
        "graph": TextColumn.encode(graphs[item.graph] for item in items),
        "index": integers(item.index for item in items),
        "request": integers(item.request for item in items),
        "arrival_ps": integers(item.arrival_ps for item in items),
        "done_ps": integers(item.done_ps for item in items),
        "deadline_ps": integers(-1 if item.deadline_ps is None else item.deadline_ps for item in items),
        "warm_up": integers(item.warm_up for item in items),
        "tokens": integers(item.tokens for item in items),
        "num_tasks": integers(item.num_tasks for item in items),
    }


def write_streamed(run: StreamedResult, folder: Path) -> None:
    """`summary.json`, `manifest.json` and `timing.json` of a streamed run."""
    _write_json(folder / "summary.json", run.summary)
    head = {"version": RECORD_VERSION, "streamed": True, "workloads": list(run.workloads), "notes": list(run.notes)}
    _write_json(folder / "manifest.json", {**run.manifest, "record": head})
    _write_json(folder / "timing.json", simulator_figures(run.simulator, run.summary["tasks"]))


def write_tiles(record: RunRecord, path: Path) -> None:
    """One row per tile and load, compute or store; nothing for a run at the task grain."""
    if record.tiles is not None:
        write_columns({field.name: getattr(record.tiles, field.name) for field in fields(TileSpans)}, path)


def _write_json(path: Path, data: Any) -> None:
    path.write_text(json.dumps(data, indent=1, **_JSON) + "\n", encoding="utf-8")


def _record_data(record: RunRecord) -> dict[str, Any]:
    """What the tables do not hold. Instances are columns, because there may be many."""
    return {
        "version": RECORD_VERSION,
        "hardware": record.hardware,
        "workloads": list(record.workloads),
        "seed": record.seed,
        "units": list(record.units),
        "unit_slots": dict(record.unit_slots),
        "links": [asdict(link) for link in record.links],
        "caches": [asdict(cache) for cache in record.caches],
        "dram_peak_bytes_per_s": record.dram_peak_bytes_per_s,
        "energy": asdict(record.energy) if record.energy is not None else None,
        "partial": record.partial,
        "notes": list(record.notes),
        "marks": [astuple(mark) for mark in record.marks],
        "graphs": [asdict(graph) for graph in record.graphs],
        "series": [{"name": item.name, "unit": item.unit, "kind": item.kind} for item in record.series],
        "instances": {
            field.name: [getattr(instance, field.name) for instance in record.instances]
            for field in fields(InstanceRecord)
        },
    }


# -- reading ---------------------------------------------------------------------------------------------------------


def _read_tiles(path: Path) -> TileSpans | None:
    if not path.exists():
        return None
    return TileSpans(**read_columns(path))  # type: ignore[arg-type]


def _instances_from(columns: Mapping[str, list[Any]]) -> tuple[InstanceRecord, ...]:
    columns = {**columns, "shares": [tuple((request, tokens) for request, tokens in row) for row in columns["shares"]]}
    names = list(columns)
    rows = zip(*(columns[name] for name in names), strict=True)
    return tuple(InstanceRecord(**dict(zip(names, row, strict=True))) for row in rows)


def _energy_from(data: Mapping[str, Any] | None) -> EnergyTotals | None:
    if data is None:
        return None
    units = {name: UnitEnergy(**unit) for name, unit in data["units"].items()}
    return EnergyTotals(**{**data, "units": units})


def _read_json(path: Path) -> dict[str, Any]:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); expected a folder that --out wrote") from error
    except ValueError as error:
        raise InputError(f"{path}: not JSON: {error}") from error
    if not isinstance(data, dict):
        raise InputError(f"{path}: expected an object")
    return data


def _read_tasks(path: Path) -> TaskColumns:
    columns = read_columns(path)
    return TaskColumns(**{field.name: columns[field.name] for field in fields(TaskColumns)})  # type: ignore[arg-type]


def _read_series(path: Path, declared: list[dict[str, str]]) -> tuple[Series, ...]:
    columns = read_columns(path)
    names: Any = columns["name"]
    times: Any = columns["time_ps"]
    values: Any = columns["value"]
    return tuple(
        Series(item["name"], item["unit"], item["kind"], times[chosen], values[chosen])
        for item in declared
        for chosen in [np.flatnonzero(names.codes == names.code(item["name"]))]
    )
