"""A training step: is its backward pass twice the forward, as torch counts it, and do adapters and checkpoints do what
they are for?"""

from __future__ import annotations

import subprocess
import sys
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from socsim.errors import WorkloadError
from socsim.workload import Workload, load_workload, save_workload

pytestmark = pytest.mark.torch
torch = pytest.importorskip("torch")


@lru_cache(maxsize=8)
def zoo(name: str, layers: int | None = None, batch: int = 2, **options: Any) -> Workload:
    from socsim.frontend.training import trace_training
    from socsim.frontend.zoo import zoo_entry

    lengths = {"batch": batch, "seq": 32}
    return trace_training(zoo_entry(name).build(layers), name, lengths=lengths, **options)


class Small(torch.nn.Module):  # type: ignore[misc,name-defined]
    """Convolutions (grouped, strided), normalizations, attention and linear layers."""

    def __init__(self) -> None:
        super().__init__()
        nn = torch.nn
        self.blocks = nn.Sequential(
            nn.Sequential(nn.Conv2d(4, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16), nn.ReLU()),
            nn.Sequential(nn.Conv2d(16, 16, 3, stride=2, padding=1, groups=4), nn.GELU()),
            *[nn.Sequential(nn.Conv2d(16, 16, 1), nn.SiLU()) for _ in range(6)],
        )
        self.norm = nn.LayerNorm(16)
        self.unused = nn.Linear(16, 2)
        self.head = nn.Linear(16, 10)

    def forward(self, x: Any) -> Any:
        tokens = self.norm(self.blocks(x).flatten(2).transpose(1, 2))
        return self.head(torch.nn.functional.scaled_dot_product_attention(tokens, tokens, tokens).mean(1))


@lru_cache(maxsize=8)
def small(**options: Any) -> Workload:
    from socsim.frontend import Example
    from socsim.frontend.training import trace_training

    with torch.device("meta"):
        module = Small().half()
    inputs = (torch.zeros(2, 4, 16, 16, dtype=torch.half, device="meta"),)
    return trace_training(Example(module, inputs), "small", **options)


def test_matrix_work_is_what_torch_counts_for_forward_and_backward() -> None:
    from torch.utils.flop_counter import FlopCounterMode

    module = Small()
    x, counter = torch.zeros(2, 4, 16, 16), FlopCounterMode(display=False)
    with counter:
        module(x).sum().backward()
    # torch's counter takes the weight gradient of a convolution of 4 groups for that of one group: 3 times too much.
    grouped = 2 * (2 * 16 * 8 * 8) * 4 * 9
    assert small().total_work().matmul_flop == counter.get_total_flops() - 3 * grouped


def test_the_backward_pass_of_attention_computes_its_scores_anew() -> None:
    """Five products against two, as FlashAttention counts them."""
    from socsim.workload import work

    workload = zoo("llama-3.2-1b", 2)
    parts = {False: 0, True: 0}
    for operation in workload.operations:
        if "flash_attention" in operation.operator:
            parts["backward" in operation.operator] += work(workload.bind(operation, {})).matmul_flop
    assert 2 * parts[True] == 5 * parts[False] > 0


@pytest.mark.parametrize(("name", "layers"), [("resnet-18", None), ("llama-3.2-1b", 2)])
def test_the_backward_pass_is_about_twice_the_forward(name: str, layers: int | None) -> None:
    from socsim.workload import work

    workload = zoo(name, layers)
    backward = total = 0
    for operation in workload.operations:
        flop = work(workload.bind(operation, {})).matmul_flop
        total += flop
        backward += flop * (".backward" in operation.label)
    assert 1.8 < backward / (total - backward) < 2.05


def test_every_parameter_is_updated_once_and_reads_its_moments() -> None:
    workload = small(optimizer="adamw")
    updates = [operation for operation in workload.operations if operation.attributes.get("function") == "adamw"]
    weights = [tensor.id for tensor in workload.tensors.values() if tensor.role == "weight"]
    trained = {name for name in weights if name.endswith((".weight", ".bias"))}
    assert {operation.outputs[0] for operation in updates} == trained
    moments = sum(t.bind({}).size_bytes for t in workload.tensors.values() if t.role == "state")
    parameters = sum(workload.tensors[operation.outputs[0]].bind({}).num_elements for operation in updates)
    assert moments == 2 * 4 * parameters


def test_checkpointing_runs_blocks_again_and_saves_activations() -> None:
    from socsim.api import load_soc
    from socsim.mapping import Mapper
    from socsim.simulation.models import candidates

    soc = load_soc("apple/m1_max")
    plain, again = (zoo("vit-base", batch=8, checkpoint=checkpoint) for checkpoint in (False, True))
    forward = 2 * 17.56e9 * 8  # the FLOP of the classifier on 8 images
    extra = again.total_work().matmul_flop - plain.total_work().matmul_flop
    # A block runs again up to the last tensor that its backward pass needs: all but its last product, a third of it.
    assert 0.6 * forward < extra < 0.75 * forward
    memory = [Mapper(soc, candidates(soc, ("gpu",))).memory_bytes(w) - w.weight_bytes() for w in (plain, again)]
    assert memory[1] < 0.5 * memory[0]


def test_adapters_train_little_and_need_no_gradient_of_the_weights() -> None:
    full, adapted = zoo("llama-3.2-1b", 2), zoo("llama-3.2-1b", 2, lora_rank=4, optimizer="adamw")
    updated = [o.outputs[0] for o in adapted.operations if o.attributes.get("function") == "adamw"]
    assert len(updated) == 2 * 7 * 2
    assert all("lora_" in name for name in updated)
    assert adapted.total_work().matmul_flop < 0.72 * full.total_work().matmul_flop


def test_a_training_step_is_saved_and_runs(tmp_path: Path) -> None:
    import socsim

    path = tmp_path / "step.json.gz"
    save_workload(small(optimizer="adamw"), path)
    assert load_workload(path).content_hash == small(optimizer="adamw").content_hash
    result = socsim.simulate(socsim.load_workload(path), socsim.load_soc("apple/m1"), socsim.RunOptions(units=("gpu",)))
    assert result.summary["flop"] == small(optimizer="adamw").total_work().flop


def test_what_cannot_be_trained_is_said() -> None:
    with pytest.raises(WorkloadError, match="no linear layer"):
        zoo("mobilenet-v2", lora_rank=4)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("resnet-18", "--checkpoint"), "--checkpoint: belongs to --training"),
        (("resnet-18", "--training", "--optimizer", "adam"), "--optimizer: unknown 'adam'"),
        (("resnet-18", "--training", "--lora", "0"), "--lora: the rank must be at least 1"),
    ],
)
def test_options_that_do_not_fit_end_in_one_line(arguments: tuple[str, ...], words: str) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "socsim", "trace", *arguments], capture_output=True, text=True, check=False
    )
    assert run.returncode == 2
    assert words in run.stderr
    assert "Traceback" not in run.stderr
