"""Does every number format and transform change the bytes, rates and decompression work it should, and nothing else?"""

from __future__ import annotations

import pytest

from socsim import RunOptions, load_soc, load_workload, simulate
from socsim.cost import unit_models
from socsim.cost.expansion import compressed_elements
from socsim.cost.gpu import GpuParams
from socsim.cost.unit_model import GroupCost
from socsim.result import RunResult
from socsim.simulation import load_components
from socsim.transform import transformed
from socsim.workload import BoundOperation, Operand, Workload, dtype
from tests.unit.test_transforms import mlp

load_components()

WEIGHT_ONLY = [
    "precision: {format: int8, of: weights}",
    "precision: {format: int4_g32, of: weights}",
    "precision: {format: palette4, of: weights}",
    "precision: {format: palette6, of: weights, scale: channel}",
    "sparsity: {percent: 75}",
]


def convolution(weights: str, activations: str = "fp16", channels: int = 256) -> BoundOperation:
    """3x3, 56 x 56 pixels: 9 * channels multiply-adds per byte of result, bound by arithmetic everywhere."""
    image = Operand((1, channels, 56, 56), dtype(activations), "activation")
    attributes = {"dilation": (1, 1), "groups": 1, "padding": (1, 1), "stride": (1, 1), "transposed": 0}
    weight = Operand((channels, channels, 3, 3), dtype(weights), "weight")
    return BoundOperation("convolution", (image, weight), (image,), tuple(sorted(attributes.items())))


def cost(operation: BoundOperation, chip: str = "apple/m1", unit: str = "npu", **changes: object) -> GroupCost:
    params = load_soc(chip).unit(unit).model_copy(update=changes)
    return unit_models.get(params.kind)().cost([operation], params)


def run(steps: list[str], chip: str = "apple/m1", model: str = "resnet-50", **options: object) -> RunResult:
    workload: Workload = transformed(load_workload(model), ["precision: {format: fp16}", *steps])
    return simulate(workload, load_soc(chip), RunOptions(**options))  # type: ignore[arg-type]


@pytest.mark.parametrize("step", WEIGHT_ONLY)
def test_weight_only_compression_leaves_compute_bound_convolutions_as_they_were(step: str) -> None:
    plain, small = run([]), run([step])
    # stage 2 of ResNet-50: 3x3 convolutions whose arithmetic takes longer than all their bytes
    for label in ("stages.1.layers.1.layer.1.convolution", "stages.2.layers.1.layer.1.convolution"):
        cycles = []
        for result in (plain, small):
            (task,) = [task for task in result.graphs[0].tasks if label in task.label]
            cycles.append(task.variants[0].cycles)
        assert cycles[0] == cycles[1]
    assert small.summary["dram_read_bytes"] < 0.9 * plain.summary["dram_read_bytes"]
    assert small.summary["flop"] == plain.summary["flop"]


@pytest.mark.parametrize("weights", ["int8", "int4_g32", "palette4", "palette6_c2304", "fp16_sparse75"])
def test_expansion_costs_the_unit_that_says_so_and_no_other(weights: str) -> None:
    plain, small = convolution("fp16"), convolution(weights)
    elements = 256 * 256 * 9
    assert compressed_elements(plain) == 0
    assert compressed_elements(small) == elements
    assert cost(plain).cycles == cost(small).cycles
    slow = cost(small, expand_elements_per_cycle=0.01)
    assert slow.cycles == pytest.approx(elements * slow.weight_passes / 0.01)
    assert cost(small, unit="gpu", expand_operations=0).cycles == cost(plain, unit="gpu").cycles
    assert cost(small, unit="gpu").cycles > cost(plain, unit="gpu").cycles


@pytest.mark.parametrize(("precision", "faster"), [("fp32", 1.0), ("bf16", 1.0), ("fp8", 1.0), ("int8", 2.0)])
def test_a_precision_runs_at_its_own_rate_or_at_the_next_wider_one(precision: str, faster: float) -> None:
    # the engine has rates for fp16 and int8 (twice as fast)
    half, other = cost(convolution("fp16")), cost(convolution(precision, precision))
    assert other.cycles == pytest.approx(half.cycles / faster, abs=1)
    with_fp8 = cost(convolution("fp8", "fp8"), flop_per_cycle={"fp16": 10526, "fp8": 21052})
    assert with_fp8.cycles == pytest.approx(half.cycles / 2, abs=1)


def test_int8_weights_beside_fp16_activations_compute_in_fp16() -> None:
    counts = dict(cost(convolution("int8")).operation_counts)
    assert ("matmul", "fp16") in counts
    assert ("matmul", "int8") in dict(cost(convolution("int8", "int8")).operation_counts)


def test_two_of_four_is_faster_where_the_unit_skips_zeros_and_unstructured_nowhere() -> None:
    plain = cost(convolution("fp16"))
    for sparse in ("fp16_2of4", "fp16_sparse50"):
        assert cost(convolution(sparse)).cycles == plain.cycles
    assert cost(convolution("fp16_2of4"), structured_speedup=2).cycles == pytest.approx(plain.cycles / 2, abs=1)
    assert cost(convolution("fp16_sparse50"), structured_speedup=2).cycles == plain.cycles
    quick = {"structured_speedup": 2.0, "expand_operations": 0.0}
    gpu = [cost(convolution(name), unit="gpu", **quick).cycles for name in ("fp16", "fp16_2of4")]
    assert gpu[1] == pytest.approx(gpu[0] / 2, rel=1e-3)
    assert GpuParams.model_fields["structured_speedup"].default == 1


@pytest.mark.parametrize("bits", range(1, 9))
def test_a_palette_has_one_table_per_tensor_or_per_channel(bits: int) -> None:
    before = mlp(64, 256, 10)
    elements = 2 * 64 * 256
    whole = transformed(before, [f"precision: {{format: palette{bits}, of: weights}}"])
    each = transformed(before, [f"precision: {{format: palette{bits}, of: weights, scale: channel}}"])
    table_bits = 16 * 2**bits
    matrices = {name: t for name, t in whole.tensors.items() if t.role == "weight" and len(t.shape) == 2}
    assert sum(t.bind({}).size_bytes for t in matrices.values()) == (elements * bits + 2 * table_bits) // 8
    rows = sum(t.shape[0] for t in matrices.values() if isinstance(t.shape[0], int))
    sized = sum(each.tensors[name].bind({}).size_bytes for name in matrices)
    assert sized == (elements * bits + rows * table_bits) // 8


def test_w8a8_with_75_percent_zeros_moves_less_than_w8a8_which_moves_less_than_fp16() -> None:
    dense = run([], "apple/a16").summary
    narrow = run(["precision: {format: int8}"], "apple/a16").summary
    sparse = run(["precision: {format: int8}", "sparsity: {percent: 75}"], "apple/a16").summary
    assert sparse["dram_read_bytes"] < narrow["dram_read_bytes"] < dense["dram_read_bytes"]
    assert sparse["latency_s"] <= narrow["latency_s"] < dense["latency_s"]


def test_a_narrow_cache_halves_its_bytes_and_has_to_be_expanded() -> None:
    workload = load_workload("llama-3.2-1b")
    narrow = transformed(workload, ["kv_cache: {format: q8_0}"])
    values = workload.complete({"seq": 1, "past": 1023})

    def expanded(item: Workload) -> int:
        bound = [item.bind(operation, values) for operation in item.operations if operation.kind == "attention"]
        return sum(compressed_elements(operation) for operation in bound)

    assert expanded(workload) == 0
    assert expanded(narrow) == 16 * 2 * 8 * 1024 * 64
