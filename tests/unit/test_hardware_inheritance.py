"""Does a file that extends another change what it says and nothing else, sources included?"""

from __future__ import annotations

from pathlib import Path

from socsim.hardware import Soc
from tests.hardware_text import SMALL, errors_of, load, unit_of, write


def _extend(folder: Path, text: str, *overrides: str) -> Soc:
    write(folder, "family/base.yaml", SMALL)
    return load(write(folder, "chip.yaml", "extends: family/base.yaml\n" + text), *overrides)


def test_mappings_merge_deeply_and_lists_by_name(tmp_path: Path) -> None:
    soc = _extend(
        tmp_path, "name: chip\nunits:\n  - name: cpu\n    cores: 8\n    flop_per_cycle_per_core: {int8: 64}\n"
    )
    cpu = unit_of(soc, "cpu")
    assert (soc.name, cpu.cores, cpu.clock) == ("chip", 8, 2_000_000_000)
    assert cpu.flop_per_cycle_per_core == {"fp32": 16, "fp16": 32, "int8": 64}


def test_a_file_may_start_from_a_shipped_chip_by_its_name(tmp_path: Path) -> None:
    chip = write(tmp_path, "chip.yaml", "extends: apple/m1\nname: chip\nunits:\n  - {name: gpu, cores: 7}\n")
    assert (load(chip).name, unit_of(load(chip), "gpu").cores) == ("chip", 7)
    wrong = errors_of(write(tmp_path, "wrong.yaml", "extends: aple/m1\nname: chip\n"))
    assert "wrong.yaml:1:10: extends" in wrong[0]
    assert "did you mean 'apple/m1'?" in wrong[0]


def test_a_new_name_is_appended_and_a_removed_one_goes(tmp_path: Path) -> None:
    soc = _extend(
        tmp_path,
        "links:\n  - {name: bus, remove: true}\n  - {name: a, between: [cpu, noc], bandwidth: 9 GB/s}\n"
        "  - {name: b, between: [noc, dram], bandwidth: 8 GB/s}\n",
    )
    assert [link.name for link in soc.links] == ["a", "b"]


def test_a_new_entry_may_start_from_a_copy_of_another(tmp_path: Path) -> None:
    soc = _extend(
        tmp_path,
        "units:\n  - {name: cpu_e, like: cpu, clock: 1 GHz}\n"
        "links:\n  - {name: bus_e, like: bus, between: [cpu_e, dram]}\n",
    )
    assert [(unit.name, unit.clock, unit_of(soc, unit.name).cores) for unit in soc.units] == [
        ("cpu", 2_000_000_000, 2),
        ("cpu_e", 1_000_000_000, 2),
    ]
    assert unit_of(soc, "cpu_e").source_of("clock") is None
    assert unit_of(soc, "cpu_e").source_of("cores") == "assumed"
    assert soc.links[1].bandwidth == 10e9


def test_null_forgets_an_inherited_value(tmp_path: Path) -> None:
    write(tmp_path, "mid.yaml", "extends: family/base.yaml\nunits:\n  - {name: cpu, launch: 5 us, port: dram}\n")
    soc = _extend(tmp_path, "")
    assert unit_of(soc, "cpu").launch == 0
    chip = load(write(tmp_path, "chip.yaml", "extends: mid.yaml\nunits:\n  - {name: cpu, launch: null, port: null}\n"))
    assert (unit_of(chip, "cpu").launch, unit_of(chip, "cpu").port) == (0, None)


def test_lists_without_names_are_replaced_whole(tmp_path: Path) -> None:
    write(tmp_path, "mid.yaml", "extends: family/base.yaml\npreference: [cpu]\ncaches:\n"
          "  - {name: slc, node: dram, capacity: 1 MiB}\n")  # fmt: skip
    write(tmp_path, "family/base.yaml", SMALL)
    soc = load(write(tmp_path, "chip.yaml", "extends: mid.yaml\npreference: []\ncaches: []\n"))
    assert (soc.preference, soc.caches) == ((), ())


def test_a_value_set_anew_loses_the_source_of_the_old_one(tmp_path: Path) -> None:
    soc = _extend(tmp_path, "units:\n  - {name: cpu, clock: 3 GHz}\n")
    assert unit_of(soc, "cpu").source_of("clock") is None
    assert unit_of(soc, "cpu").source_of("cores") == "assumed"


def test_a_star_describes_only_the_values_of_its_own_file(tmp_path: Path) -> None:
    soc = _extend(tmp_path, 'units:\n  - {name: cpu, cores: 4, sources: {"*": measured}}\n')
    cpu = unit_of(soc, "cpu")
    assert cpu.source_of("cores") == "measured"
    assert cpu.source_of("clock") == "a data sheet"
    assert cpu.source_of("matrix_efficiency") == "assumed"


def test_one_entry_of_a_table_has_a_source_of_its_own(tmp_path: Path) -> None:
    text = "units:\n  - name: cpu\n    flop_per_cycle_per_core: {fp16: 64}\n"
    cpu = unit_of(_extend(tmp_path, text + "    sources: {flop_per_cycle_per_core: a new manual}\n"), "cpu")
    assert cpu.source_of("flop_per_cycle_per_core.fp16") == "a new manual"
    assert cpu.source_of("flop_per_cycle_per_core.fp32") == "assumed"
    assert unit_of(_extend(tmp_path, text), "cpu").source_of("flop_per_cycle_per_core.fp16") is None


def test_a_source_alone_may_be_given_for_an_inherited_value(tmp_path: Path) -> None:
    soc = _extend(tmp_path, "units:\n  - {name: cpu, sources: {cores: counted}}\n")
    assert unit_of(soc, "cpu").source_of("cores") == "counted"


def test_circles_and_dead_ends_are_named(tmp_path: Path) -> None:
    write(tmp_path, "a.yaml", "extends: b.yaml\n")
    b = write(tmp_path, "b.yaml", "name: b\nextends: a.yaml\n")
    assert errors_of(b) == ["a.yaml:1:10: 'extends' runs in a circle: b.yaml -> a.yaml -> b.yaml"]
    c = write(tmp_path, "c.yaml", "extends: none.yaml\n")
    assert errors_of(c) == ["c.yaml:1:10: no such file: none.yaml"]
    d = write(tmp_path, "d.yaml", "extends: [a.yaml]\n")
    assert "expected one file or shipped chip" in errors_of(d)[0]


def test_removing_or_copying_what_is_not_there_says_what_is(tmp_path: Path) -> None:
    write(tmp_path, "base.yaml", SMALL)
    path = write(
        tmp_path,
        "chip.yaml",
        "extends: base.yaml\nunits:\n  - {name: cpuu, remove: true}\n  - {name: second, like: gpu}\n",
    )
    lines = errors_of(path)
    assert lines[0] == "chip.yaml:3:26: remove: no entry 'cpuu': did you mean 'cpu'?"
    assert lines[1] == "chip.yaml:4:5: units.second.kind: required key is missing, e.g. 'cpu'"
    assert lines[2] == "chip.yaml:4:26: like: no entry 'gpu': did you mean 'cpu'?"


def test_a_name_given_twice_is_an_error_in_the_file_and_in_its_base(tmp_path: Path) -> None:
    twin = SMALL.replace("links:\n", "links:\n  - {name: bus, between: [cpu, dram], bandwidth: 1 GB/s}\n")
    base = write(tmp_path, "base.yaml", twin)
    assert errors_of(base) == ["base.yaml:12:12: links.bus.name: 'bus' is defined twice"]
    chip = write(tmp_path, "chip.yaml", "extends: base.yaml\nlinks:\n  - {name: bus, latency: 1 ns}\n")
    assert "base.yaml:12:5: a second entry with the name 'bus'" in errors_of(chip)
