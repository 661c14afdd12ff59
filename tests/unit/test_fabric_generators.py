"""Do a few numbers give the fabric they describe, and does traffic take the way that kind of fabric takes?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from socsim.cost import unit_models
from socsim.hardware import Soc, soc_from_data
from socsim.hardware.json_schema import hardware_schema
from socsim.hardware.yaml_tree import parse_yaml, to_data
from socsim.simulation import load_components
from tests.hardware_text import SMALL, errors_of_text, load_text
from tests.json_schema_check import violations

LINKS = '  - {name: bus, between: [cpu, dram], bandwidth: 10 GB/s, sources: {"*": assumed}}\n'

MESH = """\
fabric:
  kind: mesh
  columns: 4
  rows: 3
  bandwidth: 64 GB/s
  latency: 2 ns
  port_latency: 1 ns
  attach: {cpu: [1, 1], mc0: [0, 0], mc1: [3, 0], mc2: [0, 2], mc3: [3, 2]}
  ports: {cpu: 32 GB/s}
"""
CORNERS = "node: [mc0, mc1, mc2, mc3]"
ALL_KINDS = {
    "mesh": (MESH, CORNERS),
    "crossbar": ("fabric: {kind: crossbar, bandwidth: 20 GB/s, latency: 5 ns, attach: [cpu, dram]}\n", "node: dram"),
    "bus": ("fabric: {kind: bus, bandwidth: 20 GB/s, latency: 5 ns, masters: [cpu], slaves: [dram]}\n", "node: dram"),
    "ring": (
        "fabric: {kind: ring, bandwidth: 20 GB/s, latency: 5 ns, stops: 6, attach: {cpu: 0, mc0: 2, mc1: 5}}\n",
        "node: [mc0, mc1]",
    ),
    "die_to_die": (
        "fabric: {kind: die_to_die, bandwidth: 20 GB/s, latency: 5 ns, dies: {a: [cpu, mc0], b: [mc1]},"
        " die_bandwidth: 8 GB/s, die_latency: 9 ns}\n",
        "node: [mc0, mc1]",
    ),
}


def text_with(fabric: str, node: str) -> str:
    return SMALL.replace("links:\n" + LINKS, fabric).replace("  channels: 2\n", f"  channels: 2\n  {node}\n")


def soc_with(folder: Path, fabric: str, node: str, *overrides: str) -> Soc:
    return load_text(folder, text_with(fabric, node), *overrides)


def ways(soc: Soc) -> dict[str, tuple[list[str], list[str]]]:
    """Names of the links out and back, by memory controller."""
    found = soc.ways(soc.unit("cpu"))
    return {way.memory: ([hop.link.name for hop in way.out], [hop.link.name for hop in way.back]) for way in found}


def test_a_mesh_has_its_links_and_xy_ways(tmp_path: Path) -> None:
    soc = soc_with(tmp_path, MESH, CORNERS)
    assert len(soc.fabric_links) == 3 * 3 + 4 * 2 + 5
    # From [1, 1] to [3, 2]: along the row first. Back from [3, 2]: along its row first, then along column 1.
    out, back = ways(soc)["mc3"]
    assert out == ["noc_port_cpu", "noc_x_1_1", "noc_x_2_1", "noc_y_3_1", "noc_port_mc3"]
    assert back == ["noc_port_mc3", "noc_x_2_2", "noc_x_1_2", "noc_y_1_1", "noc_port_cpu"]
    out, back = ways(soc)["mc0"]
    assert out == ["noc_port_cpu", "noc_x_0_1", "noc_y_0_0", "noc_port_mc0"]
    assert back == ["noc_port_mc0", "noc_x_0_0", "noc_y_1_0", "noc_port_cpu"]
    # Hops to the corners: 2, 3, 2, 3, and a port at either end. The mean is rounded up.
    cpu = soc.unit("cpu")
    assert [way.latency for way in soc.ways(cpu)] == [6000, 8000, 6000, 8000]
    assert soc.latency_ps(cpu) == 7000 + 70_000


def test_a_wide_mesh_routes_xy_beyond_ten_columns(tmp_path: Path) -> None:
    mesh = (
        "fabric: {kind: mesh, columns: 12, rows: 12, bandwidth: 1 GB/s, latency: 1 ns,"
        " attach: {cpu: [8, 8], m: [11, 11]}}\n"
    )
    out, back = ways(soc_with(tmp_path, mesh, "node: m"))["m"]
    assert [name[4:5] for name in out] == ["p", "x", "x", "x", "y", "y", "y", "p"]
    assert [name[4:5] for name in back] == ["p", "x", "x", "x", "y", "y", "y", "p"]


def test_ports_of_their_own_bandwidth_limit_what_a_unit_draws(tmp_path: Path) -> None:
    soc = soc_with(tmp_path, MESH, CORNERS)
    assert {link.name: link.bandwidth for link in soc.fabric_links}["noc_port_cpu"] == 32e9
    assert soc.port_bytes_per_s(soc.unit("cpu")) == 32e9
    # With a port of 200 GB/s the row link to the two right corners binds: half of the bytes over 64 GB/s.
    wide = soc_with(tmp_path, MESH, CORNERS, "fabric.ports.cpu=200 GB/s")
    assert wide.port_bytes_per_s(wide.unit("cpu")) == 128e9


def test_a_crossbar_is_a_star_and_a_bus_one_medium(tmp_path: Path) -> None:
    crossbar = soc_with(tmp_path, *ALL_KINDS["crossbar"])
    assert ways(crossbar)["dram"][0] == ["noc_port_cpu", "noc_port_dram"]
    bus = soc_with(tmp_path, *ALL_KINDS["bus"])
    assert ways(bus)["dram"][0] == ["noc_port_cpu", "noc_medium", "noc_port_dram"]
    assert {link.mode for link in bus.fabric_links} == {"shared"}
    assert {link.mode for link in crossbar.fabric_links} == {"duplex"}


def test_a_ring_takes_the_shorter_way_around(tmp_path: Path) -> None:
    found = ways(soc_with(tmp_path, *ALL_KINDS["ring"]))
    assert found["mc0"][0] == ["noc_port_cpu", "noc_hop_0", "noc_hop_1", "noc_port_mc0"]
    assert found["mc1"][0] == ["noc_port_cpu", "noc_hop_5", "noc_port_mc1"]


def test_memory_on_the_other_die_is_behind_the_link_between_them(tmp_path: Path) -> None:
    soc = soc_with(tmp_path, *ALL_KINDS["die_to_die"])
    found = ways(soc)
    assert found["mc0"][0] == ["noc_port_cpu", "noc_port_mc0"]
    assert found["mc1"][0] == ["noc_port_cpu", "noc_a_b", "noc_port_mc1"]
    # Half of the bytes cross it: the unit alone can draw twice its 8 GB/s.
    assert soc.port_bytes_per_s(soc.unit("cpu")) == 16e9


def test_hand_drawn_links_join_a_regular_fabric(tmp_path: Path) -> None:
    fabric = (
        "fabric: {kind: crossbar, bandwidth: 20 GB/s, attach: [cpu, hub]}\n"
        "links:\n  - {name: far, between: [noc, dram], bandwidth: 5 GB/s}\n"
    )
    assert ways(soc_with(tmp_path, fabric, "node: dram"))["dram"][0] == ["noc_port_cpu", "far"]


@pytest.mark.parametrize("kind", sorted(ALL_KINDS))
def test_a_description_survives_the_manifest_and_fits_the_schema(kind: str, tmp_path: Path) -> None:
    soc = soc_with(tmp_path, *ALL_KINDS[kind])
    assert soc_from_data(soc.to_data(), unit_models=unit_models) == soc
    load_components()
    schema = hardware_schema(unit_models)

    def wrong(text: str) -> list[Any]:
        return violations(to_data(parse_yaml(text, "x", [])), schema, schema)

    assert wrong(text_with(*ALL_KINDS[kind])) == []
    assert wrong(
        text_with(*ALL_KINDS[kind]).replace("  bandwidth:", "  bandwith:").replace(" bandwidth: 20", " bw: 20")
    )


@pytest.mark.parametrize(
    ("fabric", "node", "expected"),
    [
        (MESH.replace("[3, 2]", "[4, 2]"), CORNERS, "attach.mc3: [4, 2] is outside the mesh: columns are 0 to 3"),
        (MESH.replace("kind: mesh", "kind: mash"), CORNERS, "unknown kind of fabric 'mash': did you mean 'mesh'?"),
        (MESH.replace("  kind: mesh\n", ""), CORNERS, "fabric.kind: required key is missing"),
        (MESH.replace("64 GB/s", "0 GB/s"), CORNERS, "fabric.bandwidth: must be greater than zero"),
        (MESH.replace("columns", "colums"), CORNERS, "unknown key 'colums': did you mean 'columns'?"),
        (MESH.replace("ports: {cpu", "ports: {gpu"), CORNERS, "ports.gpu: 'gpu' is not attached: did you mean 'cpu'?"),
        (MESH, "node: [mc0, mc9]", "dram.node: 'mc9' is no node of the links"),
        (
            MESH.replace("cpu: [1, 1], ", "").replace("  ports: {cpu: 32 GB/s}\n", ""), CORNERS,
            "units.cpu.port: cannot reach DRAM",
        ),
        (ALL_KINDS["ring"][0].replace("mc1: 5", "mc1: 6"), "node: [mc0, mc1]", "stop 6 is not on the ring: 0 to 5"),
        (
            MESH + "caches:\n  - {name: slc, node: mc0, capacity: 1 MiB}\n", CORNERS,
            "caches.slc.node: only some of the traffic of unit 'cpu' passes it",
        ),
        (
            MESH + "links:\n  - {name: noc_x_0_0, between: [mc0, mc1], bandwidth: 1 GB/s}\n", CORNERS,
            "links.noc_x_0_0.name: 'noc_x_0_0' is defined twice",
        ),
        ("", "node: dram", "a chip needs a fabric"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_where_it_stands(fabric: str, node: str, expected: str, tmp_path: Path) -> None:
    errors = errors_of_text(tmp_path, text_with(fabric, node))
    assert any(expected in line for line in errors), errors
    if fabric:
        assert all(line.startswith("chip.yaml:") for line in errors), errors


def test_the_slices_of_a_cache_stand_at_every_memory_controller(tmp_path: Path) -> None:
    caches = (
        "caches:\n  - {name: slc, node: [mc0, mc1, mc2, mc3], capacity: 1 MiB}\n"
        "  - {name: l2, node: cpu, capacity: 1 MiB}\n"
    )
    soc = soc_with(tmp_path, MESH + caches, CORNERS)
    assert [cache.name for cache in soc.caches_of(soc.unit("cpu"))] == ["l2", "slc"]
