"""Does a calibration find what made the data, say what they leave open, and refuse what is wrong with its place?"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from socsim.api import load_soc
from socsim.cli.app import app
from socsim.errors import ConfigError, OutputError
from socsim.validation.calibrate import calibrate
from socsim.validation.calibration_view import calibration_data, calibration_yaml, remarks
from socsim.validation.measurement import Measurement
from socsim.validation.predict import Predictor

CHIP = "apple/a16"
EFFICIENCY, OVERHEAD, PEAK = "units.npu.matrix_efficiency", "units.npu.run_overhead", "units.npu.flop_per_cycle.fp16"
TRUE = (f"{EFFICIENCY}=0.3", f"{OVERHEAD}=400 us")
HEAD = "workload,options,quantity,measured,use\n"
NETWORKS = ("mobilenet-v2", "resnet-50", "resnet-34")


def line(network: str, measured: float, use: str = "") -> str:
    return f"{network},units=npu; precision=fp16,latency_s,{measured!r},{use}\n"


@pytest.fixture(scope="module")
def data() -> str:
    """Latencies that a chip with other values would have."""
    predict = Predictor()
    options = (("precision", "fp16"), ("units", ("npu",)))
    rows = [Measurement(CHIP, name, "latency_s", 1.0, overrides=TRUE, options=options) for name in NETWORKS]
    return HEAD + "".join(line(row.workload, predict(row)) for row in rows)


@pytest.fixture
def file(tmp_path: Path, data: str) -> Path:
    path = tmp_path / "mine.csv"
    path.write_text(data, encoding="utf-8")
    return path


def test_it_finds_the_values_that_made_the_data_and_writes_a_chip_with_them(file: Path) -> None:
    found = calibrate(CHIP, file, [EFFICIENCY, OVERHEAD])
    values = {p.key: value for p, value in found.found.values.items()}
    assert values[EFFICIENCY] == pytest.approx(0.3, rel=0.02)
    assert values[OVERHEAD] == pytest.approx(400e6, rel=0.02)
    assert found.after.accuracy.worst < 0.01 < found.before.accuracy.median
    assert remarks(found) == ["The data determine every parameter."]

    out = file.with_name("chip.yaml")
    out.write_text(calibration_yaml(found, file.name, out), encoding="utf-8")
    soc = load_soc(out)
    assert soc.name == f"{CHIP}-calibrated"
    assert soc.unit("npu").run_overhead == round(values[OVERHEAD])
    assert soc.unit("npu").source_of("matrix_efficiency") == "calibrated on mine.csv: 3 rows, median error 0.0%"


def test_two_parameters_that_only_act_as_a_product_are_named(tmp_path: Path, data: str) -> None:
    file = tmp_path / "mine.csv"
    one_rate = data.replace(",use\n", ",use,set\n").replace(",\n", ",,units.npu.matmul_efficiency=null\n")
    file.write_text(one_rate, encoding="utf-8")
    found = calibrate(CHIP, file, [EFFICIENCY, PEAK])
    ((a, b, correlation),) = found.found.correlated
    assert {a.key, b.key} == {EFFICIENCY, PEAK}
    assert abs(correlation) > 0.999
    assert {p.key: round(abs(part), 2) for p, part in found.found.loose[0].parts} == {EFFICIENCY: 0.71, PEAK: 0.71}
    assert any("cannot tell them apart" in text for text in remarks(found))
    assert json.loads(json.dumps(calibration_data(found)))["hardly_determined"]


def test_a_parameter_that_no_row_sees_is_named_and_not_written(file: Path) -> None:
    found = calibrate(CHIP, file, [OVERHEAD, "units.gpu.launch"])
    assert [p.key for p in found.found.unseen] == ["units.gpu.launch"]
    assert "gpu" not in calibration_yaml(found, "mine.csv", file.with_name("chip.yaml"))


def test_rows_that_are_to_be_predicted_take_no_part(tmp_path: Path, data: str) -> None:
    path = tmp_path / "mine.csv"
    path.write_text(data + line("resnet-18", 9.9, "predicted"), encoding="utf-8")
    found = calibrate(CHIP, path, [OVERHEAD])
    assert [item.fitted for item in found.after.rows] == [True, True, True, False]
    alone = tmp_path / "alone.csv"
    alone.write_text(data, encoding="utf-8")
    assert found.found.values == calibrate(CHIP, alone, [OVERHEAD]).found.values


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (HEAD + line("resnet-50", -1.0), "mine.csv:2:47: 'measured' is a number above zero"),
        (HEAD + '"resnet-50",units=npu,latency,1,\n', "mine.csv:2:23: unknown quantity 'latency'"),
        (HEAD.replace("use", "usage"), "mine.csv:1:36: unknown column 'usage': did you mean 'use'?"),
        (HEAD + "resnet-50,unit=npu,latency_s,1,\n", "mine.csv:2:11: unknown option 'unit'"),
        (HEAD + "resnet-50,latency_s,1\n", "mine.csv:2:1: 3 cells where the first line has 5"),
        ("hardware," + HEAD + "apple/m1," + line("resnet-50", 1.0), "mine.csv:2:1: is a row of apple/m1"),
        (HEAD + line("resnet-50", 1.0, "predicted"), "has no row to fit to"),
        (HEAD + line("resnet-500", 1.0), "mine.csv:2:1: apple/a16 resnet-500"),
    ],
)
def test_a_wrong_file_is_one_message_with_line_and_column(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "mine.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        calibrate(CHIP, path, [OVERHEAD])
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("free", "bounds", "words"),
    [
        (["units.npu.lunch"], [], "--free units.npu.lunch: apple/a16 has no 'lunch' there"),
        (["units.gpu.cores"], [], "is a count, which cannot be fitted"),
        (["units.npu.weight_memory"], [], "is 0 on apple/a16: give --bounds"),
        ([OVERHEAD], [f"{OVERHEAD}=1 us"], "expected KEY=LOW..HIGH"),
        ([OVERHEAD], [f"{OVERHEAD}=1 us..2 parsec"], "is no value such as"),
        ([EFFICIENCY], [f"{EFFICIENCY}=0.5..2"], "both within 0 to 1"),
        ([EFFICIENCY], [f"{OVERHEAD}=1 us..2 us"], f"add --free {OVERHEAD}"),
    ],
)
def test_a_wrong_key_or_bound_says_what_would_be_right(
    file: Path, free: list[str], bounds: list[str], words: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        calibrate(CHIP, file, free, bounds)
    assert words in str(caught.value)


def test_bounds_hold(file: Path) -> None:
    found = calibrate(CHIP, file, [EFFICIENCY, OVERHEAD], [f"{OVERHEAD}=100 us..200 us"])
    assert {p.key: v for p, v in found.found.values.items()}[OVERHEAD] == 200e6
    assert any("stands at a bound (200 µs)" in text for text in remarks(found))


def test_the_command_prints_and_writes_or_leaves_nothing(file: Path) -> None:
    runner = CliRunner()
    out = file.with_name("chip.yaml")
    asked = ["calibrate", CHIP, str(file), "--free", OVERHEAD, "--free", EFFICIENCY]
    shown = runner.invoke(app, [*asked, "-o", str(out)])
    assert shown.exit_code == 0
    assert "The data determine every parameter." in shown.stdout
    assert sorted(path.name for path in file.parent.iterdir()) == ["chip.yaml", "mine.csv"]
    found = json.loads(runner.invoke(app, [*asked, "--json"]).stdout)
    assert [item["key"] for item in found["parameters"]] == [OVERHEAD, EFFICIENCY]
    with pytest.raises(OutputError, match="is a folder"):
        runner.invoke(app, [*asked, "-o", str(file.parent)], catch_exceptions=False)
