"""Does an accelerator behind a cable take what the cable and its host make it take?"""

from __future__ import annotations

import pytest

import socsim

USB = 469e6


def latency(workload: str, *changes: str) -> float:
    soc = socsim.load_soc("google/coral_edge_tpu", changes)
    options = socsim.RunOptions(units=("npu",), precision="int8")
    return float(socsim.simulate(socsim.load_workload(workload), soc, options).summary["latency_s"])


def test_weights_that_do_not_fit_on_chip_cross_the_cable_in_every_run() -> None:
    none, all_kept = (latency("mobilenet-v1", f"units.npu.weight_memory={size} MiB") for size in (0, 16))
    weights = socsim.load_workload("mobilenet-v1").weight_bytes() / 2  # saved in fp16
    assert none - all_kept == pytest.approx(weights / USB, rel=0.1)
    slower = latency("mobilenet-v1", "units.npu.weight_memory=0 MiB", "links.usb.bandwidth=234.5 MB/s")
    assert slower - none == pytest.approx(weights / USB, rel=0.1)


def test_the_image_crosses_the_cable() -> None:
    half = latency("mobilenet-v2", "links.usb.bandwidth=234.5 MB/s") - latency("mobilenet-v2")
    assert half == pytest.approx((224 * 224 * 3 + 1000) / USB, rel=0.1)


def test_starting_a_run_occupies_the_host_first() -> None:
    early, late = (latency("mobilenet-v2", f"units.npu.run_submit={time} us") for time in (0, 500))
    assert late - early == pytest.approx(500e-6, rel=1e-6)


def test_the_latency_of_the_cable_is_paid_on_the_way() -> None:
    near, far = (latency("mobilenet-v2", f"links.usb.latency={time} us") for time in (20, 220))
    assert 199.9e-6 <= far - near <= 6 * 200e-6
