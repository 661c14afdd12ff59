"""Do the books of energy balance on shipped scenarios, and does heat follow theory and slow a phone down?"""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from socsim.quantity import PS_PER_S
from socsim.validation.energy import LedgerCheck, energy_data, energy_lines, measured_rows, validate_energy
from socsim.validation.thermal import HeatCheck, thermal_data, thermal_lines, throttling, validate_heat
from socsim.validation.throttling_curve import save_curve


def test_the_ledger_is_the_integral_of_the_counters_to_the_last_microjoule() -> None:
    checks = validate_energy(["camera_preview", "watch"])
    assert len(checks) == 4
    assert all(check.ok for check in checks), checks
    assert all(check.integral_j > 0.1 for check in checks)


def test_books_that_do_not_balance_are_said() -> None:
    bad = LedgerCheck("s", "", 1.0, 0.5, 0.25, 1.75 + 2e-6, 1.75)
    assert not energy_data([bad], [])["ok"]
    assert any("FAILED" in line for line in energy_lines([bad], []))


def test_the_two_power_states_of_the_a15_are_of_the_measured_order() -> None:
    for row in measured_rows():
        assert row.predicted_j == pytest.approx(row.measured_j, rel=0.2)


def test_heat_follows_its_closed_forms() -> None:
    assert all(check.ok for check in validate_heat()), validate_heat()


def test_a_phone_slows_down_under_full_load_and_the_picture_is_well_formed(tmp_path: Path) -> None:
    curve = throttling(400 * PS_PER_S)
    assert curve.first_drop_s is not None
    assert 200 < curve.first_drop_s < 400
    assert min(curve.clock_hz) < 0.8 * curve.clock_hz[0]
    data = thermal_data([HeatCheck("n", "f", 1.0)], curve)
    assert not data["ok"]
    assert data["throttling"]["highest_degc"]["skin"] < 46
    assert any("FAILED" in line for line in thermal_lines([HeatCheck("n", "f", 1.0)], curve))
    save_curve(curve, tmp_path / "curve.svg")
    root = ElementTree.parse(tmp_path / "curve.svg").getroot()
    assert sum(child.tag.endswith("polyline") for child in root) == 1 + len(curve.celsius)
