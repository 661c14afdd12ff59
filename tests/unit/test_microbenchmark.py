"""Are workloads of one operation what their names say?"""

from __future__ import annotations

import pytest

from socsim.errors import ConfigError
from socsim.validation.microbenchmark import microbenchmark


def test_a_product_has_the_work_of_its_sizes() -> None:
    workload = microbenchmark("product 128x256x512")
    assert workload is not None
    work = workload.total_work()
    assert work.matmul_flop == 2 * 128 * 256 * 512
    assert work.read_bytes == 4 * (128 * 512 + 512 * 256)
    assert work.write_bytes == 4 * 128 * 256


def test_a_batch_of_products_has_as_many_times_the_work() -> None:
    one, many = microbenchmark("product 64x32x16"), microbenchmark("product 10*64x32x16")
    assert one is not None
    assert many is not None
    assert many.total_work().matmul_flop == 10 * one.total_work().matmul_flop
    assert many.total_work().read_bytes == 10 * one.total_work().read_bytes


def test_a_copy_reads_and_writes_its_size() -> None:
    workload = microbenchmark("copy 64 MB")
    assert workload is not None
    work = workload.total_work()
    assert (work.read_bytes, work.write_bytes, work.matmul_flop) == (64 * 10**6, 64 * 10**6, 0)


def test_other_names_are_left_to_others_and_wrong_sizes_refused() -> None:
    assert microbenchmark("resnet-50") is None
    for name in ("product 0x1x1", "copy 5 parsec"):
        with pytest.raises(ConfigError):
            microbenchmark(name)
