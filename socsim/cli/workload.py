"""`socsim workload`: the shipped workloads, and one of them in detail."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rich.table import Table

    from socsim.workload import Workload

app = typer.Typer(help="Workloads: list, show, transform.", no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="one JSON object on standard output")]
_LARGEST = 10
_LAYER = re.compile(r"\.\d+(?=[./])")


@app.command("list")
def list_workloads(as_json: AsJson = False) -> None:
    """The shipped workloads: parameters, work, weights, lengths."""
    from socsim.workload import load_workload, shipped_workloads

    summaries = {name: summary(load_workload(path)) for name, path in shipped_workloads().items()}
    if as_json:
        print(json.dumps(summaries))
        return
    table = _table("Shipped workloads", ["name", "parameters", "operations", "GFLOP", "weights", "lengths"])
    for name, row in summaries.items():
        lengths = ", ".join(f"{key}={value}" for key, value in row["lengths"].items()) or "fixed"
        table.add_row(
            name,
            f"{row['parameters'] / 1e6:,.1f} M" if row["parameters"] else "-",
            f"{row['operations']:,}",
            f"{row['flop'] / 1e9:,.2f}",
            f"{row['weight_bytes'] / 1e6:,.1f} MB" if row["weight_bytes"] else "-",
            lengths,
        )
    _print(table)


@app.command()
def show(
    workload: Annotated[str, typer.Argument(help="a shipped name such as resnet-50, or a workload file")],
    lengths: Annotated[
        list[str] | None, typer.Option("--length", "-l", metavar="NAME=N", help="a length, e.g. seq=512 (repeatable)")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """One workload: what it is, its work by kind of operation, its largest operations."""
    from socsim.workload import find_workload, load_workload

    loaded = load_workload(find_workload(workload))
    bindings = _bindings(lengths or [])
    facts = summary(loaded, bindings)
    kinds, largest = _by_kind(loaded, facts["lengths"]), _largest(loaded, facts["lengths"])
    if as_json:
        print(json.dumps(facts | {"kinds": kinds, "largest": largest}))
        return
    print(f"{loaded.name}: {one_line(loaded, bindings)}")
    for key, value in loaded.source.items():
        print(f"  {key}: {value}")
    for symbol in loaded.symbols:
        value = facts["lengths"][symbol.name]
        print(f"  {symbol.name} = {value} ({symbol.minimum} … {symbol.maximum})  {symbol.description}")
    _print(_work_table("By kind", "kind", kinds, facts["flop"]))
    _print(_work_table("Largest operations", "operation", largest, facts["flop"]))


def summary(workload: Workload, lengths: dict[str, int] | None = None) -> dict[str, Any]:
    """The figures of a workload at the given lengths (default: its own)."""
    values = workload.complete(lengths)
    total = workload.total_work(values)
    weights = [t for t in workload.tensors.values() if t.role == "weight" and t.alias_of is None]
    return {
        "name": workload.name,
        "graph": workload.graph,
        "partial": workload.partial,
        "hash": workload.content_hash,
        "lengths": values,
        "operations": len(workload.operations),
        "parameters": sum(t.bind({}).num_elements for t in weights),
        "weight_bytes": workload.weight_bytes(),
        "flop": total.flop,
        "matmul_flop": total.matmul_flop,
        "read_bytes": total.read_bytes,
        "write_bytes": total.write_bytes,
    }


def one_line(workload: Workload, lengths: dict[str, int] | None = None) -> str:
    """The figures of a workload in one line."""
    facts = summary(workload, lengths)
    at = ", ".join(f"{key}={value}" for key, value in facts["lengths"].items())
    return (
        f"{facts['operations']:,} operations, {facts['parameters'] / 1e6:,.1f} M parameters "
        f"({facts['weight_bytes'] / 1e6:,.1f} MB), {facts['flop'] / 1e9:,.2f} GFLOP" + (f" at {at}" if at else "")
    )


def _bindings(lengths: Iterable[str]) -> dict[str, int]:
    from socsim.cli.lengths import name_and_length

    return dict(name_and_length(given) for given in lengths)


def _rows(workload: Workload, lengths: dict[str, int]) -> Iterable[tuple[Any, Any]]:
    from socsim.workload import work

    for operation in workload.operations:
        yield operation, work(workload.bind(operation, lengths))


def _by_kind(workload: Workload, lengths: dict[str, int]) -> list[dict[str, Any]]:
    kinds: dict[str, dict[str, Any]] = {}
    for operation, done in _rows(workload, lengths):
        row = kinds.setdefault(operation.kind, {"kind": operation.kind, "operations": 0, "flop": 0, "bytes": 0})
        row["operations"] += 1
        row["flop"] += done.flop
        row["bytes"] += done.read_bytes + done.write_bytes
    return sorted(kinds.values(), key=lambda row: (-row["flop"], -row["bytes"], row["kind"]))


def _largest(workload: Workload, lengths: dict[str, int]) -> list[dict[str, Any]]:
    """Equal operations of repeated layers are one row: the layer's number is written as *."""
    rows: dict[tuple[str, int, int], dict[str, Any]] = {}
    for operation, done in _rows(workload, lengths):
        name, moved = _LAYER.sub(".*", operation.id), done.read_bytes + done.write_bytes
        row = rows.setdefault(
            (name, done.flop, moved),
            {"operation": operation.id, "kind": operation.kind, "times": 0, "flop": 0, "bytes": 0},
        )
        row["operation"] = operation.id if row["times"] == 0 else name
        row["times"] += 1
        row["flop"] += done.flop
        row["bytes"] += moved
    return sorted(rows.values(), key=lambda row: (-row["flop"], -row["bytes"], row["operation"]))[:_LARGEST]


def _work_table(title: str, first: str, rows: list[dict[str, Any]], total_flop: int) -> Table:
    texts = ["kind", "operations"] if first == "kind" else ["operation", "kind", "times"]
    table = _table(title, [*texts, "GFLOP", "share", "unfused MB", "FLOP per byte"])
    for row in rows:
        intensity = row["flop"] / row["bytes"] if row["bytes"] else 0.0
        cells = [f"{row['flop'] / 1e9:,.3f}", f"{row['flop'] / max(total_flop, 1):.1%}", f"{row['bytes'] / 1e6:,.2f}"]
        table.add_row(*(str(row[text]) for text in texts), *cells, f"{intensity:,.1f}")
    return table


def _table(title: str, columns: list[str]) -> Table:
    from rich.table import Table

    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    for index, column in enumerate(columns):
        is_text = index == 0 or column in ("kind", "lengths")
        # on a narrow terminal text goes on in the next line; a figure that is cut would be a wrong one
        folds = is_text and not (index == 0 and column == "name")
        table.add_column(column, justify="left" if is_text else "right", no_wrap=not folds, overflow="fold")
    return table


def _print(table: Table) -> None:
    from rich.console import Console

    width = None if sys.stdout.isatty() else 160
    Console(width=width, highlight=False).print(table)
