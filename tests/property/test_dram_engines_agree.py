"""Do the engines of the detailed DRAM model agree, in every count of every client and channel?"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from socsim.engine.memory.dram.compiled import CompiledEngine, numba_is_installed
from socsim.engine.memory.dram.interpreted import InterpretedEngine
from socsim.engine.memory.dram.parameters import ChannelParameters, ClientParameters
from socsim.engine.memory.dram.separate_ports import separate_ports
from tests.dram_cases import DDR4, LPDDR5, client, with_channels

WARM, STOP = 150, 1200


@st.composite
def systems(draw: st.DrawFn, plain: bool) -> ChannelParameters:
    base = draw(st.sampled_from([LPDDR5, DDR4]))
    changes: dict[str, Any] = {
        "refresh_mode": draw(st.sampled_from([0, 1, 2])),
        "refresh_interval": draw(st.integers(300, 1500)),
        "page_policy": draw(st.sampled_from([0, 1] if plain else [0, 1, 2])),
        "page_timeout": draw(st.integers(10, 200)),
        "bank_hash": draw(st.integers(0, 1)),
        "channel_hash": draw(st.integers(0, 1)),
        "rotating": draw(st.integers(0, 1)),
        "act_to_write": draw(st.integers(8, 20)),
        "bus_act": draw(st.integers(1, 3)),
        "bus_column": draw(st.integers(1, 2)),
        "bus_pre": draw(st.integers(1, 2)),
    }
    if not plain:
        changes["scheduler"] = draw(st.integers(0, 3))
        changes["row_hit_cap"] = draw(st.integers(1, 6))
        changes["two_command_buses"] = 0 if base.split_activate else draw(st.integers(0, 1))
    reads, writes = draw(st.integers(4, 64)), draw(st.integers(4, 64))
    changes |= {"read_queue": reads, "write_queue": writes, "write_high": writes * 4 // 5, "write_low": -(-writes // 5)}
    return with_channels(base, draw(st.sampled_from([1, 1, 2, 3, 4])), **changes)


@st.composite
def clients(draw: st.DrawFn) -> list[ClientParameters]:
    made = []
    for seed in range(draw(st.integers(1, 4))):
        made.append(
            client(
                draw(st.sampled_from(["seq", "rand"])),
                gap=draw(st.sampled_from([0.0, 0.0, 3.7, 20.0, 130.25])),
                window=draw(st.integers(1, 70)),
                write_fraction=draw(st.sampled_from([0.0, 0.25, 0.5, 1.0])),
                base=draw(st.integers(0, 1 << 20)) * 64,
                region=draw(st.sampled_from([1 << 12, 1 << 16, 1 << 26])),
                stride=draw(st.sampled_from([64, 128, 1024, 4096])),
                poisson=draw(st.booleans()),
                size=draw(st.sampled_from([64, 64, 32, 128, 512])),
                requests=draw(st.sampled_from([-1, -1, 40, 300])),
                seed=seed + 1,
                posted=draw(st.booleans()),
                separate=draw(st.booleans()),
            )
        )
    return separate_ports(made)[0]


@settings(max_examples=30)
@given(systems(plain=True), clients())
def test_plain_python_agrees_with_the_compiled_functions(par: ChannelParameters, made: list[ClientParameters]) -> None:
    assert InterpretedEngine.is_known(par)
    fast = InterpretedEngine(par, made).run(WARM, STOP)
    slow = CompiledEngine(par, made, interpret=True).run(WARM, STOP)
    assert fast == slow


@pytest.mark.skipif(not numba_is_installed(), reason="numba is not installed")
@settings(max_examples=30)
@given(systems(plain=False), clients())
def test_machine_code_agrees_with_its_source(par: ChannelParameters, made: list[ClientParameters]) -> None:
    compiled = CompiledEngine(par, made).run(WARM, STOP)
    interpreted = CompiledEngine(par, made, interpret=True).run(WARM, STOP)
    assert compiled == interpreted


@settings(max_examples=20)
@given(systems(plain=True), clients(), st.integers(200, 1000))
def test_a_run_in_two_parts_is_the_run_in_one(par: ChannelParameters, made: list[ClientParameters], pause: int) -> None:
    whole = InterpretedEngine(par, made).run(WARM, STOP)
    parts = InterpretedEngine(par, made)
    parts.run(WARM, pause, STOP)
    resumed = parts.run(WARM, STOP)
    assert (resumed.clients, resumed.channels) == (whole.clients, whole.channels)
