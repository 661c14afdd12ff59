"""What a stream that serves many requests needs: memory of its cache and of its largest steps, a store to swap to."""

from __future__ import annotations

from collections.abc import Iterator

from socsim.cost.storage import StorageParams
from socsim.errors import ConfigError
from socsim.hardware import Soc
from socsim.registry import did_you_mean
from socsim.simulation.models import Models
from socsim.workload.scenario import Generate, Model, Serving, Stream


def cached_bytes(step: Generate, models: Models) -> tuple[int, int]:
    """What one request keeps in the pages: bytes whatever its length, and bytes per token; with a draft model both
    models' caches."""
    fixed, per_token = models.state_bytes(step.model)
    if step.draft is not None and step.draft.model is not None:
        drafter = models.state_bytes(step.draft.model)
        fixed, per_token = fixed + drafter[0], per_token + drafter[1]
    return fixed, per_token


def most_cached_tokens(step: Generate) -> int:
    """Tokens of the longest request in the cache, drafts that wait for verification included."""
    extra = step.draft.extra_nodes if step.draft is not None else 0
    return int(step.prompt.largest + step.tokens.largest) + extra


def request_bytes(step: Generate, models: Models) -> int:
    """The cache of the longest request."""
    fixed, per_token = cached_bytes(step, models)
    return fixed + per_token * most_cached_tokens(step)


def served_bytes(serving: Serving, step: Generate, models: Models) -> int:
    """Activations of the largest steps, and the cache: as large as asked for, or what one request needs."""
    activations = 0
    for model, lengths in _largest_steps(serving, step):
        fixed, per_token = models.state_bytes(model)
        sequences = [(lengths["batch"], lengths["past"] + lengths["seq"])]
        if "chunk" in lengths:
            sequences.append((1, lengths["chunk_past"] + lengths["chunk"]))
        state = sum(batch * (fixed + per_token * tokens) for batch, tokens in sequences)
        activations = max(activations, models.memory_bytes(model, step.units, lengths) - state)
    cache = serving.cache_bytes if serving.cache_bytes is not None else request_bytes(step, models)
    return max(0, activations) + cache


def _largest_steps(serving: Serving, step: Generate) -> Iterator[tuple[Model, dict[str, int]]]:
    prompt, tokens = int(step.prompt.largest), int(step.tokens.largest)
    is_static = serving.policy == "static"
    chunk = min(step.chunk or prompt, prompt)
    first = {"batch": serving.max_batch if is_static else 1, "seq": chunk, "past": prompt - chunk}
    verified = 1 + (step.draft.nodes(max(0, min(step.draft.length, tokens - 2))) if step.draft is not None else 0)
    past = max(prompt, prompt + tokens - 1 - verified)
    last = {"batch": serving.max_batch, "seq": verified, "past": past, "logits": verified}
    own = dict(step.lengths)
    yield step.model, {**own, **first}
    yield step.model, {**own, **last}
    if step.chunk and not is_static and serving.max_batch > 1:
        beside = {"batch": serving.max_batch - 1, "chunk": chunk, "chunk_past": prompt - chunk}
        yield step.model, {**own, **last, **beside}
    if step.draft is not None and step.draft.model is not None:
        yield step.draft.model, first
        yield step.draft.model, {"batch": serving.max_batch, "seq": 2, "past": prompt + tokens - 2}


def swap_storage(stream: Stream, soc: Soc) -> StorageParams | None:
    """The unit that a stream swaps its cache to; `ConfigError` where the chip has none of that name."""
    serving = stream.serving
    if serving is None or serving.swap_unit is None:
        return None
    stores = [unit for unit in soc.units if isinstance(unit, StorageParams)]
    for unit in stores:
        if unit.name == serving.swap_unit:
            return unit
    names = [unit.name for unit in stores]
    hint = did_you_mean(serving.swap_unit, names) if names else "it has none; without swap the cache is computed anew"
    key = f"streams.{stream.name}.serving.swap"
    raise ConfigError(
        stream.where or f"scenario stream '{stream.name}'",
        f"{key}: {soc.name} has no unit of kind storage named '{serving.swap_unit}': {hint}",
    )
