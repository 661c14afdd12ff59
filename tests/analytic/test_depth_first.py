"""Do bands of a chain of layers cost the halo they repeat and save the bytes they keep on chip?"""

from __future__ import annotations

from pathlib import Path

import pytest

from socsim import RunOptions, load_soc, load_workload, simulate
from socsim.errors import InputError
from socsim.mapping.bands import banded, can_band
from socsim.report import map_text
from socsim.workload import BoundOperation, Operand, Operation, Tensor, Workload, dtype

HALF = dtype("fp16")


def layer(rows_in: int, kernel: int = 3, stride: int = 1, channels: int = 8, width: int = 16) -> BoundOperation:
    """A convolution with 'same' padding."""
    rows_out = -(-rows_in // stride)
    attributes = {"dilation": (1, 1), "groups": 1, "padding": (kernel // 2,) * 2, "stride": (stride,) * 2}
    return BoundOperation(
        "convolution",
        (
            Operand((1, channels, rows_in, width), HALF, "activation"),
            Operand((channels, channels, kernel, kernel), HALF, "weight"),
        ),
        (Operand((1, channels, rows_out, width), HALF, "activation"),),
        tuple(sorted(attributes.items())),
    )


def chain(
    count: int, rows: int, kernel: int = 3
) -> tuple[list[BoundOperation], list[tuple[tuple[int, ...], tuple[int, ...]]]]:
    slots = [((2 * i, 100 + i), (2 * i + 2,)) for i in range(count)]
    return [layer(rows, kernel) for _ in range(count)], slots  # type: ignore[return-value]


@pytest.mark.parametrize(("kernel", "bands"), [(3, 4), (5, 2), (1, 8), (3, 1)])
def test_every_inner_edge_repeats_the_overhang_of_all_layers_that_follow(kernel: int, bands: int) -> None:
    operations, slots = chain(4, 64, kernel)
    found = banded(operations, slots, bands)
    # layer i of L has L - 1 - i layers after it, each reaching (kernel - 1) / 2 rows over both sides of inner edges
    assert list(found.rows) == [64 + (bands - 1) * (kernel - 1) * (3 - i) for i in range(4)]
    read = found.operations[0].inputs[0].shape[2]
    assert read == 64 + (bands - 1) * (kernel - 1) * 4


def test_a_stride_halves_what_follows_and_doubles_what_it_needs() -> None:
    operations = [layer(64), layer(64, stride=2)]
    found = banded(operations, [((0, 100), (2,)), ((2, 101), (4,))], 2)
    # rows 16 to 32 of the result need rows 31 to 64 of its input (kernel 3, padding 1); rows 0 to 16 need 0 to 32
    assert list(found.rows) == [32 + 33, 32]


def test_a_band_keeps_its_rows_of_input_and_result_on_chip() -> None:
    operations, slots = chain(2, 64)
    row_bytes = 8 * 16 * 2
    # of four bands the inner ones: 16 rows of result need 18 of what lies between, those need 20 of the image
    assert banded(operations, slots, 4).on_chip_bytes == (18 + 20) * row_bytes


def test_rows_follow_from_rows_for_images_only() -> None:
    assert can_band(layer(8))
    flat = Operand((1, 64), HALF, "activation")
    assert not can_band(BoundOperation("elementwise", (flat,), (flat,)))


def two_layers(rows: int = 512) -> Workload:
    """A wide image, an expansion and a reduction: what lies between is 8 times the image."""
    tensors = {
        "x": Tensor("x", (1, 16, rows, 512), HALF, "input"),
        "wide": Tensor("wide", (1, 128, rows, 512), HALF),
        "y": Tensor("y", (1, 16, rows, 512), HALF, "output"),
        "w1": Tensor("w1", (128, 16, 1, 1), HALF, "weight"),
        "w2": Tensor("w2", (16, 128, 3, 3), HALF, "weight"),
    }
    same = {"stride": (1, 1), "dilation": (1, 1), "groups": 1, "transposed": 0}
    operations = (
        Operation("expand", "convolution", ("x", "w1"), ("wide",), {**same, "padding": (0, 0)}, "expand"),
        Operation("reduce", "convolution", ("wide", "w2"), ("y",), {**same, "padding": (1, 1)}, "reduce"),
    )
    return Workload("two-layers", tensors, operations)


def test_a_pinned_chain_moves_the_image_its_halo_and_the_result_and_counts_what_it_repeats(tmp_path: Path) -> None:
    path = tmp_path / "map.yaml"
    path.write_text("mappings: [{tasks: [{unit: npu, operations: [expand, reduce], depth_first: 128}]}]")
    soc, workload = load_soc("apple/m1"), two_layers()
    plain = simulate(workload, soc, RunOptions(units=("npu",)))
    deep = simulate(workload, soc, RunOptions(units=("npu",), map=str(path)))
    (variant,) = deep.graphs[0].tasks[0].variants
    row_bytes = 16 * 512 * 2
    weights = (128 * 16 + 16 * 128 * 9) * 2
    assert variant.read_bytes == pytest.approx((512 + 127 * 2) * row_bytes + weights, rel=0.01)
    assert variant.write_bytes == 512 * row_bytes
    useful = 2 * 512 * 512 * 128 * 16
    repeated = useful * (127 * 2) // 512
    counted = dict(variant.operation_counts)["matmul", "fp16"]
    assert counted == useful * 10 + repeated
    assert deep.summary["flop"] == plain.summary["flop"]
    moved = [r.summary["dram_read_bytes"] + r.summary["dram_write_bytes"] for r in (plain, deep)]
    assert moved[1] < 0.25 * moved[0]


def test_depth_first_lowers_traffic_and_time_of_a_shipped_model_and_can_be_saved(tmp_path: Path) -> None:
    soc, workload = load_soc("apple/m1"), load_workload("deeplab-v3-plus-mobilenet")
    options = {"precision": "fp16", "units": ("npu",)}
    plain, deep = (simulate(workload, soc, RunOptions(**options, fuse=fuse)) for fuse in ("layer", "depth-first"))  # type: ignore[arg-type]
    moved = [r.summary["dram_read_bytes"] + r.summary["dram_write_bytes"] for r in (plain, deep)]
    assert moved[1] < 0.9 * moved[0]
    assert deep.summary["latency_s"] < plain.summary["latency_s"]
    path = tmp_path / "map.yaml"
    path.write_text(map_text(deep.manifest))
    again = simulate(workload, soc, RunOptions(**options, map=str(path)))  # type: ignore[arg-type]
    assert again.summary == deep.summary


@pytest.mark.parametrize(
    ("task", "message"),
    [
        ("{unit: npu, operations: [expand, reduce]}", "several products in one task need 'depth_first: N'"),
        ("{unit: gpu, operations: [expand, reduce], depth_first: 8}", "unit 'gpu' has no memory for tiles"),
        ("{unit: npu, operations: [expand, reduce], depth_first: 2}", "2 bands do not fit"),
        ("{unit: npu, operations: [expand, reduce], depth_first: 1}", "at least 2"),
    ],
)
def test_a_chain_that_cannot_be_is_refused_with_its_place(tmp_path: Path, task: str, message: str) -> None:
    path = tmp_path / "map.yaml"
    path.write_text(f"mappings: [{{tasks: [{task}]}}]")
    with pytest.raises(InputError) as caught:
        simulate(two_layers(), load_soc("apple/m1"), RunOptions(map=str(path)))
    assert message in str(caught.value)
    assert "map.yaml:1:" in str(caught.value)
