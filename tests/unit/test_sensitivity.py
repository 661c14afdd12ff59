"""Does a sensitivity study find the knobs that matter, and say so without doubt?"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from socsim.errors import ConfigError, ConfigFileError, SocsimError
from socsim.report.tornado import Bar, Tornado, tornado_page
from socsim.study.effects import design_of, effects_of
from socsim.study.run_sensitivity import sensitivity

pytestmark = pytest.mark.filterwarnings("ignore:.*:FutureWarning")

STUDY = """
base: {hardware: apple/m1, workload: resnet-18, options: {units: [gpu], precision: fp16}}
axes:
  units.gpu.clock: {random: {from: 1.0 GHz, to: 1.5 GHz}}
  units.npu.clock: [1.0 GHz, 1.2 GHz]
  dram.channels: [4, 8]
outputs: [latency_s, energy_j]
"""


def write(folder: Path, text: str = STUDY) -> Path:
    file = folder / "sensitivity.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def test_are_the_swings_those_of_a_known_function() -> None:
    design = design_of("oat", 2, 3, 0)
    assert len(design) == 1 + 2 * 3
    values = np.where(np.isnan(design), 0.5, design)
    effects = effects_of("oat", ["a", "b"], design, 10 + values[:, 0] + 4 * values[:, 1], 0)
    assert [effect.axis for effect in effects] == ["b", "a"]
    assert [effect.figures["swing"] for effect in effects] == pytest.approx([4, 1])
    assert effects[0].low == pytest.approx(-2 / 12.5)


def test_are_elementary_effects_those_of_a_linear_function() -> None:
    pytest.importorskip("SALib")
    design = design_of("morris", 3, 6, 1)
    effects = effects_of("morris", ["a", "b", "c"], design, 3 * design[:, 0] - 7 * design[:, 1], 1)
    found = {effect.axis: effect.figures for effect in effects}
    assert [effect.axis for effect in effects] == ["b", "a", "c"]
    assert [found[axis]["mu"] for axis in "abc"] == pytest.approx([3, -7, 0], abs=1e-9)
    assert [found[axis]["sigma"] for axis in "abc"] == pytest.approx([0, 0, 0], abs=1e-9)  # linear: no interaction


def test_are_the_shares_of_variance_those_of_the_ishigami_function() -> None:
    pytest.importorskip("SALib")
    design = design_of("sobol", 3, 1024, 2)
    x = (2 * design - 1) * np.pi
    outputs = np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])
    found = {effect.axis: effect.figures for effect in effects_of("sobol", ["a", "b", "c"], design, outputs, 2)}
    # closed form for a = 7, b = 0.1: S1 = 0.314, 0.442, 0; ST = 0.558, 0.442, 0.244
    assert [found[axis]["s1"] for axis in "abc"] == pytest.approx([0.314, 0.442, 0.0], abs=0.05)
    assert [found[axis]["st"] for axis in "abc"] == pytest.approx([0.558, 0.442, 0.244], abs=0.05)


def test_has_a_knob_without_effect_none() -> None:
    pytest.importorskip("SALib")
    design = design_of("sobol", 2, 8, 0)
    assert [effect.strength for effect in effects_of("sobol", ["a", "b"], design, np.ones(len(design)), 0)] == [0, 0]


@pytest.mark.parametrize(("method", "samples"), [("oat", 2), ("morris", 3)])
def test_does_the_clock_of_the_gpu_matter_and_that_of_an_idle_unit_not(
    method: str, samples: int, tmp_path: Path
) -> None:
    pytest.importorskip("SALib")
    found = sensitivity(write(tmp_path), tmp_path / "out", method=method, samples=samples, workers=0)
    latency = {effect.axis: effect.strength for effect in found.effects["latency_s"]}
    assert found.effects["latency_s"][0].axis == "units.gpu.clock"
    assert latency["units.npu.clock"] == 0
    assert latency["units.gpu.clock"] > latency["dram.channels"] > 0
    again = sensitivity(write(tmp_path), tmp_path / "out", method=method, samples=samples, workers=0)
    assert again.computed == 0
    data = json.loads((tmp_path / "out" / "sensitivity.json").read_text())
    assert data["outputs"]["latency_s"][0]["axis"] == "units.gpu.clock"
    assert found._repr_html_() == (tmp_path / "out" / "tornado.html").read_text()
    assert len(found.results) == len(set(found.results.columns["point"].values)) == data["points"]


WRONG = [
    ("axes:\n", "axes: {dram.channels: [4]}\nnone:\n", "axes.dram.channels: needs at least two values"),
    (
        "outputs: [latency_s, energy_j]",
        "outputs: [latency]",
        r"yaml:\d+:\d+: outputs: no figure 'latency': did you mean 'latency_s'",
    ),
    ("1.0 GHz, to", "0 GHz, to", "units.gpu.clock"),
]


@pytest.mark.parametrize(("old", "new", "words"), WRONG, ids=[words for _, _, words in WRONG])
def test_does_an_error_say_where(old: str, new: str, words: str, tmp_path: Path) -> None:
    with pytest.raises((ConfigError, ConfigFileError, SocsimError), match=words):
        sensitivity(write(tmp_path, STUDY.replace(old, new)), tmp_path / "out", workers=0)


def test_needs_sobol_a_power_of_two() -> None:
    with pytest.raises(ConfigError, match=r"power of two, e\.g\. 128"):
        design_of("sobol", 2, 100, 0)


def test_is_the_page_whole_and_escapes_names() -> None:
    page = tornado_page("a <b>", [Tornado("t", "m", [Bar("x<y", -0.1, 0.2), Bar("z", 0, 0)])])
    assert "<b>" not in page.replace("<body>", "")
    assert "x&lt;y" in page
    assert "http" not in page.replace("http-equiv", "")
    assert page.count("<rect") == 2
