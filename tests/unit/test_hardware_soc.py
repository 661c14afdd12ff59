"""Does a chip find the way of each unit to DRAM, and what the unit can draw over it?"""

from __future__ import annotations

from pathlib import Path

from socsim.hardware import Link
from socsim.hardware.routing import shortest_routes
from socsim.hardware.shown import shown_size, shown_value
from tests.hardware_text import SMALL, load_text


def _link(name: str, start: str, end: str, latency_ns: int) -> Link:
    return Link.model_validate(
        {"name": name, "between": (start, end), "bandwidth": "1 GB/s", "latency": f"{latency_ns} ns"}
    )


def _names(links: tuple[Link, ...], start: str, end: str) -> list[str]:
    return [link.name for link in shortest_routes(links, start)[end]]


def test_the_way_is_the_one_of_least_latency_in_either_direction() -> None:
    links = (
        _link("direct", "a", "d", 50),
        _link("ab", "a", "b", 10),
        _link("bc", "c", "b", 10),
        _link("cd", "c", "d", 10),
    )
    assert _names(links, "a", "d") == ["ab", "bc", "cd"]
    assert _names(links, "d", "a") == ["cd", "bc", "ab"]


def test_ties_go_to_fewer_links_and_then_to_the_first_name() -> None:
    links = (_link("z", "a", "d", 20), _link("y", "a", "d", 20), _link("ab", "a", "b", 10), _link("bd", "b", "d", 10))
    assert _names(links, "a", "d") == ["y"]
    assert _names(tuple(reversed(links)), "a", "d") == ["y"]


def test_a_node_no_link_reaches_has_no_way() -> None:
    assert "x" not in shortest_routes((_link("ab", "a", "b", 1), _link("xy", "x", "y", 1)), "a")


def test_the_narrowest_link_limits_what_a_unit_draws(tmp_path: Path) -> None:
    text = SMALL.replace(
        "  - {name: bus, between: [cpu, dram], bandwidth: 10 GB/s,",
        "  - {name: port, between: [cpu, noc], bandwidth: 7 GB/s, latency: 20 ns}\n"
        "  - {name: bus, between: [noc, dram], bandwidth: 10 GB/s, latency: 10 ns,",
    )
    soc = load_text(tmp_path, text)
    assert soc.port_bytes_per_s(soc.unit("cpu")) == 7e9
    assert soc.latency_ps(soc.unit("cpu")) == 100_000
    soc = load_text(tmp_path, text, "units.cpu.port_bandwidth=3 GB/s")
    assert soc.port_bytes_per_s(soc.unit("cpu")) == 3e9
    soc = load_text(tmp_path, text, "units.cpu.port=noc")
    assert soc.port_bytes_per_s(soc.unit("cpu")) == 10e9


def test_requests_in_flight_limit_it_by_littles_law(tmp_path: Path) -> None:
    soc = load_text(tmp_path, SMALL, "units.cpu.outstanding=7", "units.cpu.line=64 B")
    assert soc.port_bytes_per_s(soc.unit("cpu")) == 7 * 64 / 70e-9


def test_values_are_shown_in_the_unit_of_their_field(tmp_path: Path) -> None:
    soc = load_text(tmp_path, SMALL, "area=120 mm2", "units.cpu.launch=1500 ns", "units.cpu.max_tensor_bytes=3 GB")
    cpu = soc.unit("cpu")
    assert shown_value(cpu, "clock") == "2 GHz"
    assert shown_value(cpu, "launch") == "1.5 µs"
    assert shown_value(cpu, "max_tensor_bytes") == "3 GB"
    assert shown_value(cpu, "flop_per_cycle_per_core.fp16") == "32"
    assert shown_value(cpu, "port_bandwidth") == "None"
    assert shown_value(soc.dram, "transfer_rate") == "4.266 GT/s"
    assert shown_value(soc, "area") == "120 mm2"
    assert shown_size(1536 * 2**20) == "1.5 GiB"
