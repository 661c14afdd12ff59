"""Are workloads of one operation what their names say?"""

from __future__ import annotations

import pytest

from socsim.api import load_soc
from socsim.errors import ConfigError
from socsim.simulation import RunOptions, simulate
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


def test_a_matrix_of_weights_can_be_compressed_and_a_bias_is_an_operation_of_its_own() -> None:
    plain, biased = microbenchmark("linear 10x20x30"), microbenchmark("biased 10x20x30")
    assert plain is not None
    assert biased is not None
    assert plain.weight_bytes() == 4 * 20 * 30
    assert plain.total_work().matmul_flop == 2 * 10 * 20 * 30
    assert [operation.kind for operation in biased.operations] == ["matmul", "elementwise"]


def test_convolutions_in_a_row_read_each_the_picture_before() -> None:
    workload = microbenchmark("convolution 3*1x16x28x28 32x3x3")
    assert workload is not None
    assert workload.total_work().matmul_flop == 2 * 9 * 28 * 28 * 32 * (16 + 32 + 32)


@pytest.mark.parametrize(
    ("name", "read", "written"),
    [("elementwise relu 8x4", 128, 128), ("softmax 8x4", 128, 128), ("reduction sum 8x4", 128, 4)],
)
def test_one_operator_moves_its_operands_once(name: str, read: int, written: int) -> None:
    workload = microbenchmark(name)
    assert workload is not None
    assert (workload.total_work().read_bytes, workload.total_work().write_bytes) == (read, written)


def test_without_fusion_every_operation_is_a_task() -> None:
    workload = microbenchmark("biased 1024x1024x64")
    assert workload is not None
    runs = [
        simulate(workload, load_soc("apple/m1"), RunOptions(units=("gpu",), fuse=fuse)) for fuse in ("layer", "none")
    ]
    assert [run.summary["tasks"] for run in runs] == [1, 2]
