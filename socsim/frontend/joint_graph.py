"""Forward and backward of a module as one graph of aten operators, traced on fake tensors.

`make_fx` records what autograd runs, so a backward pass has the operators that torch would run, gradient checkpointing
shows as operators that run twice, and nothing is computed. Every node gets the module path that it belongs to: a
forward node that of the module that ran, a backward node that of the forward node whose gradient it is.
"""

from __future__ import annotations

import warnings
from bisect import bisect_right
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from socsim.errors import WorkloadError


@dataclass(frozen=True)
class JointGraph:
    """`module` is the graph; its placeholders are the tensors `names`, in order; its results are the loss and one
    gradient for each of `trained`, None for a parameter that the module does not use."""

    module: Any
    names: tuple[str, ...]
    trained: tuple[str, ...]


Loss = Callable[[Any, Any], Any]
"""(what the module returns, the target) -> a scalar."""


def joint_graph(module: Any, inputs: Sequence[Any], target: Any, loss: Loss) -> JointGraph:
    """Trace a module (on any device, best meta) with the gradients of all parameters that require one.

    Raises `WorkloadError` where autograd cannot go through the module.
    """
    import torch
    from torch._functorch._aot_autograd.graph_capture_wrappers import setup_stacktrace_preservation_hooks
    from torch._subclasses.fake_tensor import FakeTensorMode
    from torch.fx import traceback
    from torch.fx.experimental.proxy_tensor import make_fx
    from torch.nn.utils.stateless import _reparametrize_module

    tensors = [*module.named_parameters(), *module.named_buffers()]
    trained = [name for name, parameter in module.named_parameters() if parameter.requires_grad]
    names = [name for name, _ in tensors]
    given = [*(tensor for _, tensor in tensors), *inputs, target]
    paths = _Paths(module)

    def step(*flat: Any) -> tuple[Any, ...]:
        own = dict(zip(names, flat, strict=False))
        with _reparametrize_module(module, own, tie_weights=True):  # also while checkpointed blocks run again
            value = loss(module(*flat[len(names) : -1]), flat[-1])
            setup_stacktrace_preservation_hooks([value.grad_fn])
            return value, *torch.autograd.grad(value, [own[name] for name in trained], allow_unused=True)

    fake = FakeTensorMode(allow_non_fake_inputs=True)
    try:
        with _quiet(), fake, traceback.preserve_node_meta(), paths:
            flat = [
                torch.empty(t.shape, dtype=t.dtype, requires_grad=index < len(names) and names[index] in set(trained))
                for index, t in enumerate(given)
            ]
            traced = make_fx(step)(*flat)
    except Exception as error:  # torch raises errors of many unrelated types
        first = str(error).strip().splitlines()[0] if str(error).strip() else ""
        raise WorkloadError(
            type(module).__name__, f"torch cannot trace its training step: {type(error).__name__}: {first}"
        ) from error
    paths.label(list(traced.graph.nodes))
    inputs_of = [f"input {index}" if index else "input" for index in range(len(inputs))]
    return JointGraph(traced, (*names, *inputs_of, "target"), tuple(trained))


class _Paths:
    """Which module each node belongs to, by hooks around every module's forward. A node of the backward pass belongs to
    the module of the forward nodes with its sequence number; one of a block that runs again to the module that runs."""

    def __init__(self, module: Any) -> None:
        self._module = module
        self._handles: list[Any] = []
        self._stack: list[tuple[str, str]] = []
        self._spans: list[tuple[int, tuple[str, str]]] = []

    def __enter__(self) -> None:
        for path, module in self._module.named_modules():
            entry = path, type(module).__name__
            self._handles.append(module.register_forward_pre_hook(lambda m, a, entry=entry: self._enter(entry)))
            self._handles.append(module.register_forward_hook(lambda m, a, o: self._leave(), always_call=True))

    def __exit__(self, *details: object) -> None:
        for handle in self._handles:
            handle.remove()

    def _enter(self, entry: tuple[str, str]) -> None:
        self._stack.append(entry)
        self._mark()

    def _leave(self) -> None:
        if self._stack:
            self._stack.pop()
        self._mark()

    def _mark(self) -> None:
        """From the next node on, nodes belong to the module on top of the stack."""
        from torch.fx.experimental.proxy_tensor import get_proxy_mode

        mode = get_proxy_mode()
        if mode is not None:
            self._spans.append((len(mode.tracer.graph.nodes), self._stack[-1] if self._stack else ("", "")))

    def label(self, nodes: Sequence[Any]) -> None:
        """Write module path and class where the lowering looks for them; a backward node has no class to be folded
        by."""
        begins = [begin for begin, _ in self._spans]
        of_number: dict[int, str] = {}
        for index, node in enumerate(nodes):
            position = bisect_right(begins, index) - 1
            path, name = self._spans[position][1] if position >= 0 else ("", "")
            number, is_backward = node.meta.get("seq_nr"), node.meta.get("autograd_backward")
            if not is_backward:
                of_number.setdefault(number, path)
            elif path:
                path, name = f"{path}.again", ""
            else:
                origin = of_number.get(number, "")
                path, name = f"{origin}.backward" if origin else "backward", ""
            node.meta["nn_module_stack"] = {"": (path, name)}


@contextmanager
def _quiet() -> Any:
    """torch warns about its own internals while it traces."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
