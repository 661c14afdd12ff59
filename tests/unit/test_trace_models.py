"""Does `socsim trace` take everything that it says it takes, and refuse the rest in one clear message?"""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from socsim.errors import SocsimError, WorkloadError
from socsim.workload import load_workload

torch = pytest.importorskip("torch", reason="needs the extra 'trace'")
pytestmark = pytest.mark.torch

from socsim.frontend import trace_model  # noqa: E402

USER_MODULE = """
import torch

def tiny():
    with torch.device("meta"):
        return torch.nn.Sequential(torch.nn.Linear(8, 4), torch.nn.ReLU()), (torch.zeros(2, 8),)

def symbolic():
    module, inputs = tiny()
    return module, inputs, ({0: "batch"},)

def by_name():
    module, inputs = tiny()
    return module, {"input": inputs[0]}

def one_tensor():
    module, inputs = tiny()
    return module, inputs[0]

def alone(): return tiny()[0]
def no_module(): return 3, ()
def no_inputs(): return tiny()[0], 3
def broken(): raise RuntimeError("no such thing")
number = 3
"""


@pytest.fixture
def module_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    name = f"user_models_{abs(hash(str(tmp_path)))}"
    (tmp_path / f"{name}.py").write_text(USER_MODULE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    return name


@pytest.mark.parametrize("function", ["tiny", "symbolic", "by_name", "one_tensor"])
def test_a_function_of_ones_own(module_name: str, function: str) -> None:
    workload = trace_model(f"{module_name}:{function}")
    assert workload.name == function
    assert [operation.kind for operation in workload.operations] == ["matmul", "elementwise"]
    assert [symbol.name for symbol in workload.symbols] == (["batch"] if function == "symbolic" else [])
    assert workload.total_work().matmul_flop == 2 * 2 * 8 * 4


@pytest.mark.parametrize(
    ("function", "says"),
    [
        ("alone", "expected (module, example_inputs)"),
        ("no_module", "not a torch.nn.Module"),
        ("no_inputs", "not a tuple or a mapping"),
        ("broken", "raised RuntimeError: no such thing"),
        ("number", "is not callable"),
        ("tinny", "did you mean 'tiny'"),
    ],
)
def test_a_function_that_does_not_return_what_it_should(module_name: str, function: str, says: str) -> None:
    with pytest.raises(WorkloadError) as caught:
        trace_model(f"{module_name}:{function}")
    assert says in str(caught.value)


def test_names_that_are_not_there() -> None:
    with pytest.raises(WorkloadError, match=r"unknown model 'resnet-5': did you mean 'resnet-50'"):
        trace_model("resnet-5")
    with pytest.raises(WorkloadError, match="cannot import 'no_such_package'"):
        trace_model("no_such_package:f")
    with pytest.raises(WorkloadError, match="no such file"):
        trace_model("nothing.pt2")


def test_a_saved_program(tmp_path: Path) -> None:
    module = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.BatchNorm2d(4), torch.nn.ReLU()).eval()
    automatic = torch.export.Dim.AUTO
    program = torch.export.export(module, (torch.zeros(2, 3, 8, 8),), dynamic_shapes=({0: automatic},), strict=False)
    path = tmp_path / "saved.pt2"
    torch.export.save(program, path)
    workload = trace_model(str(path))
    assert workload.name == "saved"
    assert [operation.kind for operation in workload.operations] == ["convolution", "normalization", "elementwise"]
    assert len(workload.symbols) == 1
    assert workload.total_work({workload.symbols[0].name: 5}).matmul_flop == 2 * 5 * 4 * 36 * 27


def test_a_file_that_is_no_saved_program(tmp_path: Path) -> None:
    path = tmp_path / "broken.pt2"
    path.write_bytes(b"something else")
    with pytest.raises(WorkloadError, match=r"not a program saved by torch\.export\.save") as caught:
        trace_model(str(path))
    assert "\n" not in str(caught.value)


@pytest.mark.skipif(importlib.util.find_spec("timm") is not None, reason="timm is installed")
def test_timm_is_optional() -> None:
    with pytest.raises(WorkloadError, match="timm is not installed: pip install timm"):
        trace_model("timm:resnet18")


@pytest.mark.skipif(importlib.util.find_spec("timm") is None, reason="timm is not installed")
def test_a_timm_model() -> None:
    assert trace_model("timm:resnet18").total_work().matmul_flop == pytest.approx(3.63e9, rel=0.01)


def test_the_command_writes_a_file_or_nothing(module_name: str, tmp_path: Path) -> None:
    import typer
    from typer.testing import CliRunner

    from socsim.cli.trace import trace as command

    app = typer.Typer()
    app.command()(command)
    result = CliRunner().invoke(app, [f"{module_name}:symbolic"])
    assert result.exit_code == 0, result.output
    assert load_workload(tmp_path / "symbolic.json.gz").name == "symbolic"
    failed = CliRunner().invoke(app, [f"{module_name}:symbolic", "-o", "missing/file.json.gz"])
    assert isinstance(failed.exception, SocsimError)
    assert "there is no folder 'missing'" in str(failed.exception)


def test_listing_the_zoo_imports_no_torch() -> None:
    code = (
        "import sys; from socsim.frontend.zoo import zoo_names; zoo_names();"
        "sys.exit('torch' in sys.modules or 'transformers' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
