"""What a person sees on the terminal first."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from socsim.report import print_summary
from socsim.result import RunResult
from socsim.result.operations import merge_layers, operation_figures
from tests.synthetic_run import SpanRows, camera_and_assistant, instance, make_graph, make_run, make_task, many_tasks


def printed(run: RunResult, width: int = 100) -> str:
    text = io.StringIO()
    print_summary(run, Console(file=text, width=width))
    return text.getvalue()


def test_it_says_how_long_and_what_bounds_it_first() -> None:
    lines = printed(camera_and_assistant()).splitlines()
    assert lines[0] == "camera_net, chat on made/by_hand"
    assert lines[1].split() == ["latency", "60", "µs"]
    bounds = lines[lines.index("What bounds it") + 1]
    assert bounds.split()[:2] == ["compute", "45.0%"]


def test_it_names_generation_units_links_caches_streams_and_notes() -> None:
    text = printed(camera_and_assistant())
    assert "592,593 tokens/s" in text
    assert "80.8% busy" in text
    assert "75.0% of peak 60 GB/s on average" in text
    assert "20.8% hits" in text
    assert "1 deadlines missed" in text
    assert "note: the camera network's lengths are its defaults" in text


@pytest.mark.parametrize("width", [80, 130])
def test_no_line_is_wider_than_the_terminal_nor_folded(width: int) -> None:
    text = printed(camera_and_assistant(), width)
    assert all(len(line) <= width for line in text.splitlines())
    assert len([line for line in text.splitlines() if "convolution" in line or "conv " in line]) == 1


def test_a_partial_run_says_so() -> None:
    assert "partial:" in printed(make_run(SpanRows(), [], [], partial=True))


def test_names_with_brackets_are_printed_as_they_are() -> None:
    rows = SpanRows()
    rows.add(0, 0, 0, 10)
    run = make_run(rows, [instance("[red]", 0, 0, 10)], [make_graph(make_task("a[0]"), name="[bold]net")])
    text = printed(run)
    assert "[bold]net on made/by_hand" in text
    assert "a[0]" in text


def test_equal_layers_are_one_row() -> None:
    figures = operation_figures(many_tasks(2, num_layers=4).record)
    assert len(figures) == 8
    merged = {(item.name, item.unit): item for item in merge_layers(figures)}
    assert set(merged) == {
        ("layers.*.attn/linear", "npu"),
        ("layers.*.mlp/linear", "npu"),
        ("layers.*.attn/linear", "gpu"),
        ("layers.*.mlp/linear", "gpu"),
    }
    assert merged["layers.*.mlp/linear", "gpu"].count == 4
    assert merged["layers.*.mlp/linear", "gpu"].flop == 4 * 2_000_000


def test_layers_with_different_work_stay_apart_and_common_numbers_stay() -> None:
    rows = SpanRows()
    names = ["stages.1.layers.0.conv", "stages.1.layers.1.conv", "stages.1.layers.2.conv"]
    graph = make_graph(*(make_task(name, flop=flop) for name, flop in zip(names, (10, 10, 99), strict=True)))
    for number in range(3):
        rows.add(0, number, number * 10, number * 10 + 10)
    run = make_run(rows, [instance("s", 0, 0, 30)], [graph])
    assert {item.name for item in merge_layers(operation_figures(run.record))} == {
        "stages.1.layers.*.conv", "stages.1.layers.2.conv",
    }  # fmt: skip


def test_figures_of_operations_add_up_to_the_run() -> None:
    record = camera_and_assistant().record
    figures = operation_figures(record)
    assert sum(item.flop for item in figures) == record.summary["flop"]
    assert sum(item.critical_ps for item in figures) == record.latency_ps
    conv = next(item for item in figures if item.name == "conv")
    assert (conv.count, conv.busy_ps, conv.active_ps) == (2, 20_500_000, 22_500_000)
    assert conv.bound_by == "compute"


@pytest.mark.parametrize("width", [60, 80, 100])
def test_what_bounds_a_run_takes_one_line_each_on_a_narrow_terminal(width: int) -> None:
    lines = printed(camera_and_assistant(), width).splitlines()
    first = lines.index("What bounds it") + 1
    bounds = lines[first : lines.index("Busiest units and links") - 1]
    assert all(line.startswith("  ") and "%" in line for line in bounds), bounds
