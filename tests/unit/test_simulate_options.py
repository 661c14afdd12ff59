"""What do options say of workloads that they do not apply to?"""

from __future__ import annotations

import socsim
from socsim.simulation import RunOptions, simulate
from tests.building import make_soc


def test_lengths_of_a_generation_do_nothing_to_a_network_on_pictures_and_that_is_said() -> None:
    network = socsim.load_workload("squeezenet")
    soc = make_soc({"a": {"flop_per_cycle_per_core": {"fp16": 300}}})
    plain, prompted = (simulate(network, soc, options) for options in (RunOptions(), RunOptions(prompt=5)))
    assert plain.summary["latency_s"] == prompted.summary["latency_s"]
    said = "squeezenet is no language model: --prompt and --tokens do nothing here"
    assert set(prompted.notes) - set(plain.notes) == {said}
