"""Does one symbolic trace of a language model say what concrete traces say, at lengths other than the traced ones?"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from socsim.errors import WorkloadError
from socsim.workload import Workload

pytest.importorskip("torch", reason="needs the extra 'trace'")
pytest.importorskip("transformers", reason="needs the extra 'trace'")
pytestmark = pytest.mark.torch

from socsim.frontend.example import Example, trace_example, with_depth  # noqa: E402
from socsim.frontend.language_model import Decoder, extend_example  # noqa: E402
from socsim.frontend.torch_export import export, lower  # noqa: E402
from socsim.frontend.zoo.registration import on_meta  # noqa: E402

LENGTHS = [
    {"batch": 1, "seq": 7, "past": 0, "logits": 1},  # prefill
    {"batch": 1, "seq": 1, "past": 19, "logits": 1},  # a decode step
    {"batch": 3, "seq": 5, "past": 11, "logits": 5},  # a later chunk; verification of drafts
]


def _llama(layers: int) -> tuple[Any, Decoder]:
    """Grouped-query attention and rotary embeddings: 8 query heads on 2 key-value heads."""
    from transformers import LlamaConfig, LlamaForCausalLM

    config = LlamaConfig(
        vocab_size=512, hidden_size=64, intermediate_size=96, num_hidden_layers=layers, num_attention_heads=8,
        num_key_value_heads=2, head_dim=16, max_position_embeddings=256,
    )  # fmt: skip
    return on_meta(lambda: LlamaForCausalLM(config)), Decoder("model", "lm_head", "model.layers", layers, 2, 16, 256)


def _mixtral(layers: int) -> tuple[Any, Decoder]:
    from transformers import MixtralConfig, MixtralForCausalLM

    config = MixtralConfig(
        vocab_size=512, hidden_size=64, intermediate_size=96, num_hidden_layers=layers, num_attention_heads=4,
        num_key_value_heads=2, head_dim=16, max_position_embeddings=256, num_local_experts=6, num_experts_per_tok=2,
        sliding_window=None, experts_implementation="grouped_mm",
    )  # fmt: skip
    return on_meta(lambda: MixtralForCausalLM(config)), Decoder("model", "lm_head", "model.layers", layers, 2, 16, 256)


def _gpt2(layers: int) -> tuple[Any, Decoder]:
    from transformers import GPT2Config, GPT2LMHeadModel

    config = GPT2Config(vocab_size=512, n_positions=256, n_embd=64, n_layer=layers, n_head=4)
    return on_meta(lambda: GPT2LMHeadModel(config)), Decoder(
        "transformer", "lm_head", "transformer.h", layers, 4, 16, 256
    )


def _whisper(layers: int) -> tuple[Any, Decoder]:
    from transformers import WhisperConfig, WhisperForConditionalGeneration

    config = WhisperConfig(
        vocab_size=512, num_mel_bins=8, d_model=64, encoder_layers=1, decoder_layers=layers, encoder_attention_heads=4,
        decoder_attention_heads=4, encoder_ffn_dim=96, decoder_ffn_dim=96, max_source_positions=20,
        max_target_positions=256, pad_token_id=0,
    )  # fmt: skip
    model = on_meta(lambda: WhisperForConditionalGeneration(config))
    return model, Decoder("model.decoder", "proj_out", "model.decoder.layers", layers, 4, 16, 256)


FAMILIES = {"llama": _llama, "mixtral": _mixtral, "gpt2": _gpt2, "whisper": _whisper}
SLOW = ("gpt2", "whisper")


def _example(family: str, layers: int = 2, depth: int = 2, **options: Any) -> Example:
    model, decoder = FAMILIES[family](layers)
    decoder = replace(decoder, depth=depth)
    return extend_example(model, decoder, layers, cross_length=20 if family == "whisper" else 0, **options)


def _bound(workload: Workload, lengths: dict[str, int]) -> Counter[Any]:
    return Counter(workload.bind(operation, lengths) for operation in workload.operations)


@pytest.fixture(
    scope="module", params=[pytest.param(f, marks=pytest.mark.slow) if f in SLOW else f for f in sorted(FAMILIES)]
)
def traced(request: pytest.FixtureRequest) -> tuple[str, Workload]:
    example = _example(request.param)
    return request.param, trace_example(example, request.param, {})


@pytest.mark.parametrize("lengths", LENGTHS, ids=lambda v: "-".join(f"{k}{n}" for k, n in v.items()))
def test_one_trace_equals_concrete_traces_at_other_lengths(
    traced: tuple[str, Workload], lengths: dict[str, int]
) -> None:
    family, symbolic = traced
    example = _example(family, lengths=lengths)
    program = export(example.module, example.inputs)
    concrete = lower(program, family, graph="extend", prefix="model", constant_ranges=False)
    assert _bound(symbolic, lengths) == _bound(concrete, {})
    assert symbolic.total_work(lengths) == concrete.total_work()
    assert [op.label for op in symbolic.operations] == [op.label for op in concrete.operations]
    assert symbolic.weight_bytes() == concrete.weight_bytes()


def test_repeated_layers_equal_a_trace_of_the_whole_depth(traced: tuple[str, Workload]) -> None:
    family, shallow = traced
    whole_example = _example(family, layers=3, depth=3)
    assert whole_example.layers is not None
    repeated = with_depth(shallow, *whole_example.layers)
    whole = trace_example(whole_example, family, {})
    assert whole.operations == repeated.operations
    assert dict(whole.tensors) == dict(repeated.tensors)
    assert whole.content_hash == repeated.content_hash


def test_layers_that_differ_are_not_repeated() -> None:
    import torch

    example = _example("llama")
    with torch.device("meta"):
        example.module.model.model.layers[1].mlp.up_proj = torch.nn.Linear(64, 96, bias=True).half()
    with pytest.raises(WorkloadError, match="not identical"):
        trace_example(example, "llama", {})


def test_the_cache_is_state_that_only_grows_by_the_new_rows(traced: tuple[str, Workload]) -> None:
    from socsim.workload import work

    _, workload = traced
    lengths = {"batch": 2, "seq": 3, "past": 100, "logits": 1}
    appends = [op for op in workload.operations if op.attributes.get("function") == "kv_append"]
    assert len(appends) == 2 * 2
    for operation in appends:
        state = workload.tensors[operation.outputs[0]]
        assert state.role == "state"
        assert state.bind(lengths).shape[2] == 103
        new_bytes = state.bind(lengths).size_bytes * 3 // 103
        done = work(workload.bind(operation, lengths))
        assert (done.read_bytes, done.write_bytes) == (new_bytes, new_bytes)


@pytest.mark.parametrize("traced", ["llama"], indirect=True)
def test_attention_reads_the_cache_without_repeating_heads(traced: tuple[str, Workload]) -> None:
    _, workload = traced
    lengths = workload.complete({"batch": 1, "seq": 1, "past": 9})
    attention = next(op for op in workload.operations if op.kind == "attention")
    bound = workload.bind(attention, lengths)
    assert [operand.shape for operand in bound.inputs] == [(1, 8, 1, 16), (1, 2, 10, 16), (1, 2, 10, 16)]
    assert attention.attributes["causal"] == 1
    assert not [op for op in workload.operations if op.attributes.get("function") == "repeat"]


@pytest.mark.parametrize("traced", ["llama"], indirect=True)
def test_logits_are_computed_for_the_last_position_only(traced: tuple[str, Workload]) -> None:
    _, workload = traced
    head = workload.operations[-1]
    assert head.label == "lm_head"
    assert workload.bind(head, workload.complete({"seq": 50, "past": 0})).outputs[0].shape == (1, 1, 512)


@pytest.mark.parametrize("traced", ["mixtral"], indirect=True)
def test_experts_are_priced_by_the_ones_that_tokens_hit(traced: tuple[str, Workload]) -> None:
    from socsim.workload import work

    _, workload = traced
    products = [op for op in workload.operations if op.kind == "grouped_matmul"]
    assert len(products) == 2 * 2
    one_token = work(workload.bind(products[0], workload.complete({"batch": 1, "seq": 1})))
    experts, inner, outer = workload.tensors[products[0].inputs[1]].bind({}).shape
    assert (experts, inner, outer) == (6, 64, 192)
    assert one_token.matmul_flop == 2 * 2 * inner * outer
    assert one_token.read_bytes == 2 * inner * outer * 2 + 2 * inner * 2
