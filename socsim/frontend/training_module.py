"""The module of a training step: adapters in place, blocks that run again, a loss; and its example inputs.

Importing this file imports torch.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from torch.utils.checkpoint import checkpoint as run_again

from socsim.errors import ConfigError, WorkloadError
from socsim.frontend.example import Example
from socsim.frontend.joint_graph import Loss

_LEAST_BLOCKS = 6
"""Fewer blocks than this are looked into for smaller ones: the four stages of a network are too coarse to
checkpoint."""


@dataclass(frozen=True)
class TrainingModule:
    """What `joint_graph` takes; `prefix` is the attribute that holds the model."""

    module: Any
    inputs: tuple[Any, ...]
    target: Any
    loss: Loss
    prefix: str


class _WholeSequence(nn.Module):  # type: ignore[misc]
    """A language model over a whole sequence, without a cache: every position's logits."""

    def __init__(self, extend: Any) -> None:
        super().__init__()
        self.model = extend.model
        self._decoder, self._head = extend._decoder, extend._head

    def forward(self, input_ids: torch.Tensor) -> torch.Tensor:
        from socsim.frontend.wrapper import positions_and_mask

        positions, mask = positions_and_mask(0, input_ids.shape[1], input_ids.device)
        hidden = self.model.get_submodule(self._decoder)(
            input_ids=input_ids, position_ids=positions, attention_mask=mask, use_cache=False
        ).last_hidden_state
        return self.model.get_submodule(self._head)(hidden)


class _Adapted(nn.Module):  # type: ignore[misc]
    """A linear layer that is not trained, and two thin ones that are: `y = W x + B A x`.

    **Source:** Hu et al., LoRA: Low-rank adaptation of large language models, ICLR 2022.
    """

    def __init__(self, base: nn.Linear, rank: int) -> None:
        super().__init__()
        self.base = base
        like = {"device": base.weight.device, "dtype": base.weight.dtype}
        self.lora_a = nn.Linear(base.in_features, rank, bias=False, **like)
        self.lora_b = nn.Linear(rank, base.out_features, bias=False, **like)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.base(x) + self.lora_b(self.lora_a(x))


class _RunsAgain(nn.Module):  # type: ignore[misc]
    """A block that keeps its inputs alone and runs again in the backward pass."""

    def __init__(self, block: nn.Module) -> None:
        super().__init__()
        self.block = block

    def __getattr__(self, name: str) -> Any:
        try:
            return super().__getattr__(name)
        except AttributeError:
            return getattr(super().__getattr__("block"), name)

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        return run_again(self.block, *args, use_reentrant=False, preserve_rng_state=False, **kwargs)


def training_module(
    example: Example, lengths: Mapping[str, int], lora_rank: int | None, checkpoint: bool
) -> TrainingModule:
    """An example's module ready to be trained, with inputs at the given lengths."""
    module = _WholeSequence(example.module) if example.graph == "extend" else example.module
    inputs = _inputs(example, lengths)
    module.requires_grad_(True)
    module.train()
    for part in module.modules():
        if "Dropout" in type(part).__name__:
            part.eval()
    if lora_rank is not None:
        module.requires_grad_(False)
        if not _adapt(module, lora_rank):
            raise WorkloadError(type(module).__name__, "has no linear layer that --lora could adapt")
    if checkpoint:
        _checkpoint(module)
    with torch.no_grad():
        output = _tensor_of(_shape_of_output(module, inputs))
    classes = example.graph == "extend" or output.dim() == 2
    target = (
        torch.zeros(output.shape[:-1], dtype=torch.long, device="meta")
        if classes
        else torch.zeros(output.shape, dtype=output.dtype, device="meta")
    )
    prefix = "model" if example.graph == "extend" else example.prefix
    return TrainingModule(module, inputs, target, _cross_entropy if classes else _mean_square, prefix)


def _inputs(example: Example, lengths: Mapping[str, int]) -> tuple[Any, ...]:
    if isinstance(example.inputs, Mapping):
        raise WorkloadError("--training", "needs positional example inputs")
    given = example.inputs[:1] if example.graph == "extend" else example.inputs
    shapes = list(example.shapes or ())[: len(given)] + [None] * len(given)
    made = []
    for value, named in zip(given, shapes, strict=False):
        if not hasattr(value, "shape"):
            raise WorkloadError("--training", f"cannot train on an input that is a {type(value).__name__}")
        size = list(value.shape)
        for dim, name in (named or {}).items():
            size[dim] = lengths.get(name, size[dim])
            if size[dim] < 1:
                raise ConfigError("--length", f"{name} must be at least 1")
        made.append(torch.zeros(size, dtype=value.dtype, device="meta"))
    return tuple(made)


def _shape_of_output(module: nn.Module, inputs: tuple[Any, ...]) -> Any:
    from torch._subclasses.fake_tensor import FakeTensorMode

    with FakeTensorMode(allow_non_fake_inputs=True):
        own = {
            name: torch.empty(tensor.shape, dtype=tensor.dtype)
            for name, tensor in (*module.named_parameters(), *module.named_buffers())
        }
        return torch.func.functional_call(module, own, tuple(torch.empty(x.shape, dtype=x.dtype) for x in inputs))


def _adapt(module: nn.Module, rank: int) -> int:
    """Replace every linear layer but the heads (those with no sibling of their kind in a repeated block)."""
    count = 0
    for parent in list(module.modules()):
        if isinstance(parent, _Adapted):
            continue
        for name, child in list(parent.named_children()):
            if isinstance(child, nn.Linear) and name not in ("lm_head", "classifier", "head", "fc"):
                setattr(parent, name, _Adapted(child, rank))
                count += 1
    return count


def _checkpoint(module: nn.Module) -> None:
    """Blocks are the elements of lists and sequences of modules, on the outermost level that has enough of them."""
    level = _containers(module)
    while level and sum(len(container) for container in level) < _LEAST_BLOCKS:
        inner = [found for container in level for child in container for found in _containers(child)]
        if not inner:
            break
        level = inner
    if not level:
        raise WorkloadError(type(module).__name__, "has no list of blocks that --checkpoint could run again")
    for container in level:
        for index, block in enumerate(container):
            if any(True for _ in block.parameters()):
                container[index] = _RunsAgain(block)


def _containers(module: nn.Module) -> list[Any]:
    """The outermost lists and sequences of modules inside a module."""
    if isinstance(module, nn.ModuleList | nn.Sequential):
        return [module]
    return [found for child in module.children() for found in _containers(child)]


def _tensor_of(output: Any) -> Any:
    """The first tensor of what a model returns."""
    if hasattr(output, "shape"):
        return output
    items = output.values() if isinstance(output, Mapping) else output
    return _tensor_of(next(iter(items)))


def _cross_entropy(output: Any, target: Any) -> Any:
    logarithms = torch.log_softmax(_tensor_of(output).float(), -1)
    return -logarithms.gather(-1, target.unsqueeze(-1)).mean()


def _mean_square(output: Any, target: Any) -> Any:
    difference = _tensor_of(output).float() - target.float()
    return (difference * difference).mean()
