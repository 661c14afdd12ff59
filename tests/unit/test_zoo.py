"""Do zoo models have the parameters and the work that is published or that torch counts?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from socsim.frontend.zoo import zoo_entry, zoo_names
from socsim.workload import Operation, Workload, find_workload, load_workload, shipped_workloads, work

FEW = ["resnet-18", "whisper-tiny-decoder", "distilbert"]
"""Quick models of three sorts; the whole zoo is behind the marker `zoo`."""


def shipped(name: str) -> Workload:
    return load_workload(find_workload(name))


MADE_BY_HAND = ["camera-frame", "camera-photo", "display-frame", "video-decode-frame", "video-encode-frame"]


def test_every_zoo_model_is_shipped() -> None:
    forward = [name for name in shipped_workloads() if "-training" not in name]
    assert sorted(forward) == sorted([*zoo_names(), *MADE_BY_HAND])


def test_the_zoo_has_the_models_it_must_have() -> None:
    names = [
        "resnet-18", "resnet-50", "mobilenet-v2", "efficientnet-b0", "convnext-tiny", "vit-base", "swin-tiny",
        "bert-base", "distilbert", "gpt2", "llama-2-7b", "llama-3.1-8b", "llama-3.2-1b", "qwen2.5-7b", "mixtral-8x7b",
        "clip-vit-b32", "sam-b",
        *(f"whisper-{size}-encoder" for size in ("tiny", "base", "small", "medium", "large-v3")),
        *(f"whisper-{size}-decoder" for size in ("tiny", "base", "small", "medium", "large-v3")),
        *(f"stable-diffusion-{v}-{part}" for v in ("1.5", "2.1") for part in ("unet", "vae-decoder", "text-encoder")),
    ]  # fmt: skip
    assert set(names) <= set(zoo_names())


@pytest.mark.parametrize(
    ("name", "lengths", "gflop"),
    [
        # GFLOP at 2 per multiply-accumulate, of the exported graph; measured with torch's own counter
        ("mobilenet-v2", {}, 0.602),
        ("resnet-50", {}, 8.178),
        ("vit-base", {}, 35.13),
        ("bert-base", {"seq": 128}, 22.35),
        ("llama-2-7b", {"seq": 512, "past": 0}, 6769),
        ("llama-2-7b", {"seq": 1, "past": 512}, 13.483),
        ("qwen2.5-7b", {"seq": 512, "past": 0, "logits": 512}, 7345),
        ("mixtral-8x7b", {"seq": 1, "past": 128}, 25.57),
        ("sam-b", {}, 975.7),
        ("stable-diffusion-1.5-unet", {}, 803.3),
        ("stable-diffusion-1.5-unet", {"batch": 2}, 1606.5),
        ("stable-diffusion-1.5-vae-decoder", {}, 2514.5),
        ("stable-diffusion-1.5-text-encoder", {}, 13.30),
    ],
)
def test_known_work(name: str, lengths: Mapping[str, int], gflop: float) -> None:
    assert shipped(name).total_work(lengths).matmul_flop / 1e9 == pytest.approx(gflop, rel=1e-3)


@pytest.mark.parametrize(
    ("name", "million"),
    [
        # parameters that the model cards give
        ("resnet-18", 11.7),
        ("resnet-50", 25.6),
        ("mobilenet-v2", 3.5),
        ("efficientnet-b0", 5.3),
        ("convnext-tiny", 28.6),
        ("vit-base", 86.6),
        ("bert-base", 109.5),
        ("distilbert", 66.4),
        ("gpt2", 124.4),
        ("llama-2-7b", 6738),
        ("llama-3.1-8b", 8030),
        ("llama-3.2-1b", 1236),
        ("qwen2.5-7b", 7616),
        ("mixtral-8x7b", 46703),
        ("stable-diffusion-1.5-unet", 859.5),
        ("densenet-121", 8.0),
        ("googlenet", 6.6),
        ("inception-v3", 23.8),
        ("mobilenet-v1", 4.25),
        ("mobilenet-v3-large", 5.5),
        ("mobilenet-v3-small", 2.54),
        ("mnasnet", 4.4),
        ("shufflenet-v2", 1.37),
        ("squeezenet", 1.24),
        ("resnext-50", 25.0),
        ("resnext-101", 88.8),
        ("wide-resnet-50", 68.9),
        ("regnet", 15.3),
        ("mobilevit-v2", 4.9),
        ("mobileone-s0", 2.1),
        ("mobileone-s2", 7.8),
        ("mobileone-s4", 14.8),
        ("fastvit-t8", 4.0),
        ("fastvit-sa24", 21.5),
        ("fastvit-ma36", 44.0),
        ("fcn-resnet50", 33.0),
        ("unet", 31.0),
        ("hrnet", 28.5),
        ("depth-anything", 24.8),
        ("real-esrgan-general-x4v3", 1.21),
        ("mamba-130m", 129.1),
        ("mamba-2.8b", 2768),
    ],
)
def test_published_parameters(name: str, million: float) -> None:
    weights = [t for t in shipped(name).tensors.values() if t.role == "weight" and t.alias_of is None]
    assert sum(t.bind({}).num_elements for t in weights) / 1e6 == pytest.approx(million, rel=0.012)


@pytest.mark.parametrize("name", sorted(shipped_workloads()))
def test_zoo_models_are_fp16_and_whole(name: str) -> None:
    workload = shipped(name)
    assert not workload.partial
    for operation in workload.operations:
        if operation.kind in ("matmul", "convolution", "attention", "grouped_matmul"):
            assert workload.tensors[operation.inputs[0]].dtype.name == "fp16"


def test_a_decode_step_of_a_mixture_reads_two_experts_of_eight() -> None:
    mixtral = shipped("mixtral-8x7b")
    one, many = (mixtral.total_work({"seq": seq, "past": 128}).read_bytes for seq in (1, 200))
    assert mixtral.weight_bytes() == pytest.approx(93.4e9, rel=0.01)
    assert one == pytest.approx(25.8e9, rel=0.02)
    assert many > 93e9


def _matmul_flop(workload: Workload, operations: Iterable[Operation], lengths: Mapping[str, int]) -> int:
    """FLOP of matrix products, apart from grouped ones and the causal convolution of state-space models, which torch's
    counter does not know."""
    values = workload.complete(lengths)
    unknown = ("grouped_matmul", "causal_convolution")
    counted = [op for op in operations if op.kind not in unknown and not op.id.endswith(unknown)]
    return sum(work(workload.bind(op, values)).matmul_flop for op in counted)


def _counted(name: str) -> tuple[int, int]:
    """(our FLOP of matrix products, torch's) at the example's lengths, of a fresh trace."""
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    from socsim.frontend.torch_export import export, flat_shapes, lower

    example = zoo_entry(name).build(None)
    program = export(example.module, example.inputs, example.shapes)
    named = flat_shapes(example.inputs, example.shapes)
    workload = lower(program, name, named=named, symbols=example.symbols, graph=example.graph, prefix=example.prefix)
    lengths: dict[str, int] = {}
    for tensor, dims in zip(torch.utils._pytree.tree_leaves(example.inputs), named, strict=True):
        lengths |= {length: tensor.shape[dim] for dim, length in (dims or {}).items()}
    inputs: Any = example.inputs
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        program.module()(**inputs) if isinstance(inputs, dict) else program.module()(*inputs)
    return _matmul_flop(workload, workload.operations, lengths), counter.get_total_flops()


@pytest.mark.torch
@pytest.mark.parametrize("name", FEW)
def test_work_equals_torchs_counter(name: str) -> None:
    pytest.importorskip("transformers", reason="needs the extra 'trace'")
    ours, torchs = _counted(name)
    assert ours == torchs > 0


def _counted_of_shipped(name: str) -> tuple[int, int]:
    """The same for the shipped file against the module as it is, without another export (which takes most of a trace's
    time). Where the file repeats layers of which the module has two, the others are left out."""
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    from socsim.frontend.torch_export import flat_shapes

    example = zoo_entry(name).build(None)
    lengths: dict[str, int] = {}
    named = flat_shapes(example.inputs, example.shapes)
    for tensor, dims in zip(torch.utils._pytree.tree_leaves(example.inputs), named, strict=True):
        lengths |= {length: tensor.shape[dim] for dim, length in (dims or {}).items()}
    inputs: Any = example.inputs
    example.module.requires_grad_(False)
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        example.module(**inputs) if isinstance(inputs, dict) else example.module(*inputs)
    workload = shipped(name)
    layers, depth = example.layers or ("no layers", 2)
    repeated = tuple(f"{layers}.{index}{end}" for index in range(2, depth) for end in "./")
    held = [op for op in workload.operations if not op.id.startswith(repeated)]
    assert len(held) < len(workload.operations) or depth == 2
    return _matmul_flop(workload, held, lengths), counter.get_total_flops()


EXPORTED = ("mixtral-8x7b",)
"""Grouped products in fp16 do not run on the meta device as they are."""


@pytest.mark.zoo
@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in zoo_names() if name not in FEW])
def test_work_of_the_whole_zoo_equals_torchs_counter(name: str) -> None:
    pytest.importorskip("diffusers", reason="needs the extra 'zoo'")
    ours, torchs = _counted(name) if name in EXPORTED else _counted_of_shipped(name)
    assert ours == torchs > 0


@pytest.mark.zoo
@pytest.mark.slow
@pytest.mark.parametrize("name", ["resnet-50", "llama-2-7b", "whisper-base-encoder"])
def test_the_shipped_file_is_what_tracing_gives(name: str) -> None:
    pytest.importorskip("transformers", reason="needs the extra 'trace'")
    from socsim.frontend import trace_model

    assert trace_model(name).content_hash == shipped(name).content_hash
