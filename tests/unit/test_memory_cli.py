"""Does `socsim memory` say what its clients get, and what is wrong with what it was asked?"""

from __future__ import annotations

import json
from typing import Any

import pytest
from typer.testing import CliRunner

from socsim.cli.app import app
from socsim.errors import SocsimError
from socsim.validation.dram import FOLDER

KEYS = {
    "bandwidth_bytes_per_s", "read_bytes_per_s", "write_bytes_per_s", "peak_fraction", "latency_mean_s",
    "latency_p95_s", "latency_p99_s", "requests",
}  # fmt: skip
SHORT = ("--duration", "10 us", "--warm-up", "2 us")


def memory(*arguments: str) -> dict[str, Any]:
    result = CliRunner().invoke(app, ["memory", *arguments, "--json"], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_json_has_the_keys_of_the_design_for_all_and_for_each_client() -> None:
    found = memory("LPDDR5-6400", "--clients", "seq:0:64 rand:0:128:0.5", *SHORT)
    assert set(found) == KEYS | {"clients"}
    assert [set(client) for client in found["clients"]] == [KEYS, KEYS]
    assert found["bandwidth_bytes_per_s"] == pytest.approx(
        sum(client["bandwidth_bytes_per_s"] for client in found["clients"])
    )
    assert found["clients"][0]["write_bytes_per_s"] == 0 < found["clients"][1]["write_bytes_per_s"]


def test_a_part_is_changed_by_set() -> None:
    stream = ("LPDDR5-6400", "--clients", "seq:0:64", *SHORT)
    all_banks, none = (memory(*stream, "--set", f"controller.refresh={mode}") for mode in ("all_bank", "none"))
    assert all_banks["peak_fraction"] < 0.95 < none["peak_fraction"]


def test_a_ramulator_configuration_runs_with_a_line_of_the_measurements() -> None:
    config = FOLDER / "cfg_LPDDR5_c1_pb.json"
    found = memory("--ramulator-config", str(config), "--clients", "1 8 1 8000 1000 seq:0:64:0:4505600:67108864:64:0")
    assert found["peak_fraction"] == pytest.approx(0.952, abs=0.01)


def test_alike_clients_of_a_configuration_take_turns_as_in_the_measurements() -> None:
    alike = "1 8 1 8000 1000 seq:0:64:0:0:67108864:64:0 seq:0:64:0:67108864:67108864:64:0"
    config = ("--ramulator-config", str(FOLDER / "cfg_LPDDR5_c1_ab.json"), "--clients")
    auto, rotating = memory(*config, alike), memory(*config, alike, "--arbiter", "rotating")
    assert auto == rotating
    unlike = "1 8 1 8000 1000 seq:0:64:0:0:67108864:64:0 rand:0:1:0:67108864:67108864:64:0"
    auto, fair = memory(*config, unlike), memory(*config, unlike, "--arbiter", "round_robin")
    assert auto == fair


def test_fluid_and_detailed_models_agree() -> None:
    found = memory("LPDDR5-6400", "--compare", "fluid,detailed", "--clients-max", "2")
    assert found["part"] == "LPDDR5-6400"
    errors = found["errors"]
    assert errors["bandwidth_mean"] < 0.05
    assert errors["bandwidth_worst"] < 0.15
    assert errors["latency_mean"] < 0.25
    assert {row["clients"] for row in found["rows"]} == {1, 2}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "either a part or --ramulator-config is needed"),
        (["LPDDR5-640", "--clients", "seq"], "did you mean 'LPDDR5-6400'"),
        (["LPDDR5-6400"], "--clients: is needed"),
        (["LPDDR5-6400", "--clients", "sek:0:64"], "unknown pattern 'sek': did you mean 'seq'"),
        (["LPDDR5-6400", "--clients", "seq:0:0"], "the window must be 1 ... 65536 requests"),
        (["LPDDR5-6400", "--clients", "seq", "--set", "timings.tRC=20 nCK"], "tRC (20 cycles) is less than tRAS + tRP"),
        (["LPDDR5-6400", "--compare", "fluid"], "only fluid,detailed can be compared"),
        (["LPDDR5-6400", "--compare", "fluid,detailed", "--clients", "seq"], "has clients of its own"),
        (["--ramulator-config", "no.json", "--clients", "seq"], "no.json: cannot be read"),
    ],
)
def test_wrong_input_gets_one_message(arguments: list[str], message: str) -> None:
    with pytest.raises(SocsimError) as raised:
        CliRunner().invoke(app, ["memory", *arguments], catch_exceptions=False)
    assert message in str(raised.value)
    assert raised.value.exit_status == 2
