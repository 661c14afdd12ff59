"""What does the median of repeated runs say that one run does not?"""

from __future__ import annotations

import pytest

from socsim import load_soc, load_workload, simulate
from socsim.simulation import RunOptions
from socsim.validation.measurement import quantity_of


def test_the_median_of_repeated_runs_is_one_with_warm_caches() -> None:
    soc = load_soc("apple/a16")
    once, often = (
        simulate(load_workload("mobilenet-v3-small"), soc, RunOptions(units=("cpu_p",), precision="fp16", repeat=count))
        for count in (1, 4)
    )
    cold = quantity_of("latency_s", once.summary, "")
    assert quantity_of("median_latency_s", once.summary, "") == pytest.approx(cold)
    assert quantity_of("median_latency_s", often.summary, "") < 0.8 * cold
