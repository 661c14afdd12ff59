"""What does each transform change, and what does it leave alone?"""

from __future__ import annotations

from pathlib import Path

import pytest

from socsim.errors import ConfigFileError, SocsimError, WorkloadError
from socsim.simulation import load_components
from socsim.transform import read_transforms, transform_of, transformed
from socsim.workload import Operation, Tensor, Workload, dtype, load_workload, save_workload
from socsim.workload.library import find_workload

FP16 = dtype("fp16")


@pytest.fixture(autouse=True)
def _registered() -> None:
    load_components()


def mlp(width: int = 64, hidden: int = 256, rows: int = 10) -> Workload:
    """up -> gelu -> down, then a skip connection."""
    tensors = [
        Tensor("x", (rows, width), FP16, "input"),
        Tensor("up.weight", (hidden, width), FP16, "weight"),
        Tensor("up.bias", (hidden,), FP16, "weight"),
        Tensor("h", (rows, hidden), FP16),
        Tensor("g", (rows, hidden), FP16),
        Tensor("down.weight", (width, hidden), FP16, "weight"),
        Tensor("d", (rows, width), FP16),
        Tensor("y", (rows, width), FP16, "output"),
    ]
    up = {"batch": 1, "m": rows, "n": hidden, "k": width}
    down = {"batch": 1, "m": rows, "n": width, "k": hidden}
    operations = (
        Operation("up", "matmul", ("x", "up.weight", "up.bias"), ("h",), up, "mlp.up"),
        Operation("act", "elementwise", ("h",), ("g",), {"function": "gelu", "flop_per_element": 5}, "mlp.act"),
        Operation("down", "matmul", ("g", "down.weight"), ("d",), down, "mlp.down"),
        Operation("add", "elementwise", ("d", "x"), ("y",), {"function": "add", "flop_per_element": 1}, "mlp"),
    )
    return Workload("mlp", {tensor.id: tensor for tensor in tensors}, operations)


def formats(workload: Workload) -> dict[str, str]:
    return {name: tensor.dtype.name for name, tensor in workload.tensors.items()}


@pytest.mark.parametrize(
    ("name", "bits_per_element"),
    [("fp16_sparse75", 1 + 0.25 * 16), ("int8_sparse50", 1 + 0.5 * 8), ("fp16_2of4", (2 * 16 + 2 * 2) / 4)],
)
def test_a_sparse_format_stores_what_is_left_and_where_it_is(name: str, bits_per_element: float) -> None:
    assert dtype(name).size_bytes(80_000) == 80_000 * bits_per_element / 8


def test_weight_only_formats_leave_activations_vectors_and_work_alone() -> None:
    before = mlp()
    after = transformed(before, ["precision: {format: int4_g128, of: weights}"])
    changed = {name for name, format in formats(after).items() if format != "fp16"}
    assert changed == {"up.weight", "down.weight"}
    assert after.total_work().flop == before.total_work().flop


def test_an_activation_is_narrow_only_where_all_its_readers_are() -> None:
    after = formats(transformed(mlp(), ["precision: {format: int8, layers: [mlp.down, mlp.act]}"]))
    assert after == {
        "x": "fp16", "up.weight": "fp16", "up.bias": "fp16", "h": "int8", "g": "int8", "down.weight": "int8",
        "d": "fp16", "y": "fp16",
    }  # fmt: skip


def test_pruned_channels_shrink_producer_and_consumer_and_nothing_on_a_skip_connection() -> None:
    after = transformed(mlp(), ["prune_channels: {fraction: 0.5}"])
    shapes = {name: tensor.shape for name, tensor in after.tensors.items()}
    assert shapes["up.weight"] == (128, 64)
    assert shapes["up.bias"] == (128,)
    assert shapes["h"] == shapes["g"] == (10, 128)
    assert shapes["down.weight"] == (64, 128)
    assert shapes["y"] == shapes["x"] == (10, 64)
    assert after.total_work().matmul_flop == mlp().total_work().matmul_flop // 2
    with pytest.raises(WorkloadError, match="no channels"):
        transformed(mlp(), ["prune_channels: {fraction: 0.5, layers: [mlp.down]}"])


def test_gated_feed_forward_networks_are_pruned_on_both_sides_of_the_gate() -> None:
    llama = load_workload(find_workload("llama-3.2-1b"))
    pruned = transformed(llama, ["prune_channels: {fraction: 0.25, granule: 64}"])
    name = "model.layers.0.mlp"
    assert [pruned.tensors[f"{name}.{part}.weight"].shape for part in ("gate_proj", "up_proj", "down_proj")] == [
        (6144, 2048), (6144, 2048), (2048, 6144),
    ]  # fmt: skip


def test_an_adapter_beside_adds_its_two_products_and_merged_adds_nothing() -> None:
    rows, width, hidden, rank = 10, 64, 256, 4
    before = mlp(width, hidden, rows)
    beside = transformed(before, [f"lora: {{rank: {rank}, layers: [mlp.up]}}"])
    extra = beside.total_work().flop - before.total_work().flop
    assert extra == 2 * rows * rank * (width + hidden) + rows * hidden
    assert beside.weight_bytes() - before.weight_bytes() == 2 * rank * (width + hidden)
    merged = transformed(before, [f"lora: {{rank: {rank}, layers: [mlp.up], merged: true}}"])
    assert merged.content_hash == before.content_hash


def test_a_cache_format_halves_the_cache_and_leaves_the_weights() -> None:
    llama = load_workload(find_workload("llama-3.2-1b"))
    after = transformed(llama, ["kv_cache: {format: int8}"])
    at = {"seq": 1, "past": 1023}
    cache_bytes = 16 * 2 * 8 * 1024 * 64 * 2
    assert llama.total_work(at).read_bytes - after.total_work(at).read_bytes == cache_bytes // 2
    assert after.weight_bytes() == llama.weight_bytes()


def test_a_batch_multiplies_the_work_of_activations_only() -> None:
    resnet = load_workload(find_workload("resnet-18"))
    after = transformed(resnet, ["batch: {size: 4}"])
    assert after.total_work().matmul_flop == 4 * resnet.total_work().matmul_flop
    assert after.weight_bytes() == resnet.weight_bytes()


def test_a_transformed_workload_survives_its_file(tmp_path: Path) -> None:
    steps = ["sparsity: {percent: 75}", "lora: {rank: 8, layers: ['*.q_proj']}", "batch: {size: 2}"]
    after = transformed(load_workload(find_workload("llama-3.2-1b")), steps)
    again = load_workload(save_workload(after, tmp_path / "after.json.gz"))
    assert again.content_hash == after.content_hash
    assert again.source["transforms"] == "weights sparse75; LoRA rank 8 beside; batch 2"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("steps:\n  - sparsity: {percnt: 4}\n", ":2:16: sparsity.percnt: unknown key 'percnt': did you mean 'percent'"),
        ("steps:\n  - sparsty: {}\n", ":2:5: unknown transform 'sparsty': did you mean 'sparsity'?"),
        ("steps:\n  - sparsity: {percent: 100}\n", ":2:25: sparsity.percent: must be at most 99, got 100"),
        ("steps: 3\n", ":1:8: 'steps' is a list"),
        ("- a\n", ":1:1: expected 'steps:'"),
        ("steps:\n  - precision: {}\n", "precision.format: required key is missing"),
    ],
)
def test_a_wrong_file_says_where_and_what_would_be_right(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "steps.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigFileError) as caught:
        read_transforms(file)
    assert words in str(caught.value)
    assert str(file) in str(caught.value)


@pytest.mark.parametrize(
    ("step", "words"),
    [
        ("precision: {format: int9}", "unknown number format 'int9'"),
        ("precision: {format: int8, layers: [mlp.upp]}", "did you mean 'mlp.up'"),
        ("kv_cache: {format: int8}", "no key-value cache"),
        ("batch: {size: 2}", "fixed batch"),
        ("lora: {rank: 2, layers: [mlp.act]}", "no linear layer"),
        ("sparsity: {layers: [mlp.act]}", "no weights of mlp.act can lose elements"),
        ("precision: {format: palette4, of: weights, layers: [mlp.act]}", "no weights of mlp.act float"),
        ("precision: {format: q4_0, of: weights, scale: channel}", "scale: channel goes with"),
    ],
)
def test_a_transform_that_cannot_apply_says_why(step: str, words: str) -> None:
    with pytest.raises(SocsimError, match=words):
        transformed(mlp(), [step])


def test_the_step_that_the_help_of_run_shows_is_one() -> None:
    import inspect
    import re

    from socsim.cli.run import run

    load_components()
    (step,) = re.findall(r"a step such as '([^']*)'", inspect.getsource(run))
    assert transform_of(step)
