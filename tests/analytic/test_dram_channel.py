"""Does a channel of the detailed DRAM model keep to the formulas that its timings allow?"""

from __future__ import annotations

import pytest

from socsim.engine.memory.dram.channel import describe_part
from socsim.engine.memory.dram.parameters import ChannelParameters, ClientParameters
from socsim.engine.memory.dram.part import load_part, part_names
from socsim.engine.memory.dram.separate_ports import separate_ports
from socsim.engine.memory.dram.system import ClientResult, MemoryDescription, run_memory_system
from tests.dram_cases import DDR4, LPDDR5, client

CYCLES, WARM = 20_000, 2_000
INTERVAL = LPDDR5.refresh_interval


def served(par: ChannelParameters, *clients: ClientParameters, cycles: int = CYCLES) -> ClientResult:
    memory = MemoryDescription(par, 1000.0, par.burst_bytes * par.channels / par.read_to_read * 1e9)
    return run_memory_system(memory, clients or (client(),), cycles, WARM).total


def test_without_refresh_a_stream_fills_the_data_bus() -> None:
    assert served(LPDDR5._replace(refresh_mode=0)).peak_fraction == pytest.approx(1.0, abs=0.005)


@pytest.mark.parametrize("interval", [1500, 3125, 6250])
def test_refresh_of_all_banks_costs_trfc_and_the_way_there_and_back(interval: int) -> None:
    found = served(LPDDR5._replace(refresh_interval=interval), cycles=8 * interval)
    # at least tRFC; beyond it the drain of the rows, precharge of all banks, activation and first burst
    drain = LPDDR5.read_to_pre_all + LPDDR5.pre_to_refresh + LPDDR5.act_to_read + LPDDR5.act_to_pre
    lost = 1 - found.peak_fraction
    assert LPDDR5.refresh_to_act / interval <= lost <= (LPDDR5.refresh_to_act + drain) / interval + 0.005


def test_refresh_per_bank_costs_a_stream_less_than_of_all_banks_and_more_than_none() -> None:
    per_bank = LPDDR5._replace(refresh_mode=2, refresh_interval=391)
    none, all_banks = LPDDR5._replace(refresh_mode=0), LPDDR5
    for pattern in ("seq", "rand"):
        rates = [served(par, client(pattern)).peak_fraction for par in (all_banks, per_bank, none)]
        assert rates == sorted(rates), pattern


@pytest.mark.parametrize(
    ("par", "limit"),
    [
        # one burst per activation, four activations per tFAW: DDR4 64 B per 34/4 cycles of 4 on the bus
        (DDR4, 4 * 4 / 34),
        (DDR4._replace(four_activates=68), 4 * 4 / 68),
        (DDR4._replace(four_activates=0, act_to_act=16, act_to_act_group=16), 4 / 16),
        # tRC of one bank out of 16
        # (a little below: by chance, some banks have no request in the queue)
        (DDR4._replace(four_activates=0, act_to_act_bank=1600, act_to_act=0), 4 * 16 / 1600),
    ],
)
def test_random_requests_are_bound_by_activations(par: ChannelParameters, limit: float) -> None:
    found = served(par._replace(refresh_mode=0), client("rand", region=1 << 30)).peak_fraction
    assert 0.75 * limit < found <= limit * 1.005


def test_one_request_at_a_time_waits_row_activation_and_read() -> None:
    par = DDR4._replace(refresh_mode=0)
    found = served(par, client("rand", window=1, region=1 << 33))
    # precharge, activate, read; each command goes a cycle after it is known to be possible, the request enters first
    miss = par.pre_to_act + par.act_to_read + par.read_latency
    assert found.latency_mean_s is not None
    assert miss - par.pre_to_act <= found.latency_mean_s * 1e9 <= miss + 4


def test_a_stream_of_one_bank_group_is_bound_by_tccd_l() -> None:
    par = DDR4._replace(refresh_mode=0)
    # stride of 256 B: the same bank group again and again
    assert served(par, client(stride=256)).peak_fraction == pytest.approx(
        par.read_to_read / par.read_to_read_group, rel=0.03
    )


def test_turnarounds_bound_reads_and_writes_in_turn() -> None:
    par = LPDDR5._replace(refresh_mode=0)
    found = served(par, client(write_fraction=0.5))
    bursts = 2 * (par.write_high - par.write_low)
    lost = par.read_to_write + par.write_to_read - 2 * par.read_to_read
    assert found.peak_fraction <= bursts * par.read_to_read / (bursts * par.read_to_read + lost)
    assert found.read_bytes_per_s == pytest.approx(found.write_bytes_per_s, rel=0.02)


@pytest.mark.parametrize("par", [LPDDR5, DDR4])
def test_a_copy_through_ports_of_its_own_turns_around_once_per_drain(par: ChannelParameters) -> None:
    par = par._replace(refresh_mode=0)
    one_port = served(par, client(write_fraction=0.5))
    found = served(par, client(write_fraction=0.5, separate=True))
    bursts = 2 * (par.write_high - par.write_low)
    lost = par.read_to_write + par.write_to_read - 2 * par.read_to_read
    most = bursts * par.read_to_read / (bursts * par.read_to_read + lost)
    # rows to be opened again after each turn cost the rest
    assert 0.85 * most < found.peak_fraction <= most
    assert found.peak_fraction > 1.1 * one_port.peak_fraction
    assert found.read_bytes_per_s == pytest.approx(found.write_bytes_per_s, rel=0.03)


def test_writes_keep_step_with_the_reads_they_follow() -> None:
    made = [client(write_fraction=0.25, separate=True), client(window=8)]
    ports, owners = separate_ports(made)
    assert (owners, ports[1].follows, ports[1].per_request) == ([0, 0, 1], 0, pytest.approx(1 / 3))
    memory = MemoryDescription(LPDDR5, 1250.0, 12.8e9)
    mixed, reader = run_memory_system(memory, made, CYCLES, WARM).clients
    assert mixed.write_bytes_per_s == pytest.approx(0.25 * mixed.bandwidth_bytes_per_s, rel=0.03)
    assert reader.write_bytes_per_s == 0 < reader.read_bytes_per_s


@pytest.mark.parametrize("channels", [2, 3, 8])
def test_streams_spread_over_channels(channels: int) -> None:
    memory = describe_part(load_part("LPDDR5-6400"), channels)
    found = run_memory_system(memory, [client(window=64 * channels)], 2 * INTERVAL, INTERVAL).total
    assert found.peak_fraction == pytest.approx(0.913, abs=0.015)


def test_a_channel_hash_ends_channel_camping() -> None:
    wide = ("address_map.channel_hash=false",)
    camping = describe_part(load_part("LPDDR5-6400", wide), 4)
    hashed = describe_part(load_part("LPDDR5-6400"), 4)
    rates = [
        run_memory_system(memory, [client(window=256, stride=1024)], CYCLES, WARM).total.peak_fraction
        for memory in (camping, hashed)
    ]
    assert rates[0] < 0.25
    assert rates[1] > 1.8 * rates[0]


@pytest.mark.parametrize("name", part_names())
def test_every_part_keeps_below_peak_and_above_its_refresh(name: str) -> None:
    memory = describe_part(load_part(name))
    par = memory.parameters
    found = run_memory_system(memory, [client()], 2 * par.refresh_interval, par.refresh_interval).total
    assert 0.7 < found.peak_fraction < 1 - par.refresh_to_act / par.refresh_interval
    assert par.burst_bytes in (32, 64)


def test_ports_of_alike_clients_are_served_alike() -> None:
    memory = describe_part(load_part("LPDDR5-6400"))
    clients = [client(base=n * (1 << 26) + n * 8192, seed=n + 1) for n in range(4)]
    found = run_memory_system(memory, clients, CYCLES, WARM)
    rates = [result.bandwidth_bytes_per_s for result in found.clients]
    assert max(rates) < 1.05 * min(rates)


def test_a_memory_without_banks_begins_the_next_transaction_when_the_last_has_ended() -> None:
    memory = describe_part(load_part("OPI-PSRAM-400"))
    alone = memory._replace(parameters=memory.parameters._replace(refresh_mode=0))
    found = run_memory_system(alone, [client("rand", region=1 << 24, window=8)], CYCLES, WARM).total.peak_fraction
    # 64 bytes: 5 clocks between transactions, 3 of command and address, 7 of latency, 32 of data
    assert found == pytest.approx(32 / (5 + 3 + 7 + 32), rel=0.01)
