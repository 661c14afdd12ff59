"""Requests that share a model's runs: does everyone get their tokens; do chunks, batches and pages do their part?"""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from socsim.errors import ConfigError, ConfigFileError, MappingError
from socsim.result import RunResult
from socsim.simulation import RunOptions, simulate
from socsim.simulation.scenario_file import read_scenario
from socsim.simulation.streams.paged_cache import PagedCache
from socsim.simulation.streams.serve_step import Served
from socsim.simulation.streams.server import Server
from socsim.simulation.streams.static_server import StaticServer
from socsim.workload.scenario import Draft, Model
from tests.building import make_soc
from tests.language_models import tiny_model

MODEL = tiny_model("tiny", 10)
TOKEN_BYTES = 4 * 64


def run(
    serving: str, program: str, arrival: str = "times: [0 s, 0 s, 0 s, 0 s]", capacity_bytes: int = 0, **unit: object
) -> RunResult:
    text = (
        f"streams: {{s: {{program: [{{generate: tiny, {program}}}], arrival: {{{arrival}}}, serving: {{{serving}}}}}}}"
    )
    fast = {"flop_per_cycle_per_core": {"fp16": 10**5, "fp32": 10**5}, **unit}
    soc = make_soc({"a": fast})
    if capacity_bytes:
        soc = soc.model_copy(update={"dram": soc.dram.model_copy(update={"capacity": capacity_bytes})})
    return simulate(read_scenario(text, "s.yaml", Path(), "s"), soc, given={"tiny": MODEL})


def request(number: int, prompt: int, tokens: int) -> Served:
    return Served(number, prompt, tokens, Random(number))


def play(server: Server, requests: list[Served]) -> dict[int, int]:
    """Serve requests that are all there at once; returns the tokens that each was shown to get."""
    made: dict[int, int] = {}
    for request in requests:
        server.submit(request)
    over: list[int] = []
    for _ in range(10_000):
        step = server.next_step()
        if step is None:
            break
        assert server.cache.free_pages >= 0
        assert all(
            request.cached >= 0 and request.drafted <= max(request.cached, request.swapped_tokens) + 1
            for request in requests
        )
        for number, tokens in step.shares[step.kind == "prefill + decode" :]:
            if step.kind not in ("prefill", "draft", "draft prefill"):
                made[number] = made.get(number, 0) + tokens
        over += server.step_done()
    assert sorted(over) == [request.number for request in requests]
    assert server.cache.free_pages + server.cache._prefix_pages * server.cache._has_prefix == server.cache.num_pages
    return made


@settings(max_examples=60)
@given(
    seed=st.integers(0, 10**6),
    pages=st.integers(12, 60),
    max_batch=st.integers(1, 6),
    chunk=st.sampled_from([None, 3, 16]),
    policy=st.sampled_from(["continuous", "swap", "static"]),
    prefix=st.sampled_from([0, 8]),
    draft=st.sampled_from([None, Draft(3, 0.6), Draft(3, 0.6, Model("d")), Draft(2, 0.5, Model("d"), (2, 1))]),
)
def test_every_request_gets_exactly_its_tokens_and_no_page_is_lost(
    seed: int, pages: int, max_batch: int, chunk: int | None, policy: str, prefix: int, draft: Draft | None
) -> None:
    random = Random(seed)
    requests = [request(n, random.randint(1, 24), random.randint(1, 18)) for n in range(random.randint(1, 9))]
    cache = PagedCache(pages, 4, prefix)
    wanted = {r.number: r.tokens - 1 for r in requests if r.tokens > 1}
    kind = StaticServer if policy == "static" else Server
    server = kind(cache, max_batch, chunk, policy == "swap", draft)
    made = {number: tokens for number, tokens in play(server, requests).items() if tokens}
    assert made == wanted


def test_a_full_cache_evicts_the_last_and_computes_it_anew() -> None:
    server = Server(PagedCache(8, 4), 2, None, False)
    play(server, [request(0, 8, 12), request(1, 8, 12)])
    assert server.num_evictions == 1
    assert server.cache.most_used == 8


@pytest.mark.parametrize("swaps", [False, True])
@pytest.mark.parametrize("pages", range(10, 20))
def test_requests_that_draft_in_little_room_come_to_an_end(pages: int, swaps: bool) -> None:
    server = Server(PagedCache(pages, 4), 3, 8, swaps, Draft(3, 0.5, Model("d")))
    made = play(server, [request(n, 11, 20) for n in range(3)])
    assert made == dict.fromkeys(range(3), 19)
    assert server.num_evictions < 40


def test_a_prefix_that_is_shared_is_computed_once_and_held_once() -> None:
    server = Server(PagedCache(40, 4, shared_prefix=10), 4, None, False)
    play(server, [request(n, 12, 2) for n in range(4)])
    assert server.found_tokens == 3 * 8  # two full pages of the ten tokens
    alone = Server(PagedCache(40, 4), 4, None, False)
    play(alone, [request(n, 12, 2) for n in range(4)])
    assert server.cache.most_used == alone.cache.most_used - 3 * 2


def figures(result: RunResult) -> dict[str, float]:
    return dict(result.summary["streams"]["s"]["generation"])


def test_a_batch_that_shares_the_weights_serves_four_in_the_time_of_one() -> None:
    shared = run("max_batch: 4", "prompt: 1, tokens: 50")
    alone = run("max_batch: 1", "prompt: 1, tokens: 50")
    assert figures(shared)["output_tokens_per_s"] == pytest.approx(4 * figures(alone)["output_tokens_per_s"], rel=0.1)
    assert shared.latency_ps < 0.3 * alone.latency_ps


def test_continuous_batching_takes_a_newcomer_in_and_static_lets_it_wait() -> None:
    later = "times: [0 s, 1 ms]"
    waits = {
        policy: [
            request["time_to_first_token_s"]
            for request in figures(run(f"policy: {policy}", "prompt: 4, tokens: 100", later))["requests"]
        ]
        for policy in ("continuous", "static")
    }
    step = waits["continuous"][0]
    assert waits["continuous"][1] < 3 * step
    assert waits["static"][1] > 50 * step


def test_a_chunked_prefill_lowers_the_worst_gap_of_a_neighbour() -> None:
    slow = {"flop_per_cycle_per_core": {"fp16": 2000, "fp32": 2000}}
    arrival = "times: [0 s, 2 ms]"
    whole = run("max_batch: 2", "prompt: 512, tokens: 200", arrival, **slow)
    cut = run("max_batch: 2", "prompt: 512, tokens: 200, chunk: 64", arrival, **slow)
    gaps = {name: figures(result)["requests"][0]["largest_gap_s"] for name, result in (("whole", whole), ("cut", cut))}
    assert gaps["cut"] < 0.3 * gaps["whole"]


def test_a_chunk_shares_its_run_with_those_that_decode_and_the_weights_are_read_once() -> None:
    result = run("max_batch: 2", "prompt: 64, tokens: 40, chunk: 16", "times: [0 s, 2 ms]")
    fused = [i for i in result.instances if i.phase == "prefill + decode"]
    assert [[tokens for _, tokens in i.shares] for i in fused] == [[15, 1]] * 4 + [[4, 1]]
    whole = run("max_batch: 2", "prompt: 64, tokens: 40, chunk: 16", "times: [0 s, 1 s]")
    runs = [sum(1 for i in each.instances if i.num_tasks) for each in (result, whole)]
    weights = MODEL.weight_bytes()
    assert result.summary["dram_read_bytes"] == pytest.approx(runs[0] * weights, rel=0.02)
    assert (
        runs[0] == runs[1] - len(fused) - sum(i.phase == "decode" and len(i.shares) > 1 for i in result.instances) + 1
    )


def test_the_time_to_first_token_counts_from_the_arrival_in_the_queue() -> None:
    result = run("max_batch: 1", "prompt: 8, tokens: 10", "times: [0 s, 0 s]")
    first, second = (request["time_to_first_token_s"] for request in figures(result)["requests"])
    assert second > 8 * first


def test_room_that_is_made_costs_time_but_no_token() -> None:
    plenty = run("max_batch: 4", "prompt: 64, tokens: 64")
    scarce = run(f"max_batch: 4, cache: {400 * TOKEN_BYTES} B", "prompt: 64, tokens: 64")
    assert [r["output_tokens"] for r in figures(scarce)["requests"]] == [64] * 4
    assert [r["prompt_tokens"] for r in figures(scarce)["requests"]] == [64] * 4
    assert scarce.latency_ps > plenty.latency_ps
    assert any("made room" in note for note in scarce.notes)
    assert any(instance.phase == "recompute" for instance in scarce.instances)


def test_a_cache_that_does_not_hold_one_request_says_what_fits() -> None:
    with pytest.raises(
        ConfigError, match=r"streams\.s\.serving\.cache: .* hold 96 tokens .* up to 128 .* shorten it to 96"
    ):
        run(f"cache: {100 * TOKEN_BYTES} B", "prompt: 64, tokens: 64")


def test_a_served_stream_that_no_cache_holds_says_what_context_fits() -> None:
    with pytest.raises(MappingError, match=r"(\d+) tokens of context fit") as caught:
        run("max_batch: 2", "prompt: 90000, tokens: 64, chunk: 64", capacity_bytes=30 * 10**6)
    fits = int(str(caught.value).split(" tokens of context")[0].split()[-1])
    assert 1000 < fits < 90000
    with pytest.raises(MappingError):
        run("max_batch: 2", f"prompt: {fits}, tokens: 64, chunk: 64", capacity_bytes=30 * 10**6)


@pytest.mark.parametrize(
    ("serving", "program", "words"),
    [
        ("max_batch: 2", "tokens: 4, sample_steps: 2", "serving: does not go with sample_steps"),
        (
            "max_batch: 9",
            "tokens: 4, chunk: 8",
            "a chunk of 8 tokens has no room .* give at least 9",
        ),
        ("swap: flash", "tokens: 4", "serving.swap: test has no unit of kind storage named 'flash': it has none"),
        ("policy: static, swap: flash", "tokens: 4", "a static batch holds its room to the end and never swaps"),
    ],
)
def test_serving_does_not_go_with_what_it_does_not_know(serving: str, program: str, words: str) -> None:
    with pytest.raises((ConfigError, ConfigFileError), match=words):
        run(serving, f"prompt: 4, {program}")


def test_the_same_seed_serves_the_same(tmp_path: Path) -> None:
    text = """
streams:
  s:
    program: [{generate: tiny, prompt: {uniform: [4, 90]}, tokens: {exponential: 20}, chunk: 16}]
    arrival: {poisson: 2 kHz}
    count: 12
    serving: {max_batch: 3, page_tokens: 8, shared_prefix: 8, cache: 100 kB}
"""
    soc = make_soc({"a": {"flop_per_cycle_per_core": {"fp16": 10**5}}})
    runs = [
        simulate(read_scenario(text, "s.yaml", Path(), "s"), soc, RunOptions(seed=seed), given={"tiny": MODEL})
        for seed in (3, 3, 4)
    ]
    assert runs[0].summary == runs[1].summary != runs[2].summary
    assert runs[0].summary["streams"]["s"]["completed"] == 12

    from socsim.report import write_outputs
    from socsim.result import load_run

    write_outputs(runs[0], tmp_path / "out")
    assert load_run(tmp_path / "out").summary == runs[0].summary
