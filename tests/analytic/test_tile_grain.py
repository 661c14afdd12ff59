"""Do explicit tiles, copy engines and double-buffer slots take what a pipeline takes, and what the task grain says?"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from socsim import RunOptions, load_soc, load_workload, simulate
from socsim.engine.executor import Executor
from socsim.engine.tiled import TiledExecutor, parts
from socsim.errors import ConfigError
from socsim.report import write_outputs
from socsim.result.store import load_run
from socsim.result.tile_spans import COMPUTE, LOAD, STORE
from tests.building import execute, make_graph, make_soc, make_task
from tests.trace_structure import read_trace

GB = 10**9


def run(cycles: int, read: int, write: int, executor: type[Executor] = TiledExecutor, **unit: object) -> Executor:
    """One task alone: 1 GHz, 100 GB/s, tiles of 10 kB, no fill hidden."""
    soc = make_soc({"a": {"tile": "10 kB", "prefetch_depth": 0, **unit}}, latency="0 ns")
    tile = {"first_tile_bytes": min(read, 10_000), "last_tile_bytes": min(write, 10_000)}
    task = make_task("a", cycles, read, write, **tile)  # type: ignore[arg-type]
    return execute(soc, [(0, make_graph([task]))], executor_type=executor)


def body_ps(executor: Executor) -> int:
    """From the first byte that leaves memory to the last that is back (DRAM's 100 ns before it apart)."""
    return int(executor.spans.column("done_ps")[0]) - 100_000


def test_a_pipeline_takes_its_slowest_stage_for_every_tile_and_each_other_stage_once() -> None:
    # 100 tiles of 10 kB in, none out: load 100 ns each; compute 200 ns each
    assert body_ps(run(cycles=20_000, read=1_000_000, write=0)) == 100_000 + 100 * 200_000
    # the same with loads slower than computation: 50 ns each
    assert body_ps(run(cycles=5_000, read=1_000_000, write=0)) == 100 * 100_000 + 50_000


def test_a_single_slot_takes_the_stages_one_after_the_other() -> None:
    assert body_ps(run(cycles=20_000, read=1_000_000, write=0, tile_buffers=1)) == 100 * (100_000 + 200_000)


def test_one_copy_engine_takes_loads_and_stores_in_turns() -> None:
    # tiles of 5 kB in and 5 kB out; a port of 1000 GB/s each way and 100 GB/s of DRAM, so that alone each takes 50 ns
    one = body_ps(run(cycles=1_000, read=500_000, write=500_000, dma_engines=1))
    two = body_ps(run(cycles=1_000, read=500_000, write=500_000, dma_engines=2))
    assert one == pytest.approx(100 * 100_000, rel=0.02)
    assert two == pytest.approx(one, rel=0.02)  # the link is full either way


@pytest.mark.parametrize(
    ("cycles", "read", "write"),
    [(20_000, 1_000_000, 0), (5_000, 1_000_000, 0), (20_000, 1_000_000, 500_000), (3_000, 400_000, 800_000)],
)
def test_both_grains_agree_where_the_pipeline_is_steady(cycles: int, read: int, write: int) -> None:
    tiled, fluid = run(cycles, read, write), run(cycles, read, write, Executor)
    assert body_ps(tiled) == pytest.approx(body_ps(fluid), rel=0.03)


@pytest.mark.parametrize(
    ("model", "units"), [("resnet-50", ("npu",)), ("resnet-50", ("gpu",)), ("bert-base", ("npu",))]
)
def test_both_grains_agree_on_shipped_models(model: str, units: tuple[str, ...]) -> None:
    soc, workload = load_soc("apple/m1"), load_workload(model)
    task, tile = (
        simulate(workload, soc, RunOptions(precision="fp16", units=units, grain=grain)) for grain in ("task", "tile")
    )
    assert tile.summary["latency_s"] == pytest.approx(task.summary["latency_s"], rel=0.04)
    for key in ("dram_read_bytes", "dram_write_bytes", "flop", "tasks"):
        assert tile.summary[key] == task.summary[key]


def test_tiles_move_every_byte_and_compute_every_cycle_within_their_slots() -> None:
    executor = run(cycles=20_000, read=1_000_000, write=500_000)
    assert isinstance(executor, TiledExecutor)
    tiles = executor.tiles
    assert tiles.size_bytes[tiles.kind == LOAD].sum() == 1_000_000
    assert tiles.size_bytes[tiles.kind == STORE].sum() == 500_000
    compute = tiles.kind == COMPUTE
    assert (tiles.end_ps - tiles.begin_ps)[compute].sum() == 20_000_000
    # tile i + 2 is loaded only when tile i has been worked on
    loaded, worked = tiles.begin_ps[tiles.kind == LOAD], tiles.end_ps[compute]
    assert np.all(loaded[2:] >= worked[:-2])
    assert np.all(tiles.begin_ps[compute] >= tiles.end_ps[tiles.kind == LOAD])


def test_parts_add_up_and_differ_by_one_at_most() -> None:
    assert parts(10, 4) == [3, 3, 2, 2]
    assert parts(2, 4) == [1, 1, 0, 0]


def test_the_timeline_shows_loads_computation_and_stores_also_of_a_run_read_back(tmp_path: Path) -> None:
    soc, workload = load_soc("apple/m1"), load_workload("squeezenet")
    result = simulate(workload, soc, RunOptions(units=("gpu",), grain="tile"))
    write_outputs(result, tmp_path)
    back = load_run(tmp_path)
    assert back.tiles is not None
    assert result.tiles is not None
    assert np.array_equal(back.tiles.begin_ps, result.tiles.begin_ps)
    names = {track.name for track in read_trace(tmp_path / "trace.pftrace").tracks}
    assert {"gpu tiles, load", "gpu tiles, compute", "gpu tiles, store"} <= names


def test_what_tiles_do_not_know_is_refused() -> None:
    soc, workload = load_soc("apple/m1"), load_workload("squeezenet")
    with pytest.raises(ConfigError, match="unknown grain 'tiles': did you mean 'tile'"):
        simulate(workload, soc, RunOptions(grain="tiles"))
    with pytest.raises(ConfigError, match="--grain"):
        simulate(workload, soc, RunOptions(grain="tile", governor="ondemand"))
