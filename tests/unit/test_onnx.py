"""Does an ONNX file become the workload that tracing the same network from PyTorch gives?"""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from socsim.errors import ConfigError, WorkloadError
from socsim.workload import Workload, load_workload

pytestmark = pytest.mark.torch
torch = pytest.importorskip("torch")
onnx = pytest.importorskip("onnx", reason="needs the extra 'onnx'")

from onnx import TensorProto, helper, numpy_helper  # noqa: E402

from socsim.frontend.imported.onnx_model import trace_onnx  # noqa: E402

FLOAT, INT64 = TensorProto.FLOAT, TensorProto.INT64


def save(path: Path, nodes: list[Any], inputs: dict[str, Any], outputs: list[str], weights: dict[str, Any]) -> Path:
    graph = helper.make_graph(
        nodes,
        "main",
        [
            helper.make_tensor_value_info(name, INT64 if name.endswith("ids") else FLOAT, shape)
            for name, shape in inputs.items()
        ],
        [helper.make_tensor_value_info(name, FLOAT, None) for name in outputs],
        [numpy_helper.from_array(value, name) for name, value in weights.items()],
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)]), path)
    return path


def zeros(*shape: int) -> Any:
    return np.zeros(shape, dtype=np.float32)


def node(operator: str, inputs: str, output: str, name: str = "", **attributes: Any) -> Any:
    return helper.make_node(operator, inputs.split(), output.split(), name=name, **attributes)


def picture(path: Path) -> Path:
    """Convolution, activation, pooling, a head over flattened features whose shape is computed as exporters do."""
    nodes = [
        node("Conv", "x conv.weight conv.bias", "a", "/conv/Conv", strides=[2, 2], pads=[1, 1, 1, 1]),
        node("Relu", "a", "b", "/Relu"),
        node("Conv", "b depthwise.weight", "c", "/depthwise/Conv", group=8, auto_pad="SAME_UPPER"),
        node("GlobalAveragePool", "c", "d"),
        node("Shape", "d", "shape"),
        node("Gather", "shape zero", "n", axis=0),
        node("Unsqueeze", "n axes", "n1"),
        node("Concat", "n1 minus", "to", axis=0),
        node("Reshape", "d to", "e"),
        node("Gemm", "e fc.weight fc.bias", "y", "/fc/Gemm", transB=1),
    ]
    weights = {
        "conv.weight": zeros(8, 3, 3, 3), "conv.bias": zeros(8), "depthwise.weight": zeros(8, 1, 3, 3),
        "fc.weight": zeros(10, 8), "fc.bias": zeros(10), "zero": np.array(0), "axes": np.array([0]),
        "minus": np.array([-1]),
    }  # fmt: skip
    return save(path, nodes, {"x": ["batch", 3, 32, 32]}, ["y"], weights)


class Picture(torch.nn.Module):  # type: ignore[misc,name-defined]
    def __init__(self) -> None:
        super().__init__()
        self.conv = torch.nn.Conv2d(3, 8, 3, stride=2, padding=1)
        self.depthwise = torch.nn.Conv2d(8, 8, 3, padding=1, groups=8, bias=False)
        self.fc = torch.nn.Linear(8, 10)

    def forward(self, x: Any) -> Any:
        x = self.depthwise(torch.relu(self.conv(x)))
        return self.fc(torch.nn.functional.adaptive_avg_pool2d(x, 1).flatten(1))


def test_a_network_on_pictures_is_the_one_that_torch_traces(tmp_path: Path) -> None:
    from socsim.frontend import trace

    read = trace_onnx(picture(tmp_path / "net.onnx"))
    with torch.device("meta"):
        traced = trace(Picture(), (torch.empty(2, 3, 32, 32, device="meta"),), shapes=({0: "batch"},))
    for batch in (1, 4):
        ours, other = (
            Counter(w.bind(operation, {"batch": batch}) for operation in w.operations) for w in (read, traced)
        )
        assert ours == other
    assert read.weight_bytes() == traced.weight_bytes()
    assert [op.label for op in read.operations] == ["conv", "Relu", "depthwise", "GlobalAveragePool", "fc"]
    assert {"conv.weight", "fc.bias"} <= set(read.tensors)


def encoder(path: Path) -> Path:
    """A block as older exporters write it: attention, layer normalization and GELU in single operators."""
    nodes = [
        node("Gather", "table input_ids", "x", "/embeddings/Gather"),
        *(node("MatMul", f"x {p}.weight", f"{p}0", f"/attention/{p}/MatMul") for p in "qkv"),
        *(node("Add", f"{p}.bias {p}0", f"{p}1", f"/attention/{p}/Add") for p in "qkv"),
        node("Shape", "x", "shape"),
        node("Gather", "shape zero", "b", axis=0),
        node("Gather", "shape one", "s", axis=0),
        *(node("Unsqueeze", f"{n} axes", f"{n}1") for n in "bs"),
        node("Concat", "b1 s1 heads size", "to", axis=0),
        *(node("Reshape", f"{p}1 to", f"{p}2") for p in "qkv"),
        node("Transpose", "q2", "q3", perm=[0, 2, 1, 3]),
        node("Transpose", "k2", "k3", perm=[0, 2, 3, 1]),
        node("Transpose", "v2", "v3", perm=[0, 2, 1, 3]),
        node("MatMul", "q3 k3", "scores", "/attention/MatMul"),
        node("Div", "scores root", "scaled", "/attention/Div"),
        node("Softmax", "scaled", "weights", "/attention/Softmax", axis=-1),
        node("MatMul", "weights v3", "mixed", "/attention/MatMul_1"),
        node("Transpose", "mixed", "back", perm=[0, 2, 1, 3]),
        node("Concat", "b1 s1 width", "flat", axis=0),
        node("Reshape", "back flat", "joined"),
        node("Add", "x joined", "sum"),
        node("ReduceMean", "sum", "mean", "/norm/ReduceMean", axes=[-1]),
        node("Sub", "sum mean", "centred", "/norm/Sub"),
        node("Pow", "centred two", "square", "/norm/Pow"),
        node("ReduceMean", "square", "variance", "/norm/ReduceMean_1", axes=[-1]),
        node("Add", "variance epsilon", "shifted", "/norm/Add"),
        node("Sqrt", "shifted", "deviation", "/norm/Sqrt"),
        node("Div", "centred deviation", "normal", "/norm/Div"),
        node("Mul", "normal norm.weight", "stretched", "/norm/Mul"),
        node("Add", "stretched norm.bias", "h", "/norm/Add_1"),
        node("Div", "h root2", "g0", "/act/Div"),
        node("Erf", "g0", "g1", "/act/Erf"),
        node("Add", "g1 unit", "g2", "/act/Add"),
        node("Mul", "h g2", "g3", "/act/Mul"),
        node("Mul", "g3 half", "y", "/act/Mul_1"),
    ]
    weights: dict[str, Any] = {f"{p}.weight": zeros(16, 16) for p in "qkv"} | {f"{p}.bias": zeros(16) for p in "qkv"}
    numbers = {"root": 2.0, "two": 2.0, "epsilon": 1e-5, "root2": 1.414, "unit": 1.0, "half": 0.5}
    weights |= {name: np.array(value, dtype=np.float32) for name, value in numbers.items()}
    weights |= {"zero": np.array(0), "one": np.array(1), "axes": np.array([0]), "heads": np.array([4])}
    weights |= {"size": np.array([4]), "width": np.array([16]), "table": zeros(100, 16)}
    weights |= {"norm.weight": zeros(16), "norm.bias": zeros(16)}
    return save(path, nodes, {"input_ids": ["batch", "seq"]}, ["y"], weights)


def test_attention_normalization_and_gelu_in_single_operators_are_whole_again(tmp_path: Path) -> None:
    workload = trace_onnx(encoder(tmp_path / "block.onnx"))
    assert Counter(op.kind for op in workload.operations) == {
        "embedding": 1, "matmul": 3, "attention": 1, "elementwise": 2, "normalization": 1,
    }  # fmt: skip
    assert [s.name for s in workload.symbols] == ["batch", "seq"]
    lengths = {"batch": 3, "seq": 50}
    products = 3 * 2 * 150 * 16 * 16
    assert workload.total_work(lengths).matmul_flop == products + 2 * 3 * 4 * 50 * 50 * (4 + 4)
    assert {op.label for op in workload.operations} >= {"embeddings", "attention.q", "attention", "norm", "act"}


def test_a_length_may_be_fixed(tmp_path: Path) -> None:
    workload = trace_onnx(encoder(tmp_path / "block.onnx"), {"seq": 32})
    assert [s.name for s in workload.symbols] == ["batch"]
    with pytest.raises(ConfigError, match=r"has no length 'sek'.*seq"):
        trace_onnx(tmp_path / "block.onnx", {"sek": 32})


def test_quantized_weights_and_activations_keep_their_formats(tmp_path: Path) -> None:
    nodes = [
        node("QuantizeLinear", "x scale point", "xq"),
        node("DequantizeLinear", "xq scale point", "xd"),
        node("DequantizeLinear", "conv.weight scale", "w"),
        node("Conv", "xd w", "c", "/conv/Conv"),
        node("Relu", "c", "r", "/Relu"),
        node("QuantizeLinear", "r scale point", "rq"),
        node("DequantizeLinear", "rq scale point", "rd"),
        node("DequantizeLinear", "conv2.weight scale", "w2"),
        node("Conv", "rd w2", "y", "/conv2/Conv"),
    ]
    weights = {
        "conv.weight": np.zeros((8, 3, 3, 3), np.int8), "conv2.weight": np.zeros((8, 8, 1, 1), np.int8),
        "scale": np.array(0.1, np.float32), "point": np.array(0, np.int8),
    }  # fmt: skip
    workload = trace_onnx(save(tmp_path / "int8.onnx", nodes, {"x": [1, 3, 8, 8]}, ["y"], weights))
    assert [op.kind for op in workload.operations] == ["convolution", "elementwise", "convolution"]
    formats = [[workload.tensors[name].dtype.name for name in op.inputs] for op in workload.operations]
    assert formats == [["fp32", "int8"], ["fp32"], ["int8", "int8"]]
    assert workload.weight_bytes() == 8 * 3 * 9 + 64


def test_what_cannot_be_read_is_said_in_one_message(tmp_path: Path) -> None:
    (tmp_path / "text.onnx").write_text("no model")
    with pytest.raises(WorkloadError, match="not an ONNX model"):
        trace_onnx(tmp_path / "text.onnx")
    with pytest.raises(WorkloadError, match="no such file"):
        trace_onnx(tmp_path / "none.onnx")
    odd = save(tmp_path / "odd.onnx", [node("Hardmax", "x", "y", "/top/Hardmax")], {"x": [2, 3]}, ["y"], {})
    with pytest.raises(WorkloadError, match=r"Hardmax: 1 × at top.Hardmax"):
        trace_onnx(odd)


def test_a_file_that_contradicts_itself_is_refused_in_one_line(tmp_path: Path) -> None:
    absent = save(tmp_path / "absent.onnx", [node("Relu", "nowhere", "y", "/act/Relu")], {"x": [2, 3]}, ["y"], {})
    with pytest.raises(WorkloadError, match=r"Relu at 'act.Relu' reads 'nowhere', which nothing wrote"):
        trace_onnx(absent)
    shapes = [node("MatMul", "x w", "y", "/fc/MatMul")]
    uneven = save(tmp_path / "uneven.onnx", shapes, {"x": [5, 3]}, ["y"], {"w": zeros(4, 4)})
    # A process of its own: torch would log a traceback, and pytest takes logs for itself.
    command = [sys.executable, "-m", "socsim", "trace", str(uneven), "-o", str(tmp_path / "uneven.json.gz")]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert "uneven.onnx: torch.export cannot trace it" in line
    assert "MatMul at 'fc.MatMul'" in line


def test_the_command_writes_a_workload_that_runs(tmp_path: Path) -> None:
    picture(tmp_path / "net.onnx")
    command = [sys.executable, "-m", "socsim", "trace", str(tmp_path / "net.onnx"), "-o", str(tmp_path / "net.json.gz")]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    workload: Workload = load_workload(tmp_path / "net.json.gz")
    assert workload.source["model"] == "onnx:net.onnx"
