"""The scenario that `socsim run HARDWARE WORKLOAD...` means: one stream per workload, all at the same time."""

from __future__ import annotations

from collections.abc import Sequence

from socsim.errors import ConfigError
from socsim.simulation.options import RunOptions
from socsim.workload import Workload
from socsim.workload.scenario import Closed, Distribution, Draft, Generate, Model, Run, Scenario, Step, Stream

PROMPT_LOOKUP = "prompt-lookup"
"""The drafter that looks tokens up in the prompt and costs nothing."""

MINIMUM_SAMPLES = 2


def scenario_of(workloads: Sequence[Workload], options: RunOptions) -> tuple[Scenario, dict[str, Workload], list[str]]:
    """The scenario, its workloads by the name that its models use, and notes for the user."""
    if options.repeat < 1:
        raise ConfigError("--repeat", "must be at least 1")
    names = _stream_names(workloads)
    keys: dict[str, Workload] = {}
    notes: list[str] = []
    streams = []
    for name, workload in zip(names, workloads, strict=True):
        key = next((known for known, other in keys.items() if other is workload), name)
        keys[key] = workload
        step = _step(workload, Model(key), options, notes)
        streams.append(Stream(name, (step,), Closed(), count=options.repeat))
    return Scenario(" + ".join(names), tuple(streams)), keys, notes


def _stream_names(workloads: Sequence[Workload]) -> list[str]:
    """The workload's name; the second of the same name is `name.2`."""
    seen: dict[str, int] = {}
    names = []
    for workload in workloads:
        seen[workload.name] = seen.get(workload.name, 0) + 1
        count = seen[workload.name]
        names.append(workload.name if count == 1 else f"{workload.name}.{count}")
    return names


def _step(workload: Workload, model: Model, options: RunOptions, notes: list[str]) -> Step:
    known = {symbol.name for symbol in workload.symbols}
    generation = _given(options)
    if generation and not (workload.is_language_model and (options.prompt or options.tokens)):
        what = "needs --prompt and --tokens" if workload.is_language_model else f"{workload.name} is no language model"
        raise ConfigError(generation, what)
    if "batch" not in known and options.batch != 1:
        raise ConfigError("--batch", f"{workload.name} was traced at a fixed batch; trace it with a symbolic one")
    if workload.is_language_model and (options.prompt is not None or options.tokens is not None):
        prompt = 1 if options.prompt is None else options.prompt
        tokens = 1 if options.tokens is None else options.tokens
        if prompt < 1 or tokens < 1:
            raise ConfigError("--prompt/--tokens", "a generation has at least one prompt token and one output token")
        own = tuple((name, value) for name, value in options.lengths if name not in ("batch", "seq", "past"))
        constant = (Distribution("constant", prompt), Distribution("constant", tokens))
        return Generate(
            model,
            *constant,
            batch=options.batch,
            lengths=own,
            chunk=options.prefill_chunk,
            draft=_draft(options),
            sample_steps=options.sample_steps,
        )
    if options.prompt is not None or options.tokens is not None:
        notes.append(f"{workload.name} is no language model: --prompt and --tokens do nothing here")
    lengths = dict(options.lengths)
    if "batch" in known:
        lengths.setdefault("batch", options.batch)
    if workload.is_language_model:
        values = workload.complete(lengths)
        notes.append(
            f"{workload.name}: no --prompt or --tokens given, so this is one step of "
            + ", ".join(f"{name} {value}" for name, value in values.items())
        )
    return Run(model, tuple(lengths.items()))


def _given(options: RunOptions) -> str:
    """The first option given that only a generation knows; "" where none is."""
    given = {
        "--draft": options.draft,
        "--acceptance": options.acceptance,
        "--prefill-chunk": options.prefill_chunk,
        "--sample-steps": options.sample_steps,
    }
    return next((name for name, value in given.items() if value is not None), "")


def _draft(options: RunOptions) -> Draft | None:
    if options.prefill_chunk is not None and options.prefill_chunk < 1:
        raise ConfigError("--prefill-chunk", "must be at least 1")
    if options.sample_steps is not None and options.sample_steps < MINIMUM_SAMPLES:
        raise ConfigError("--sample-steps", f"must be at least {MINIMUM_SAMPLES}: the first and the last decode step")
    if options.draft is None:
        if options.acceptance is not None:
            raise ConfigError("--acceptance", "belongs to speculative decoding: name a --draft model or prompt-lookup")
        return None
    if options.acceptance is None or not 0 <= options.acceptance <= 1:
        what = "say with what probability a drafted token is accepted, a number from 0 to 1"
        raise ConfigError("--acceptance", what)
    widths = (options.draft_width,) if isinstance(options.draft_width, int) else options.draft_width
    if options.draft_length < 1 or min(widths, default=0) < 1:
        raise ConfigError("--draft-length/--draft-width", "must be at least 1")
    if isinstance(options.draft_width, tuple) and len(widths) != options.draft_length:
        raise ConfigError("--draft-width", f"{len(widths)} levels, but --draft-length is {options.draft_length}")
    model = None if options.draft == PROMPT_LOOKUP else Model(options.draft)
    return Draft(options.draft_length, options.acceptance, model, options.draft_width)
