"""What `socsim trace MODEL` may name: a zoo model, `pkg.module:callable`, `timm:NAME`, a saved `.pt2`, an `.onnx`."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from socsim.errors import WorkloadError
from socsim.frontend.example import Example, trace_example
from socsim.frontend.torch_export import lower
from socsim.frontend.zoo import zoo_entry, zoo_names
from socsim.frontend.zoo.registration import ZooEntry
from socsim.registry import did_you_mean
from socsim.workload import Workload


def trace_training_step(
    model: str,
    optimizer: str = "sgd",
    lora_rank: int | None = None,
    checkpoint: bool = False,
    lengths: Mapping[str, int] | None = None,
) -> Workload:
    """The training step of a model, named `MODEL-training` with what it is trained by (see `trace_training`)."""
    from socsim.frontend.training import check_training_options, trace_training

    check_training_options(optimizer, lora_rank)
    if model.endswith((".pt2", ".onnx")):
        raise WorkloadError(model, "holds a forward pass alone; --training needs the module: a zoo name or a callable")
    if model.startswith("timm:") or ":" in model:
        name = model.rpartition(":")[2]
        from socsim.frontend.timm_models import timm_example

        example = timm_example(name) if model.startswith("timm:") else _users_example(model)
        if example.layers is not None:
            raise WorkloadError(model, "--training needs all layers of a module: return an Example without 'layers'")
        source = {"model": model}
    else:
        entry = _zoo_entry(model)
        example = entry.build(None)
        if example.layers is not None:
            example = entry.build(example.layers[1])
        name, source = entry.name, {"model": f"zoo:{entry.name}", "configuration": entry.source}
    parts = [name, "training", f"lora{lora_rank}" if lora_rank else "", "checkpoint" if checkpoint else ""]
    workload = trace_training(example, "-".join(filter(None, parts)), optimizer, lora_rank, checkpoint, lengths)
    return replace(workload, source={**workload.source, **source})


def trace_model(model: str, allow_unknown: bool = False, lengths: Mapping[str, int] | None = None) -> Workload:
    """Trace the model of that name; `lengths` fixes named lengths of an ONNX file.

    A `pkg.module:callable` takes no arguments and returns an `Example` (a language model: `extend_example`), or
    `(module, example_inputs)`, or `(module, example_inputs, shapes)` with named lengths (see
    `socsim.frontend.trace`). Modules are looked up as Python does, the working directory first. Raises
    `WorkloadError`.
    """
    if model.startswith("timm:"):
        from socsim.frontend.timm_models import timm_example

        name = model.removeprefix("timm:")
        return trace_example(timm_example(name), name, {"model": model}, allow_unknown)
    if model.endswith(".pt2"):
        return _saved_program(Path(model), allow_unknown)
    if model.endswith(".onnx"):
        from socsim.frontend.imported.onnx_model import trace_onnx

        return trace_onnx(Path(model), lengths)
    if ":" in model:
        return trace_example(_users_example(model), model.rpartition(":")[2], {"model": model}, allow_unknown)
    entry = _zoo_entry(model)
    source = {"model": f"zoo:{entry.name}", "configuration": entry.source}
    return trace_example(entry.build(None), entry.name, source, allow_unknown)


def _zoo_entry(model: str) -> ZooEntry:
    names = zoo_names()
    if model not in names:
        raise WorkloadError(
            "",
            f"unknown model '{model}': {did_you_mean(model, names)} "
            "(or pkg.module:callable, timm:NAME, a .pt2 file of torch.export.save, an .onnx file)",
        )
    return zoo_entry(model)


def _users_example(model: str) -> Example:
    module_name, _, attribute = model.partition(":")
    if os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())
    try:
        module = importlib.import_module(module_name)
    except ImportError as error:
        raise WorkloadError(model, f"cannot import '{module_name}': {error}") from error
    function: Any = module
    for part in attribute.split("."):
        if not hasattr(function, part):
            near = did_you_mean(part, [name for name in dir(function) if not name.startswith("_")])
            raise WorkloadError(model, f"'{module_name}' has no '{attribute}': {near}")
        function = getattr(function, part)
    if not callable(function):
        raise WorkloadError(
            model, f"'{attribute}' is not callable; expected a function that returns (module, example_inputs)"
        )
    try:
        made = function()
    except Exception as error:  # a user's function may raise anything
        raise WorkloadError(model, f"'{attribute}()' raised {type(error).__name__}: {error}") from error
    return _as_example(made, model)


def _as_example(made: Any, model: str) -> Example:
    if isinstance(made, Example):
        return made
    expected = "expected (module, example_inputs) or (module, example_inputs, shapes)"
    if not isinstance(made, tuple) or len(made) not in (2, 3):
        raise WorkloadError(model, f"returned {type(made).__name__}; {expected}")
    module, inputs = made[:2]
    if not hasattr(module, "forward"):
        raise WorkloadError(
            model, f"the first value returned is {type(module).__name__}, not a torch.nn.Module; {expected}"
        )
    if hasattr(inputs, "dtype"):
        inputs = (inputs,)
    if not isinstance(inputs, (tuple, list, Mapping)):
        raise WorkloadError(
            model, f"the example inputs are {type(inputs).__name__}, not a tuple or a mapping; {expected}"
        )
    module.eval()
    return Example(module, inputs, shapes=made[2] if len(made) == 3 else None)


def _saved_program(path: Path, allow_unknown: bool) -> Workload:
    if not path.is_file():
        raise WorkloadError(str(path), "no such file")
    try:
        import torch

        program = torch.export.load(path)
    except ImportError as error:
        raise WorkloadError(str(path), f"tracing needs '{error.name}': pip install 'socsim[trace]'") from error
    except Exception as error:  # torch raises many unrelated types for a file that is not its own
        first = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise WorkloadError(str(path), f"not a program saved by torch.export.save: {first}") from error
    return lower(program, path.stem, allow_unknown=allow_unknown)
