"""What bounds a run, on spans made by hand. Times are plain picoseconds; pictures show bodies as `====`."""

from __future__ import annotations

import pytest

from socsim.errors import ModelError
from socsim.result import Gate, RunResult
from socsim.result.bottleneck import CAUSES
from socsim.result.critical_path import critical_path
from tests.synthetic_run import SpanRows, camera_and_assistant, instance, make_graph, make_run, make_task

UNIT, DEPENDENCY, LAUNCH, ARRIVAL = (int(gate) for gate in (Gate.UNIT, Gate.DEPENDENCY, Gate.LAUNCH, Gate.ARRIVAL))


def parts(run: RunResult) -> dict[str, int]:
    """Picoseconds per cause, without those that are zero."""
    path = critical_path(run.record)
    times = path.time_by_cause_ps()
    assert tuple(times) == CAUSES
    assert sum(times.values()) == run.latency_ps
    assert (path.begin_ps[:-1] == path.end_ps[1:]).all(), "segments join without gap"
    return {name: time for name, time in times.items() if time}


def test_one_task_is_split_into_fill_body_contention_and_drain() -> None:
    # 0 ~fill~ 10 ====compute 60==== 70 ==contention== 90 ~drain~ 95
    # another stream |5====50|
    rows = SpanRows()
    rows.add(1, 1, 5, 50)
    rows.add(0, 0, 10, 90, ready_ps=0, fill_ps=10, done_ps=95, compute_ps=60, alone_ps=50)
    graph = make_graph(make_task("a"), make_task("b", "npu"))
    run = make_run(rows, [instance("s", 0, 0, 95), instance("other", 0, 5, 50)], [graph])
    assert parts(run) == {"compute": 60, "contention": 20, "latency": 15}
    assert run.record.tasks.bound_by[1] == "compute"


@pytest.mark.parametrize("other", [(0, 10), (90, 95)])
def test_bandwidth_lost_to_nobody_else_is_the_streams_own_traffic(other: tuple[int, int]) -> None:
    # The same body; the other stream ended before it or began after it.
    rows = SpanRows()
    end_first = other[1] <= 10
    if end_first:
        rows.add(1, 1, *other)
    rows.add(0, 0, 10, 90, ready_ps=0, fill_ps=10, done_ps=95, compute_ps=30, alone_ps=20)
    if not end_first:
        rows.add(1, 1, *other)
    graph = make_graph(make_task("a"), make_task("b", "npu"))
    run = make_run(rows, [instance("s", 0, 0, 95), instance("other", 0, other[0], other[1])], [graph])
    times = critical_path(run.record).time_by_cause_ps()
    assert times["contention"] == 0
    assert run.record.tasks.bound_by[int(end_first)] == "memory"


def test_a_stream_by_itself_has_no_contention() -> None:
    rows = SpanRows()
    rows.add(0, 0, 0, 100, compute_ps=60, alone_ps=50)
    run = make_run(rows, [instance("s", 0, 0, 100)], [make_graph(make_task("a"))])
    assert parts(run) == {"compute": 60, "memory": 40}


@pytest.mark.parametrize(("compute", "alone", "cause"), [(100, 100, "compute"), (99, 100, "memory")])
def test_a_body_belongs_to_the_longer_of_arithmetic_and_bytes(compute: int, alone: int, cause: str) -> None:
    rows = SpanRows()
    rows.add(0, 0, 0, 100, compute_ps=compute, alone_ps=alone)
    assert parts(make_run(rows, [instance("s", 0, 0, 100)], [make_graph(make_task("a"))])) == {cause: 100}


def test_a_body_shorter_than_estimated_has_no_contention() -> None:
    # First tiles were fetched ahead, so the body moves fewer bytes than `alone` counts.
    rows = SpanRows()
    rows.add(0, 0, 0, 40, compute_ps=10, alone_ps=50)
    assert parts(make_run(rows, [instance("s", 0, 0, 40)], [make_graph(make_task("a"))])) == {"memory": 40}


def test_a_chain_is_the_sum_of_its_tasks_with_the_drain_between() -> None:
    # gpu |a 0====50|~55  |b 55====75|
    rows = SpanRows()
    first = rows.add(0, 0, 0, 50, done_ps=55)
    rows.add(0, 1, 55, 75, compute_ps=5, alone_ps=20, gate=first, gate_kind=DEPENDENCY)
    graph = make_graph(make_task("a"), make_task("b", predecessors=[0]))
    assert parts(make_run(rows, [instance("s", 0, 0, 75)], [graph])) == {"compute": 50, "latency": 5, "memory": 20}


def test_crossing_units_is_a_handover() -> None:
    # gpu |a 0====50|
    # npu           .handover 8.|b 58====70|
    rows = SpanRows()
    first = rows.add(0, 0, 0, 50)
    rows.add(0, 1, 58, 70, gate=first, gate_kind=DEPENDENCY)
    graph = make_graph(make_task("a"), make_task("b", "npu", [0], handover_ps=8))
    assert parts(make_run(rows, [instance("s", 0, 0, 70)], [graph])) == {"compute": 62, "handover": 8}


def test_the_path_follows_the_later_of_two_predecessors_handover_included() -> None:
    # gpu |a 0====50|            a is done first, but its data has to cross: ready at 50 + 8
    # npu |b 0=====54|....|c 58====70|
    rows = SpanRows()
    crossing = rows.add(0, 0, 0, 50)
    rows.add(0, 1, 0, 54, compute_ps=1, alone_ps=54)
    rows.add(0, 2, 58, 70, gate=crossing, gate_kind=DEPENDENCY)
    graph = make_graph(make_task("a"), make_task("b", "npu"), make_task("c", "npu", [0, 1], handover_ps=8))
    assert parts(make_run(rows, [instance("s", 0, 0, 70)], [graph])) == {"compute": 62, "handover": 8}


def test_a_unit_held_by_the_same_stream_is_followed_into_its_holder() -> None:
    # gpu |a 0====50|b 50====70|     b was ready at 0; a is the stream's own work (here bound by memory)
    rows = SpanRows()
    holder = rows.add(0, 0, 0, 50, compute_ps=1, alone_ps=50)
    rows.add(0, 1, 50, 70, ready_ps=0, gate=holder, gate_kind=UNIT)
    graph = make_graph(make_task("a"), make_task("b"))
    assert parts(make_run(rows, [instance("s", 0, 0, 70)], [graph])) == {"memory": 50, "compute": 20}


def test_a_unit_held_by_another_stream_is_queueing_back_to_the_own_data() -> None:
    # gpu |other 0========60|b 60====80|
    # npu |a 0====30|                          b was ready at 30 and waited for the other stream
    rows = SpanRows()
    rows.add(0, 0, 0, 30)
    holder = rows.add(1, 0, 0, 60, compute_ps=1, alone_ps=60)
    rows.add(0, 1, 60, 80, ready_ps=30, gate=holder, gate_kind=UNIT)
    mine = make_graph(make_task("a", "npu"), make_task("b", "gpu", [0]), name="mine")
    other = make_graph(make_task("c"), name="other")
    run = make_run(rows, [instance("s", 0, 0, 80), instance("o", 1, 0, 60)], [mine, other])
    assert parts(run) == {"compute": 50, "queue": 30}


def test_a_wait_for_another_stream_does_not_swallow_handover_and_launch() -> None:
    # gpu |other 0==========60|b 60====80|    a done 30, handed over at 34, b launched 20-40: queue is 40-60 only
    # npu |a 0====30|
    rows = SpanRows()
    rows.add(0, 0, 0, 30)
    holder = rows.add(1, 0, 0, 60)
    rows.add(0, 1, 60, 80, ready_ps=34, launch_start_ps=20, launch_end_ps=40, gate=holder, gate_kind=UNIT)
    mine = make_graph(make_task("a", "npu"), make_task("b", "gpu", [0], handover_ps=4), name="mine")
    run = make_run(
        rows, [instance("s", 0, 0, 80), instance("o", 1, 0, 60)], [mine, make_graph(make_task("c"), name="other")]
    )
    assert parts(run) == {"compute": 50, "handover": 4, "launch": 6, "queue": 20}


def test_a_launch_that_ends_after_the_data_shows_only_what_did_not_hide() -> None:
    # front end      |b 40....70|
    # gpu  |a 0====50|          |b 70=80|      20 of the launch's 30 were not hidden behind a
    rows = SpanRows()
    first = rows.add(0, 0, 0, 50)
    rows.add(0, 1, 70, 80, ready_ps=50, launch_start_ps=40, launch_end_ps=70, gate=first, gate_kind=LAUNCH)
    graph = make_graph(make_task("a"), make_task("b", predecessors=[0]))
    assert parts(make_run(rows, [instance("s", 0, 0, 80)], [graph])) == {"compute": 60, "launch": 20}


def test_independent_short_tasks_behind_one_front_end_are_bound_by_launch() -> None:
    # front end |a 0..10|b 10..20|c 20..30|
    # gpu               |a|      |b|      |c 30-31|     all were ready at 0
    rows = SpanRows()
    for number in range(3):
        begin = 10 * number
        rows.add(0, number, begin + 10, begin + 11, ready_ps=0, launch_start_ps=begin, launch_end_ps=begin + 10,
                 gate_kind=LAUNCH)  # fmt: skip
    graph = make_graph(make_task("a"), make_task("b"), make_task("c"))
    assert parts(make_run(rows, [instance("s", 0, 0, 31)], [graph])) == {"launch": 30, "compute": 1}


def test_a_launch_that_waited_for_room_in_the_queue_is_followed_into_the_body_that_made_it() -> None:
    # front end |a 0..10|            |b 60..70|         the queue holds one task: b is taken when a's body ends
    # gpu               |a 10=====60|         |b 70=80|
    rows = SpanRows()
    rows.add(0, 0, 10, 60, ready_ps=0, launch_start_ps=0, launch_end_ps=10, compute_ps=1, alone_ps=50,
             gate_kind=LAUNCH)  # fmt: skip
    rows.add(0, 1, 70, 80, ready_ps=0, launch_start_ps=60, launch_end_ps=70, gate_kind=LAUNCH)
    graph = make_graph(make_task("a"), make_task("b"))
    assert parts(make_run(rows, [instance("s", 0, 0, 80)], [graph])) == {"compute": 10, "launch": 20, "memory": 50}


def test_submission_by_a_host_counts_as_launch() -> None:
    # host submits b until 25; front end |a 0..10|      |b 25..35|
    rows = SpanRows()
    rows.add(0, 0, 10, 12, ready_ps=0, launch_start_ps=0, launch_end_ps=10, gate_kind=LAUNCH)
    rows.add(0, 1, 35, 40, ready_ps=0, launch_start_ps=25, launch_end_ps=35, gate_kind=LAUNCH)
    graph = make_graph(make_task("a"), make_task("b"))
    assert parts(make_run(rows, [instance("s", 0, 0, 40)], [graph])) == {"launch": 35, "compute": 5}


def test_a_generation_step_continues_in_the_step_that_released_it() -> None:
    # |prefill 0====50|decode 50====60|  think  |decode 75====80|
    rows = SpanRows()
    first = rows.add(0, 0, 0, 50)
    second = rows.add(1, 0, 50, 60, compute_ps=2, alone_ps=10, gate=first, gate_kind=ARRIVAL)
    rows.add(2, 0, 75, 80, compute_ps=2, alone_ps=5, gate=second, gate_kind=ARRIVAL)
    steps = [instance("s", 0, begin, end) for begin, end in ((0, 50), (50, 60), (75, 80))]
    run = make_run(rows, steps, [make_graph(make_task("a"))])
    assert parts(run) == {"compute": 50, "memory": 15, "idle": 15}


def test_a_step_that_queued_behind_another_stream_still_finds_the_step_before_it() -> None:
    # gpu |step 0====50|other 50====70|step 70====80|   the second step arrived at 50, the unit was taken at 50
    rows = SpanRows()
    rows.add(0, 0, 0, 50)
    other = rows.add(1, 0, 50, 70, ready_ps=10)
    rows.add(2, 0, 70, 80, ready_ps=50, gate=other, gate_kind=UNIT)
    steps = [instance("s", 0, 0, 50), instance("o", 0, 10, 70), instance("s", 0, 50, 80)]
    assert parts(make_run(rows, steps, [make_graph(make_task("a"))])) == {"compute": 60, "queue": 20}


def test_the_step_before_it_is_found_though_a_third_stream_was_at_work_then() -> None:
    # gpu |step 0====50|other 50====70|step 70====95|
    # npu |third 0===50|                              it ended when the step arrived, but did not lead to it
    rows = SpanRows()
    rows.add(3, 1, 0, 50)
    rows.add(0, 0, 0, 50)
    other = rows.add(1, 0, 50, 70, ready_ps=10)
    rows.add(2, 0, 70, 95, ready_ps=50, gate=other, gate_kind=UNIT)
    graph = make_graph(make_task("a"), make_task("b", "npu"))
    times = [("s", 0, 50), ("o", 10, 70), ("s", 50, 95), ("third", 0, 50)]
    run = make_run(rows, [instance(stream, 0, begin, end) for stream, begin, end in times], [graph])
    assert critical_path(run.record).time_by_row_ps(4).tolist() == [0, 50, 0, 45], "45: its body and its queueing"


def test_the_path_follows_the_later_data_behind_another_stream_too() -> None:
    # gpu |a 0====50|           a's data has to cross: ready at 58; then another stream holds the unit until 70
    # npu |b 0=====54|other 54======70|c 70==80|
    rows = SpanRows()
    rows.add(0, 0, 0, 50)
    rows.add(0, 1, 0, 54, compute_ps=1, alone_ps=54)
    other = rows.add(1, 0, 54, 70)
    rows.add(0, 2, 70, 80, ready_ps=58, gate=other, gate_kind=UNIT)
    mine = make_graph(make_task("a"), make_task("b", "npu"), make_task("c", "npu", [0, 1], handover_ps=8), name="m")
    theirs = make_graph(make_task("d", "npu"), name="o")
    run = make_run(rows, [instance("s", 0, 0, 80), instance("o", 1, 0, 70)], [mine, theirs])
    assert parts(run) == {"compute": 60, "handover": 8, "queue": 12}


def test_predecessors_that_never_ran_are_left_out() -> None:
    rows = SpanRows()
    rows.add(0, 1, 5, 10, ready_ps=0)
    graph = make_graph(make_task("a"), make_task("b", predecessors=[0]))
    run = make_run(rows, [instance("s", 0, 0, 10)], [graph])
    assert run.record.tasks.predecessors[0] == []


def test_time_before_an_arrival_without_work_is_idle() -> None:
    # |frame 0====20|        idle        |frame 100====120|
    rows = SpanRows()
    rows.add(0, 0, 0, 20)
    rows.add(1, 0, 100, 120)
    frames = [instance("s", 0, 0, 20), instance("s", 0, 100, 120)]
    assert parts(make_run(rows, frames, [make_graph(make_task("a"))])) == {"compute": 40, "idle": 80}


def test_time_before_an_arrival_belongs_to_what_ran_then() -> None:
    # gpu |long 0==========90|            half of the time before the frame's arrival at 60 is what it did until then
    # npu             |frame 60=======100|
    rows = SpanRows()
    rows.add(0, 0, 0, 90, compute_ps=1, alone_ps=45)
    rows.add(1, 1, 60, 100)
    graph = make_graph(make_task("a"), make_task("b", "npu"))
    frames = [instance("l", 0, 0, 90), instance("f", 0, 60, 100)]
    run = make_run(rows, frames, [graph])
    assert parts(run) == {"compute": 40, "memory": 30, "contention": 30}


def test_the_walk_ends_at_the_first_arrival_of_the_run() -> None:
    rows = SpanRows()
    rows.add(0, 0, 1000, 1020)
    run = make_run(rows, [instance("s", 0, 1000, 1020)], [make_graph(make_task("a"))])
    assert parts(run) == {"compute": 20}


def test_a_run_without_tasks_was_idle() -> None:
    run = make_run(SpanRows(), [instance("s", 0, 5, 5, num_tasks=0)], [make_graph()])
    assert run.summary["bound_by"] == {name: float(name == "idle") for name in CAUSES}


def test_gates_in_a_circle_are_reported_not_followed_for_ever() -> None:
    rows = SpanRows()
    rows.add(0, 0, 10, 10, ready_ps=10, done_ps=10, gate=1, gate_kind=UNIT)
    rows.add(0, 1, 10, 10, ready_ps=10, done_ps=10, gate=0, gate_kind=UNIT)
    graph = make_graph(make_task("a"), make_task("b"))
    run = make_run(rows, [instance("s", 0, 0, 10)], [graph])
    with pytest.raises(ModelError, match="circle"):
        critical_path(run.record)


def test_shares_of_two_streams_add_up_and_name_every_task_on_the_path() -> None:
    run = camera_and_assistant()
    fractions = run.summary["bound_by"]
    assert sum(fractions.values()) == pytest.approx(1, abs=1e-12)
    path = critical_path(run.record)
    by_row = path.time_by_row_ps(len(run.spans))
    assert by_row[8] == 60_000_000 - 53_000_000, "the last head: body, fill and hand-over"
    assert int(by_row.sum()) == run.latency_ps
