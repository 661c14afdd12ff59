"""Are latency and energy as functions the simulator's own figures, and is the second answer free?"""

from __future__ import annotations

import pytest

import socsim
from socsim.errors import ConfigError
from socsim.study import figures


def test_are_latency_and_energy_those_of_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    soc = socsim.load_soc("apple/m1")
    summary = socsim.simulate(
        socsim.load_workload("squeezenet"), soc, socsim.RunOptions(units=("gpu",), precision="fp16")
    ).summary
    assert socsim.latency("squeezenet", soc, units="gpu", precision="fp16") == summary["latency_s"]
    monkeypatch.setattr(figures, "simulate", lambda *_: pytest.fail("asked again"))
    assert socsim.energy("squeezenet", "apple/m1", units=["gpu"], precision="fp16") == summary["energy_j"]


def test_does_another_chip_of_the_same_name_have_its_own_latency() -> None:
    fast = socsim.load_soc("apple/m1", ["units.gpu.clock=2 GHz"])
    assert socsim.latency("squeezenet", fast, units="gpu") < socsim.latency("squeezenet", "apple/m1", units="gpu")


def test_is_an_unknown_option_an_error() -> None:
    with pytest.raises(ConfigError, match="precison: is no option of a run: did you mean 'precision'"):
        socsim.latency("squeezenet", "apple/m1", precison="fp16")


def test_is_energy_without_power_an_error() -> None:
    with pytest.raises(ConfigError, match="does not give the power"):
        socsim.energy("squeezenet", "example")


def test_needs_a_module_its_inputs() -> None:
    with pytest.raises(ConfigError, match="example_inputs"):
        socsim.latency(object(), "apple/m1")
