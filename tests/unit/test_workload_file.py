"""Does a workload file come back as it was, and is every wrong one refused with one clear message?"""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from socsim.errors import OutputError, WorkloadError
from socsim.workload import Operation, Symbol, Tensor, Workload, dtype, file, load_workload, save_workload

FP16 = dtype("fp16")


def model(layers: int = 4) -> Workload:
    """Linear layers with a cache: `layers.0` ... `layers.<n-1>`, each reading the one before."""
    tensors = [Tensor("x", ("batch", "seq", 8), FP16, "input"), Tensor("bias", (8,), FP16, "weight")]
    operations = []
    previous = "x"
    for layer in range(layers):
        path = f"layers.{layer}"
        tensors += [
            Tensor(f"{path}.weight", (8, 8), FP16, "weight"),
            Tensor(f"{path}/linear", ("batch", "seq", 8), FP16),
            Tensor(f"{path}/linear[0]", ("batch * seq", 8), FP16, tensors_role(previous), previous),
            Tensor(f"{path}/cache", ("batch", "past + seq", 8), FP16, "state"),
        ]
        sizes = {"batch": 1, "m": "batch*seq", "n": 8, "k": 8}
        operations += [
            Operation(
                f"{path}/linear", "matmul", (f"{path}/linear[0]", f"{path}.weight", "bias"), (f"{path}/linear",), sizes,
                path, "aten.linear", "Linear",
            ),
            Operation(
                f"{path}/kv_append", "data_movement", (f"{path}/linear",), (f"{path}/cache",),
                {"function": "kv_append"}, path,
            ),
        ]  # fmt: skip
        previous = f"{path}/linear"
    tensors += [Tensor("y", (), FP16, "output")]
    operations += [
        Operation("sum", "reduction", (previous,), ("y",), {"function": "sum", "scale": 0.5, "dims": (1, 2)})
    ]
    symbols = (Symbol("batch", 1), Symbol("seq", 4, 1, 64, "new rows"), Symbol("past", 3, 0, 64))
    return Workload("model", {t.id: t for t in tensors}, tuple(operations), symbols, "extend", {"model": "made here"})


def tensors_role(name: str) -> Any:
    return "input" if name == "x" else "activation"


def written(tmp_path: Path, change: Callable[[dict[str, Any]], Any] = lambda document: None) -> Path:
    """A file whose document was changed."""
    document = json.loads(gzip.decompress(file.encode(model())))
    change(document)
    path = tmp_path / "model.json.gz"
    path.write_bytes(gzip.compress(json.dumps(document).encode()))
    return path


def refused(path: Path) -> str:
    with pytest.raises(WorkloadError) as caught:
        load_workload(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: "), message
    assert "\n" not in message
    assert caught.value.exit_status == 2
    return message


@pytest.mark.parametrize("layers", [1, 2, 3, 40])
def test_a_workload_comes_back_as_it_was(tmp_path: Path, layers: int) -> None:
    original = model(layers)
    loaded = load_workload(save_workload(original, tmp_path / "m.json.gz"))
    assert loaded == original
    assert loaded.content_hash == original.content_hash
    assert loaded.total_work() == original.total_work()


def test_identical_layers_are_stored_once(tmp_path: Path) -> None:
    few, many = (json.loads(gzip.decompress(file.encode(model(layers)))) for layers in (3, 300))
    assert len(json.dumps(many)) < len(json.dumps(few)) * 1.02
    assert [part["repeat"]["count"] for part in many["parts"] if "repeat" in part] == [300]


def test_the_same_workload_gives_the_same_bytes_without_time_or_name_of_a_file(tmp_path: Path) -> None:
    first = save_workload(model(), tmp_path / "a.json.gz").read_bytes()
    second = save_workload(load_workload(tmp_path / "a.json.gz"), tmp_path / "b.json.gz").read_bytes()
    assert first == second
    assert first[4:8] == b"\0\0\0\0"  # gzip's time stamp
    assert not first[3] & 8  # gzip's file name


def test_a_file_holds_one_line_for_each_tensor_and_operation() -> None:
    lines = gzip.decompress(file.encode(model())).decode().splitlines()
    assert sum('"kind"' in line for line in lines) == 3
    assert sum('"role"' in line or '"dtype"' in line for line in lines) == 4 + 4


def test_an_unwritable_place_is_an_output_error_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot write"):
        save_workload(model(), tmp_path / "missing" / "m.json.gz")
    (tmp_path / "folder").mkdir()
    with pytest.raises(OutputError, match="cannot write"):
        save_workload(model(), tmp_path / "folder")
    assert os.listdir(tmp_path) == ["folder"]


def test_a_missing_file(tmp_path: Path) -> None:
    assert "cannot read" in refused(tmp_path / "nothing.json.gz")


@pytest.mark.parametrize("length", [2, 20, -9, -1])
def test_a_truncated_file(tmp_path: Path, length: int) -> None:
    path = written(tmp_path)
    path.write_bytes(path.read_bytes()[:length])
    assert "truncated" in refused(path)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "not a workload file"),
        (b"PK\x03\x04 a zip", "not a workload file"),
        (b"\x80\x04\x95 a pickle", "not a workload file"),
        (b'{"format": "socsim-workload"}', "gzipped"),
        (gzip.compress(b"not json"), "not a workload file"),
        (gzip.compress(b"\xff\xfe"), "not a workload file"),
        (gzip.compress(b"[" * 100_000), "not a workload file"),
        (gzip.compress(b'{"format": "other"}'), "'format'"),
        (gzip.compress(b'["socsim-workload"]'), "'format'"),
        (gzip.compress(b'{"format": "socsim-workload", "format": 1}'), "not a workload file"),
        (gzip.compress(b'{"format": "socsim-workload", "version": NaN}'), "not a workload file"),
        (gzip.compress(b'{"format": "socsim-workload", "version": 99}'), "version 99"),
        (gzip.compress(b'{"format": "socsim-workload", "version": 1}'), "lacks 'graph'"),
        (gzip.compress(b"{}") + b"more", "something follows"),
        (gzip.compress(b"{}" * 50)[:-12] + b"\0" * 12, "damaged"),
    ],
    ids=range(15),
)
def test_a_foreign_file(tmp_path: Path, data: bytes, says: str) -> None:
    path = tmp_path / "foreign.json.gz"
    path.write_bytes(data)
    assert says in refused(path)


def test_a_decompression_bomb_is_refused_before_it_unpacks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file, "MAX_TEXT_BYTES", 10_000)
    path = tmp_path / "bomb.json.gz"
    path.write_bytes(gzip.compress(b" " * 1_000_000))
    assert "unpacks to more than" in refused(path)


def _operation(document: dict[str, Any], **changes: Any) -> None:
    document["parts"][-1]["operations"][0].update(changes)


def _tensor(document: dict[str, Any], **changes: Any) -> None:
    document["tensors"][0].update(changes)


def _totals(document: dict[str, Any], **changes: Any) -> None:
    document["totals"].update(changes)


def _reads_what_nothing_writes(document: dict[str, Any]) -> None:
    document["tensors"].append({"id": "z", "shape": [8], "dtype": "fp16"})
    _operation(document, inputs=["z"])


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda d: d.update(extra=1), "unknown key 'extra'"),
        (lambda d: _operation(d, knd="matmul"), "unknown key 'knd': did you mean 'kind'"),
        (lambda d: _operation(d, kind="matmull"), "did you mean 'matmul'"),
        (lambda d: _operation(d, inputs=["layers.9/linear"]), "'layers.9/linear', which is not declared"),
        (lambda d: _operation(d, inputs="x"), "not a list"),
        (lambda d: _operation(d, inputs=[3]), "not a string"),
        (_reads_what_nothing_writes, "which nothing writes"),
        (lambda d: _operation(d, id="layers.0/linear"), "appears twice"),
        (lambda d: _operation(d, attributes={"function": None}), "not a whole number"),
        (lambda d: _operation(d, attributes=[]), "operation 'sum'"),
        (lambda d: _operation(d, outputs=[]), "at least"),
        (lambda d: _tensor(d, shape=["batch", -4]), "negative"),
        (lambda d: _tensor(d, shape=["past - 9", 8]), "negative size past - 9 = -6"),
        (lambda d: _tensor(d, shape=["batch", "len", 8]), "undeclared length 'len'"),
        (lambda d: _tensor(d, shape=["__import__('os')"]), "is not a size"),
        (lambda d: _tensor(d, shape=[1.5]), "not a whole number"),
        (lambda d: _tensor(d, shape=[True]), "not a whole number"),
        (lambda d: _tensor(d, shape=[2**60]), "larger than"),
        (lambda d: _tensor(d, dtype="fp17"), "unknown number format 'fp17'"),
        (lambda d: _tensor(d, role="wieght"), "did you mean 'weight'"),
        (lambda d: _tensor(d, alias_of="nothing"), "views 'nothing'"),
        (lambda d: d["symbols"][0].update(minimum=5), "outside 5"),
        (lambda d: d["symbols"].pop(), "undeclared length 'past'"),
        (lambda d: d["parts"][0]["repeat"].update(count=10**9), "more than 1000000 operations"),
        (lambda d: d["parts"][0]["repeat"].update(count=3), "is not declared"),
        (lambda d: d["parts"][0]["operations"].reverse(), "before an operation writes it"),
        (lambda d: d["parts"][0]["operations"][0]["attributes"].pop("k"), "lacks the attribute 'k'"),
        (lambda d: d["parts"][0]["operations"][0]["attributes"].update(k="rows"), "undeclared length 'rows'"),
        (lambda d: d["parts"][0]["operations"][0]["attributes"].update(k=9), "edited"),
        (lambda d: d.update(partial="no"), "true or false"),
        (lambda d: _totals(d, flop=1), "says flop = 1"),
        (lambda d: _totals(d, at={"seq": 99}), "seq = 99 is outside"),
        (lambda d: d["totals"].pop("flop"), "lacks 'flop'"),
    ],
    ids=range(33),
)
def test_a_wrong_document(tmp_path: Path, change: Callable[[dict[str, Any]], Any], says: str) -> None:
    assert says in refused(written(tmp_path, change))


def test_an_operation_that_reads_its_own_result_is_a_cycle(tmp_path: Path) -> None:
    message = refused(written(tmp_path, lambda d: _operation(d, kind="elementwise", outputs=["y"], inputs=["y"])))
    assert "cycle" in message


_ODD = st.sampled_from(
    [
        None,
        True,
        -1,
        0,
        3,
        2**70,
        0.5,
        "",
        "x",
        "seq",
        "past - 99",
        "1 // 0",
        "9" * 500,
        [],
        [[]],
        {},
        {"a": 1},
        ["x", "y"],
    ]
)


@settings(max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10**9), odd=_ODD)
def test_whatever_value_is_wrong_there_is_one_message_and_no_other_exception(seed: int, odd: Any) -> None:
    document = json.loads(gzip.decompress(file.encode(model(3))))
    places: list[tuple[Any, Any]] = []

    def collect(node: Any) -> None:
        for key in node if isinstance(node, dict) else range(len(node)):
            places.append((node, key))
            if isinstance(node[key], (dict, list)):
                collect(node[key])

    collect(document)
    container, key = places[seed % len(places)]
    container[key] = odd
    message = ""
    try:
        file.decode(gzip.compress(json.dumps(document).encode()), "here")
    except WorkloadError as error:
        message = str(error)
    assert not message or (message.startswith("here: ") and "\n" not in message)
