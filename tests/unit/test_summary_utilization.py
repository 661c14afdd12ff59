"""Averages over windows of time."""

from __future__ import annotations

import numpy as np
import pytest

from socsim.result.utilization import busy_fractions, window_edges, window_means
from tests.synthetic_run import SpanRows, camera_and_assistant, instance, make_graph, make_run, make_task


def test_means_of_a_step_function_are_exact_in_every_window() -> None:
    # value 4 from 10 to 25, 1 from 25 on; windows 0-10, 10-20, 20-30, 30-40
    means = window_means(np.array([10, 25]), np.array([4.0, 1.0]), np.array([0, 10, 20, 30, 40]))
    assert means.tolist() == [0.0, 4.0, pytest.approx(2.5), 1.0]


def test_a_quantity_that_was_never_sampled_is_zero() -> None:
    assert window_means(np.array([]), np.array([]), np.array([0, 10, 20])).tolist() == [0.0, 0.0]


def test_a_window_without_length_has_mean_zero() -> None:
    assert window_means(np.array([0]), np.array([1.0]), np.array([5, 5, 6])).tolist() == [0.0, 1.0]


def test_busy_fractions_weigh_slots_and_count_fill() -> None:
    rows = SpanRows()
    rows.add(0, 0, 2, 10, fill_ps=2, ready_ps=0)
    rows.add(0, 1, 10, 20, lane=2)
    graph = make_graph(make_task("a", "cpu", slots=2), make_task("b", "cpu", slots=1))
    run = make_run(rows, [instance("s", 0, 0, 20)], [graph], unit_slots={"cpu": 4})
    assert busy_fractions(run.record, "cpu", np.array([0, 10, 20])).tolist() == [0.5, 0.25]


def test_windows_cover_the_run_and_are_no_finer_than_time() -> None:
    record = camera_and_assistant().record
    edges = window_edges(record, 7)
    assert (edges[0], edges[-1], len(edges)) == (0, 60_000_000, 8)
    rows = SpanRows()
    rows.add(0, 0, 0, 3)
    short = make_run(rows, [instance("s", 0, 0, 3)], [make_graph(make_task("a"))])
    assert window_edges(short.record, 100).tolist() == [0, 1, 2, 3]
