"""Do llama.cpp's weight formats have the sizes of its files?"""

from __future__ import annotations

import pytest

from socsim.errors import ConfigError
from socsim.transform import weight_format, with_weights
from socsim.transform.mixes import is_sensitive
from socsim.workload import dtype, find_workload, load_workload


@pytest.mark.parametrize(
    ("name", "bits"),
    [("q4_0", 4.5), ("q4_1", 5.0), ("q5_0", 5.5), ("q5_1", 6.0), ("q8_0", 8.5), ("q4_k", 4.5), ("q5_k", 5.5),
     ("q6_k", 6.5625), ("q3_k", 3.4375), ("q2_k", 2.625), ("iq4_xs", 4.25)],
)  # fmt: skip
def test_a_block_takes_its_bytes(name: str, bits: float) -> None:
    assert 8 * dtype(name).size_bytes(256 * 1000) / 256_000 == bits


@pytest.mark.parametrize(("model", "gigabytes"), [("llama-3.1-8b", 4.92), ("llama-3-70b", 42.5)])
def test_a_mix_takes_what_the_published_files_take(model: str, gigabytes: float) -> None:
    # Sizes of Meta-Llama-3-8B-Instruct.Q4_K_M.gguf and Meta-Llama-3-70B-Instruct.Q4_K_M.gguf, general knowledge.
    workload = with_weights(load_workload(find_workload(model)), "q4_k_m")
    assert workload.weight_bytes() / 1e9 == pytest.approx(gigabytes, rel=0.01)


def test_half_of_the_layers_are_sensitive() -> None:
    assert [layer for layer in range(30) if is_sensitive(layer, 30)] == [
        0, 1, 2, 5, 8, 11, 14, 17, 20, 23, 26, 27, 28, 29,
    ]  # fmt: skip


def test_a_wrong_name_is_refused_with_the_near_one() -> None:
    with pytest.raises(ConfigError, match="q4_k_m"):
        weight_format("q4_km", "--weights")
    with pytest.raises(ConfigError, match="q4_0"):
        weight_format("q40", "--weights")
