"""Do `socsim workload list|show` print what the files hold?"""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from socsim.cli.workload import app
from socsim.errors import ConfigError, WorkloadError
from socsim.workload import shipped_workloads


def run(*arguments: str) -> str:
    result = CliRunner().invoke(app, list(arguments))
    if result.exception is not None:
        raise result.exception
    return str(result.stdout)


def test_the_list_has_every_shipped_workload() -> None:
    table = run("list")
    for name in shipped_workloads():
        assert f"\n{name} " in table


def test_the_list_as_json() -> None:
    found = json.loads(run("list", "--json"))
    assert set(found) == set(shipped_workloads())
    assert found["llama-2-7b"]["parameters"] == pytest.approx(6.738e9, rel=1e-3)
    assert found["llama-2-7b"]["lengths"] == {"batch": 1, "seq": 1, "past": 512, "logits": 1}
    assert found["resnet-50"]["weight_bytes"] == 2 * found["resnet-50"]["parameters"]


def test_a_workload_at_given_lengths() -> None:
    text = run("show", "llama-2-7b", "--length", "seq=512", "-l", "past=0")
    assert "6,772.77 GFLOP at batch=1, seq=512, past=0, logits=1" in text
    assert "config.json of meta-llama/Llama-2-7b-hf" in text
    assert "model.layers.*.mlp.down_proj/linear" in text
    facts = json.loads(run("show", "llama-2-7b", "-l", "seq=512", "-l", "past=0", "--json"))
    assert facts["matmul_flop"] == 6769130602496
    assert sum(row["flop"] for row in facts["kinds"]) == facts["flop"]
    assert sum(row["operations"] for row in facts["kinds"]) == facts["operations"]
    assert facts["largest"][0]["times"] == 32


@pytest.mark.parametrize("given", ["seq", "seq=", "=3", "seq=-1", "seq=many", "seq=²"])
def test_a_length_that_is_none(given: str) -> None:
    with pytest.raises(ConfigError, match="expected NAME=N such as seq=512"):
        run("show", "llama-2-7b", "-l", given)


def test_a_length_that_the_workload_does_not_have() -> None:
    with pytest.raises(WorkloadError, match="did you mean 'batch'"):
        run("show", "resnet-50", "-l", "bach=3")


def test_a_narrow_terminal_cuts_no_figure() -> None:
    from io import StringIO

    from rich.console import Console

    from socsim.cli.workload import _table

    for heading, name in (
        ("name", "clip-vit-b32-image-encoder"),
        ("operation", "model.layers.*.self_attn/attention" * 2),
    ):
        table = _table("", [heading, "parameters", "weights", "lengths"])
        table.add_row(name, "109.5 M", "13,476.8 MB", "batch=1, seq=384")
        text = StringIO()
        Console(file=text, width=64).print(table)
        assert "109.5 M  13,476.8 MB" in text.getvalue(), text.getvalue()
