"""Does a sweep file make the points it says, and does an error name file, line and axis?"""

from __future__ import annotations

from pathlib import Path

import pytest

from socsim.errors import ConfigError, ConfigFileError
from socsim.study.design.sweep_file import SweepFile, read_sweep
from socsim.study.execution.collect import computed
from socsim.study.run_sweep import prepare

BASE = "base: {hardware: apple/m1, workload: resnet-18, options: {units: [gpu]}}\n"


def read(folder: Path, text: str) -> SweepFile:
    file = folder / "sweep.yaml"
    file.write_text(text, encoding="utf-8")
    return read_sweep(file)


def rows(sweep: SweepFile) -> list[tuple[object, ...]]:
    return [tuple(str(value) for value in point.values.values()) for point in sweep.plan.points()]


def test_are_axes_crossed_with_the_first_slowest(tmp_path: Path) -> None:
    sweep = read(tmp_path, BASE + "axes: {units.gpu.cores: [8, 16], batch: [1, 2, 4]}\n")
    assert rows(sweep) == [("8", "1"), ("8", "2"), ("8", "4"), ("16", "1"), ("16", "2"), ("16", "4")]


def test_do_zipped_axes_advance_together(tmp_path: Path) -> None:
    text = BASE + "axes: {batch: [1, 2]}\nzip: {units.gpu.cores: [8, 16], units.gpu.clock: [1 GHz, 1.2 GHz]}\n"
    assert rows(read(tmp_path, text)) == [
        ("1", "8", "1 GHz"), ("1", "16", "1.2 GHz"), ("2", "8", "1 GHz"), ("2", "16", "1.2 GHz"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("spread", "values"),
    [
        ("{linspace: {from: 8, to: 32, points: 4}}", ["8", "16", "24", "32"]),
        ("{linspace: {from: 8, to: 33, points: 4, round: 8}}", ["8", "16", "24", "32"]),
        ("{linspace: {from: 1 GHz, to: 2 GHz, points: 3}}", ["1000000000 Hz", "1500000000 Hz", "2000000000 Hz"]),
        ("{logspace: {from: 1, to: 64, points: 4}}", ["1", "4", "16", "64"]),
        ("{logspace: {from: 1, to: 10, points: 5, round: 1}}", ["1", "2", "3", "6", "10"]),
        ("{range: {from: 4, to: 17, step: 4}}", ["4", "8", "12", "16"]),
        ("{range: {from: 1 GiB, to: 2 GiB, step: 512 MiB}}", ["1073741824 B", "1610612736 B", "2147483648 B"]),
    ],
)
def test_what_values_does_a_spread_have(tmp_path: Path, spread: str, values: list[str]) -> None:
    sweep = read(tmp_path, BASE + f"axes:\n  units.gpu.cores: {spread}\n")
    assert [value for (value,) in rows(sweep)] == values


def test_are_values_derived_and_constraints_kept(tmp_path: Path) -> None:
    text = BASE + (
        "axes: {units.gpu.cores: [8, 16, 32], dram.channels: [4, 8]}\n"
        "derive: {vars.total: units.gpu.cores * dram.channels, links.gpu_port.bandwidth: \"vars.total * '1 GB/s'\"}\n"
        "where: [vars.total <= 128, units.gpu.cores > 8]\n"
    )
    sweep = read(tmp_path, text)
    assert rows(sweep) == [("16", "4", "64", "64000000000 B/s"), ("16", "8", "128", "128000000000 B/s"),
                           ("32", "4", "128", "128000000000 B/s")]  # fmt: skip
    point = next(iter(sweep.plan.points()))
    assert point.settings.overrides == (
        "units.gpu.cores=16", "dram.channels=4", "links.gpu_port.bandwidth=64000000000 B/s",
    )  # fmt: skip


def test_is_a_draw_the_same_again_and_independent_of_other_axes(tmp_path: Path) -> None:
    one = BASE + "samples: 50\naxes: {units.gpu.clock: {random: {from: 1 GHz, to: 2 GHz}}}\n"
    two = one.replace("axes: {", "axes: {units.gpu.cores: {lhs: {choices: [8, 16]}}, ")
    assert rows(read(tmp_path, one)) == rows(read(tmp_path, one))
    assert [row[0] for row in rows(read(tmp_path, one))] == [row[1] for row in rows(read(tmp_path, two))]
    assert rows(read(tmp_path, one)) != rows(read(tmp_path, "seed: 1\n" + one))


def test_does_a_latin_hypercube_fill_every_stratum(tmp_path: Path) -> None:
    sweep = read(tmp_path, BASE + "samples: 20\naxes: {units.gpu.cores: {lhs: {from: 0, to: 20}}}\n")
    strata = sorted(int(float(value)) for (value,) in rows(sweep))  # type: ignore[arg-type]
    assert strata == list(range(20))


def test_may_an_axis_be_hardware_or_workload_or_a_length(tmp_path: Path) -> None:
    text = (
        "base: {workload: llama-3.2-1b, set: {dram.channels: 8}, options: {batch: 2}}\n"
        "axes: {hardware: [apple/m1, apple/m2], lengths.past: [128, 256], units: ['gpu,npu']}\n"
    )
    settings = [point.settings for point in read(tmp_path, text).plan.points()]
    assert [item.hardware for item in settings] == ["apple/m1", "apple/m1", "apple/m2", "apple/m2"]
    assert settings[0].options == (("batch", 2), ("lengths.past", 128), ("units", ("gpu", "npu")))
    assert settings[0].overrides == ("dram.channels=8",)


WRONG = [
    ("axis: {}", "6:1: unknown key 'axis': did you mean 'axes'"),
    ("axes:\n  units.gpu.cores: []", "7:20: axes.units.gpu.cores: needs at least one value"),
    ("axes:\n  units.gpu.cores: 8", "7:20: axes.units.gpu.cores: expected a list of values"),
    ("axes:\n  units.gpu.cores: [8, 8]", "7:24: axes.units.gpu.cores: value 8 is given twice"),
    ("axes:\n  precison: [fp16]", "7:3: axes: 'precison' is neither .* did you mean 'precision'"),
    ("axes:\n  precision: [fp16, fp17]", "7:21: axes.precision: unknown number format 'fp17'"),
    ("axes:\n  batch: [1, two]", "7:14: axes.batch: batch: expected a whole number, got 'two'"),
    ("axes:\n  batch: {linspce: {}}", "7:11: axes.batch: unknown way 'linspce' .* did you mean 'linspace'"),
    ("axes:\n  batch: {linspace: {from: 1, to: 4}}", "7:21: axes.batch.linspace.points: required key is missing"),
    ("axes:\n  batch: {linspace: {from: 4, to: 1, points: 3}}", "7:35: axes.batch.linspace.to: must not be less"),
    ("axes:\n  batch: {range: {from: 1, to: 4, step: 1 GHz}}", "must be alike, not plain number and frequency"),
    ("axes:\n  batch: {logspace: {from: 0, to: 4, points: 3}}", "must be above zero on a logarithmic scale"),
    ("axes:\n  batch: {random: {from: 1, to: 4, round: 1}}", "axes.batch: a drawn axis needs 'samples: N'"),
    ("axes: {batch: [1]}\nzip: {batch: [1, 2]}", "axis 'batch' is given twice"),
    ("zip: {batch: [1, 2], repeat: [1]}", "equally many values: batch has 2, repeat has 1"),
    ("axes: {batch: [1, 2]}\nwhere: batch <", "where: 'batch <' is no expression"),
    ("axes: {batch: [1, 2]}\nderive: {batch: 3}", "derive: 'batch' is an axis already"),
    ("objectives: {latency_s: mn}", "objectives.latency_s: expected min, max .* did you mean 'min'"),
]


@pytest.mark.parametrize(("text", "words"), WRONG, ids=[text for text, _ in WRONG])
def test_does_an_error_name_file_line_and_axis(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(ConfigFileError, match=rf"sweep\.yaml:.*{words}"):
        read(tmp_path, "#\n#\n#\n#\n" + BASE + text + "\n")


@pytest.mark.parametrize(
    ("base", "words"),
    [
        ("{hardware: apple/m9, workload: resnet-18}", "1:18: base: hardware 'apple/m9': .* did you mean 'apple/m4'"),
        ("{hardware: apple/m1, workload: resnet-19}", "1:38: base: unknown workload 'resnet-19': did you mean"),
        ("{hardware: apple/m1, workloads: [resnet-18, gpt-2, bert]}", "1:39: base: unknown workload 'bert'"),
        ("{hardware: apple/m1, scenario: camera}", "1:38: base: .*no shipped scenario has that name"),
    ],
)
def test_is_a_chip_or_workload_that_there_is_none_named_where_it_stands(tmp_path: Path, base: str, words: str) -> None:
    with pytest.raises(ConfigFileError, match=rf"sweep\.yaml:{words}"):
        read(tmp_path, f"base: {base}\naxes: {{batch: [1, 2]}}\n")


def test_is_an_objective_that_no_run_has_named_where_it_stands(tmp_path: Path) -> None:
    sweep = read(tmp_path, BASE + "axes: {batch: [1, 2]}\nobjectives: {latency: min}\n")
    problems: dict[str, ConfigError] = {}
    computed({"latency_s": 1.0}, sweep.figures, sweep.objectives, problems)
    assert "sweep.yaml:3:23: objectives.latency: " in str(problems["latency"]), problems


CHECKED = [
    ("axes:\n  units.gpu.coers: [8, 16]", "3:21: units.gpu.coers: 8: unknown key 'coers': did you mean 'cores'"),
    ("axes:\n  units.gpus.cores: [8, 16]", "3:22: units.gpus.cores: 8: no entry 'gpus'"),
    ("axes:\n  units.gpu.cores: [8, 0]", "3:24: units.gpu.cores: 0: must be at least 1"),
    ("axes:\n  units.gpu.clock: [1 GHz, 2 GB]", "3:28: units.gpu.clock: 2 GB: unit 'GB' is not one of a frequency"),
    ("axes:\n  workload: [resnet-18, resnet-19]", "3:25: workload: unknown workload 'resnet-19'"),
    ("axes:\n  hardware: [apple/m99]", "3:14: hardware: hardware 'apple/m99'"),
    ("axes: {batch: [1, 2]}\nderive: {units.gpu.cores: batch * 0.3}", "3:27: derive.units.gpu.cores: expected a whole"),
    (
        "axes: {batch: [1, 2]}\nwhere: btch < 8",
        "3:8: where: 'btch < 8': nothing is called 'btch': did you mean 'batch'",
    ),
    ("axes: {batch: [1, 2]}\nwhere: batch > 8", "3:8: no point keeps to the conditions"),
    ("axes:\n  units: [gpu, gpuu]", "3:16: units: gpuu: apple/m1 has no unit 'gpuu'"),
]


@pytest.mark.parametrize(("text", "words"), CHECKED, ids=[text for text, _ in CHECKED])
def test_is_a_value_that_no_point_accepts_an_error_of_the_file(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises((ConfigFileError, ConfigError), match=rf"sweep\.yaml:{words}"):
        prepare(read(tmp_path, BASE + text + "\n"))


def test_is_a_value_that_fails_only_in_some_combinations_left_to_the_points(tmp_path: Path) -> None:
    text = BASE + "axes: {dram.capacity: [4 GiB, 16 GiB], dram.reserved: [1 GiB, 8 GiB]}\n"
    assert len(prepare(read(tmp_path, text)).points) == 4


def test_what_decides_the_identity_of_a_point(tmp_path: Path) -> None:
    def hashes(text: str) -> tuple[str, ...]:
        return prepare(read(tmp_path, text)).hashes

    axes = "axes: {units.gpu.clock: [1.2 GHz, 1.4 GHz]}\n"
    first = hashes(BASE + axes)
    assert len(set(first)) == 2
    assert hashes("name: other\n" + BASE + axes.replace("1.4 GHz", "1.5 GHz"))[0] == first[0]
    assert hashes(BASE.replace("units: [gpu]", "units: [gpu], seed: 1") + axes)[0] != first[0]
    assert hashes(BASE.replace("resnet-18", "resnet-50") + axes)[0] != first[0]
    assert hashes(BASE.replace("apple/m1", "apple/m2") + axes)[0] != first[0]
