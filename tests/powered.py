"""A small chip with round powers, for tests of energy, clocks and heat."""

from __future__ import annotations

from typing import Any

from socsim.hardware import Soc
from socsim.hardware.power import PowerModel, Thermal
from tests.building import make_soc

PS = 10**12


def powered_soc(
    unit: dict[str, Any] | None = None, power: dict[str, Any] | None = None, thermal: dict[str, Any] | None = None
) -> Soc:
    """One unit `a` of 1 GHz: 1 pJ per FLOP at 1 V, 2 W active, 0.5 W idle, 0.25 W leakage; 2 pJ/B links, 10 pJ/B
    DRAM, 0.1 W DRAM standby, 0.2 W base. Voltage halves with the clock. One body more, `b`, that draws nothing."""
    plain = make_soc({"a": {}, "b": {}})
    entry = {
        "name": "a", "clock": "1 GHz", "voltage": "1 V", "energy_per_flop": {"fp32": "1 pJ"}, "active": "2 W",
        "idle": "500 mW", "leakage": "250 mW", "operating_points": [["250 MHz", "0.25 V"], ["500 MHz", "0.5 V"],
        ["1 GHz", "1 V"]], "gate_after": "1 s", **(unit or {}),
    }  # fmt: skip
    nothing = {"name": "b", "clock": "1 GHz", "voltage": "1 V", "energy_per_flop": {"fp32": "0 J"}}
    data = {
        "units": [entry, nothing], "link_energy": "2 pJ/B", "dram_energy": "10 pJ/B", "dram_background": "100 mW",
        "base": "200 mW", "interval": "10 us", **(power or {}),
    }  # fmt: skip
    heat = None if thermal is None else Thermal.model_validate(thermal)
    return plain.model_copy(update={"power": PowerModel.model_validate(data), "thermal": heat})


ONE_NODE: dict[str, Any] = {
    "ambient": "300 K",
    "nodes": [{"name": "die", "capacity": "2 J/K"}],
    "paths": [{"name": "air", "between": ["die", "ambient"], "resistance": "5 K/W"}],
}
"""A time constant of 10 s."""
