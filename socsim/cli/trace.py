"""`socsim trace`: a PyTorch model -> a workload file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

_STEP = "Training step"


def trace(
    model: Annotated[
        str | None,
        typer.Argument(help="a zoo name, pkg.module:callable, timm:NAME, a .pt2 (torch.export.save) or .onnx file"),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="the file to write [default: NAME.json.gz]")
    ] = None,
    allow_unknown: Annotated[
        bool, typer.Option("--allow-unknown", help="price operators without a cost by their bytes; the run is partial")
    ] = False,
    training: Annotated[
        bool, typer.Option("--training", help="a training step: forward, backward and optimizer", rich_help_panel=_STEP)
    ] = False,
    optimizer: Annotated[str | None, typer.Option(help="sgd or adamw [default: sgd]", rich_help_panel=_STEP)] = None,
    lora: Annotated[
        int | None, typer.Option(metavar="RANK", help="train adapters of this rank only", rich_help_panel=_STEP)
    ] = None,
    checkpoint: Annotated[
        bool,
        typer.Option("--checkpoint", help="keep the inputs of blocks and run them again", rich_help_panel=_STEP),
    ] = False,
    lengths: Annotated[
        list[str] | None,
        typer.Option(
            "--length",
            metavar="NAME=N",
            help="fix a length: of a training step (default: batch=8, seq=128), of an .onnx file (default: left open)",
        ),
    ] = None,
    list_zoo: Annotated[bool, typer.Option("--list", help="print the names of the zoo and stop")] = False,
) -> None:
    """Trace a PyTorch model into a workload file that runs without PyTorch.

    Nothing is downloaded and no weights are needed. A callable takes no arguments and returns (module,
    example_inputs) or (module, example_inputs, shapes), where shapes names lengths, e.g. ({0: "batch"},); build the
    module under torch.device("meta") to spare memory. Number formats are the module's own; zoo models are fp16.
    With --training the lengths are fixed and the file is named MODEL-training. An ONNX file keeps its own formats (also
    those of quantized weights), and lengths that it names stay open.
    """
    from socsim.errors import ConfigError

    if list_zoo:
        from socsim.frontend.zoo import zoo_names

        print("\n".join(zoo_names()))
        return
    if model is None:
        raise ConfigError(
            "MODEL",
            "name a model: a zoo name (socsim trace --list), pkg.module:callable, timm:NAME, FILE.pt2, FILE.onnx",
        )
    from socsim.cli.lengths import name_and_length
    from socsim.cli.workload import one_line
    from socsim.frontend.models import trace_model
    from socsim.simulation import load_components
    from socsim.workload.file import SUFFIX, require_writable, save_workload

    if output is not None:
        require_writable(output)
    load_components()
    chosen = dict(name_and_length(text) for text in lengths or ())
    if training:
        from socsim.frontend.models import trace_training_step

        workload = trace_training_step(model, optimizer or "sgd", lora, checkpoint, chosen)
    else:
        wanted = [("--optimizer", optimizer is not None), ("--lora", lora is not None), ("--checkpoint", checkpoint)]
        for option, given in wanted:
            if given:
                raise ConfigError(option, "belongs to --training")
        if chosen and not model.endswith(".onnx"):
            raise ConfigError("--length", "belongs to --training or to an .onnx file")
        workload = trace_model(model, allow_unknown, chosen)
    target = output or Path(f"{workload.name}{SUFFIX}")
    save_workload(workload, target)
    print(f"{target}: {one_line(workload)}", file=sys.stderr)
    if workload.partial:
        print("partial: operators without a cost are priced by their bytes alone", file=sys.stderr)
