"""Does a search find the front, the same one whoever works for it and however often it is interrupted?"""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from socsim.errors import ConfigError, ConfigFileError, SocsimError
from socsim.study.pareto import hypervolume, pareto_front
from socsim.study.run_sweep import sweep

pytest.importorskip("optuna", reason="needs the extra 'search'")
from socsim.study.run_search import search

pytestmark = pytest.mark.filterwarnings("ignore::optuna.exceptions.ExperimentalWarning")

SPACE = """
base: {hardware: apple/m1, workload: resnet-18, options: {units: [gpu], precision: fp16}}
axes:
  units.gpu.cores: {range: {from: 2, to: 16, step: 2}}
  units.gpu.clock: {linspace: {from: 0.9 GHz, to: 1.4 GHz, points: 6}}
  dram.channels: [4, 8]
figures: {cost: "units.gpu.cores * (units.gpu.clock / '1 GHz') ** 2 + dram.channels"}
objectives: {latency_s: min, cost: min}
"""


def write(folder: Path, text: str) -> Path:
    file = folder / "search.yaml"
    file.write_text(text, encoding="utf-8")
    return file


# -- front and volume ------------------------------------------------------------------------------------------------


def test_is_the_front_what_no_point_dominates() -> None:
    generator = np.random.default_rng(0)
    for objectives in (1, 2, 3, 4):
        values = generator.integers(0, 8, size=(60, objectives)).astype(np.float64)
        front = {tuple(values[row]) for row in pareto_front(values)}
        assert len(front) == len(pareto_front(values))
        for row in values:
            dominated = any((other <= row).all() and (other < row).any() for other in values)
            assert (tuple(row) in front) != dominated


def test_is_the_hypervolume_the_volume_that_is_dominated() -> None:
    assert hypervolume(np.array([[1.0]]), np.array([3.0])) == 2.0
    assert hypervolume(np.array([[1.0, 2.0], [2.0, 1.0]]), np.array([3.0, 3.0])) == 3.0
    assert hypervolume(np.array([[0.0, 0.0, 0.0]]), np.array([2.0, 3.0, 4.0])) == 24.0
    assert hypervolume(np.array([[5.0, 5.0]]), np.array([3.0, 3.0])) == 0.0
    generator = np.random.default_rng(1)
    values = generator.integers(0, 6, size=(12, 3)).astype(np.float64)
    cells = np.stack(np.meshgrid(*[np.arange(6)] * 3, indexing="ij"), axis=-1).reshape(-1, 3)
    covered = sum(bool((values <= cell).all(axis=1).any()) for cell in cells)
    assert hypervolume(values, np.array([6.0, 6.0, 6.0])) == covered


# -- the search ------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_is_almost_all_of_the_volume_found_with_a_part_of_the_points(tmp_path: Path) -> None:
    file = write(tmp_path, SPACE)
    everything = sweep(file, tmp_path / "all", workers=0)
    values = np.array([everything.results.numbers(name) for name in ("latency_s", "cost")]).T
    reference = values.max(axis=0) * 1.05
    whole = hypervolume(values, reference)
    shares = []
    for seed in range(3):
        out = tmp_path / str(seed)
        shutil.copytree(tmp_path / "all" / "chunks", out / "chunks")  # nothing needs to be simulated again
        budget = (
            f"search: {{points: 40, seed: {seed}, reference: {{latency_s: {reference[0]}, cost: {reference[1]}}}}}\n"
        )
        found = search(write(tmp_path, SPACE + budget), out, workers=0)
        assert (len(found.results), found.computed) == (40, 0)
        assert [volume for _, volume in found.progress] == sorted(volume for _, volume in found.progress)
        shares.append(found.progress[-1][1] / whole)
    assert float(np.median(shares)) > 0.95


def test_is_a_search_the_same_from_many_workers_and_after_an_interruption(tmp_path: Path) -> None:
    file = write(tmp_path, SPACE + "search: {points: 24, population: 8, seed: 3}\n")
    alone = search(file, tmp_path / "alone", workers=0)
    many = search(file, tmp_path / "many", workers=2)
    half = tmp_path / "half"
    shutil.copytree(tmp_path / "alone" / "chunks", half / "chunks")
    for chunk in sorted((half / "chunks").iterdir())[::2]:
        chunk.unlink()
    again = search(file, half, workers=0)
    assert (alone.computed, many.computed) == (24, 24)
    assert 0 < again.computed < 24
    for name in ("results.parquet", "search.json"):
        contents = [(tmp_path / folder / name).read_bytes() for folder in ("alone", "many", "half")]
        assert contents[0] == contents[1] == contents[2]
    assert len(set(alone.results.columns["point"].values)) == 24


def test_are_constraints_kept_on_the_front(tmp_path: Path) -> None:
    text = SPACE + "constraints: [cost <= 14, latency_s > 0]\nsearch: {points: 24, population: 8}\n"
    found = search(write(tmp_path, text), tmp_path / "out", workers=0)
    cost = found.results.numbers("cost")
    assert found.front
    assert all(cost[row] <= 14 for row in found.front)
    feasible = [bool(value) for value in found.results.columns["feasible"].values]
    assert feasible == (cost <= 14).tolist()
    assert not all(feasible)


def test_does_a_small_space_end_the_search(tmp_path: Path) -> None:
    text = SPACE.replace("{range: {from: 2, to: 16, step: 2}}", "[4, 8]").replace("points: 6", "points: 2")
    found = search(write(tmp_path, text + "search: {points: 100, population: 8}\n"), tmp_path / "out", workers=0)
    assert len(found.results) == 8


def test_may_an_axis_lie_anywhere_between_two_ends(tmp_path: Path) -> None:
    text = SPACE.replace(
        "{linspace: {from: 0.9 GHz, to: 1.4 GHz, points: 6}}", "{random: {from: 0.9 GHz, to: 1.4 GHz}}"
    )
    found = search(write(tmp_path, text + "search: {points: 16, population: 8}\n"), tmp_path / "out", workers=0)
    clocks = found.results.numbers("units.gpu.clock")
    assert ((clocks >= 0.9e9) & (clocks <= 1.4e9)).all()
    assert len(set(clocks.tolist())) > 8


@pytest.mark.parametrize("sampler", ["tpe", "random"])
def test_do_other_samplers_work(sampler: str, tmp_path: Path) -> None:
    text = SPACE + f"search: {{points: 10, population: 4, sampler: {sampler}}}\n"
    assert len(search(write(tmp_path, text), tmp_path / "out", workers=0).results) == 10


def test_may_an_objective_be_a_function_of_my_own(tmp_path: Path) -> None:
    file = write(
        tmp_path, SPACE.replace("objectives: {latency_s: min, cost: min}\n", "search: {points: 8, population: 4}\n")
    )
    objectives = {
        "latency": (lambda row: row["latency_s"], "min"),
        "cores": (lambda row: row["units.gpu.cores"], "max"),
    }
    found = search(file, tmp_path / "out", workers=0, objectives=objectives)
    assert found.objectives == ("latency", "cores")
    assert found.results.columns["cores"].values == [
        float(str(v)) for v in found.results.columns["units.gpu.cores"].values
    ]
    assert max(found.results.numbers("cores")) in {found.results.numbers("cores")[row] for row in found.front}
    with pytest.raises(ConfigError, match="bad: your function fails: KeyError"):
        search(file, tmp_path / "bad", workers=0, objectives={"bad": (lambda row: row["no"], "min")})


WRONG = [
    ("search: {sampler: nsga3}", "search.sampler: unknown 'nsga3': did you mean 'nsga2'"),
    ("search: {points: 0}", "search.points: expected a whole number of at least 1"),
    ("search: {reference: {latency: 1}}", "search.reference: unknown key 'latency': did you mean 'latency_s'"),
    ("constraints: [cost <]", "constraints: 'cost <' is no expression"),
]


@pytest.mark.parametrize(("text", "words"), WRONG, ids=[text for text, _ in WRONG])
def test_does_an_error_name_file_and_line(text: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigFileError, match=rf"search\.yaml:\d+:\d+: {words}"):
        search(write(tmp_path, SPACE + text + "\n"), tmp_path / "out", workers=0)


def test_does_a_search_need_an_objective(tmp_path: Path) -> None:
    with pytest.raises(ConfigFileError, match="objectives: a search needs at least one"):
        search(
            write(tmp_path, SPACE.replace("objectives: {latency_s: min, cost: min}", "")), tmp_path / "out", workers=0
        )


def test_are_mapping_model_and_price_of_the_die_part_of_a_search(tmp_path: Path) -> None:
    text = """
base: {hardware: apple/m1, workload: resnet-18}
axes:
  units: [npu, gpu]
  units.gpu.cores: [4, 8]
  precision: [fp16, int8]
  transforms: [none, "prune_channels: {fraction: 0.25}"]
objectives: {latency_s: min, die.cost_usd: min}
search: {points: 16, population: 8}
"""
    found = search(write(tmp_path, text), tmp_path / "out", workers=0)
    rows = [found.results.row(row) for row in range(16)]
    assert {row["status"] for row in rows} == {"ok"}

    def flop(step: str) -> set[object]:
        return {row["flop"] for row in rows if row["transforms"] == step}

    assert max(flop("prune_channels: {fraction: 0.25}")) < min(flop("none"))  # type: ignore[type-var]
    costs = {row["units.gpu.cores"]: row["die.cost_usd"] for row in rows}
    assert costs[8] > costs[4]  # type: ignore[operator]


def test_is_a_search_without_any_result_an_error(tmp_path: Path) -> None:
    text = SPACE.replace("precision: fp16", "precision: fp16, transforms: 'kv_cache: {format: int8}'")
    with pytest.raises(SocsimError, match=r"none of the first 8 points could be run: .*key-value cache"):
        search(write(tmp_path, text + "search: {points: 24, population: 8}\n"), tmp_path / "out", workers=0)


def test_does_the_command_print_the_front(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(
        "def cores(row):\n    return row['units.gpu.cores']\n\n\ndef clock(row):\n    return row['units.gpu.clock']\n",
        encoding="utf-8",
    )
    file = write(tmp_path, SPACE + "search: {points: 6, population: 6}\n")
    command = [sys.executable, "-m", "socsim", "search", str(file), "--out", str(tmp_path / "out"), "--workers", "0",
               "--maximize", "mine:cores", "--objective", "clock=mine:clock", "--json"]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    assert figures["objectives"] == {"latency_s": "min", "cost": "min", "clock": "min", "cores": "max"}
    assert figures["points"] == 6
    assert figures["front"]


@pytest.mark.slow
def test_is_nothing_lost_or_doubled_after_a_kill(tmp_path: Path) -> None:
    file = write(tmp_path, SPACE + "search: {points: 48, population: 12, seed: 5}\n")
    command = [sys.executable, "-m", "socsim", "search", str(file), "--out", str(tmp_path / "out"), "--workers", "2"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    chunks = tmp_path / "out" / "chunks"
    while process.poll() is None and len(list(chunks.glob("*.json.gz"))) < 8:
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    again = search(file, tmp_path / "out", workers=0)
    assert 0 < again.computed < 48
    search(file, tmp_path / "whole", workers=0)
    assert len(set(again.results.columns["point"].values)) == len(again.results) == 48
    for name in ("results.parquet", "search.json"):
        assert (tmp_path / "out" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()
