"""Is a profile that PyTorch itself writes matched with the simulation of the same module, operator by operator?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import socsim
from socsim.result import RunResult
from socsim.study.compare.profile import compare_profile, read_profile

pytestmark = pytest.mark.torch


@pytest.fixture(scope="module")
def profiled(tmp_path_factory: pytest.TempPathFactory) -> tuple[RunResult, Path, Path]:
    torch = pytest.importorskip("torch")
    from torch.profiler import ExecutionTraceObserver, ProfilerActivity, profile

    class Block(torch.nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self, size: int) -> None:
            super().__init__()
            self.fc1 = torch.nn.Linear(size, 4 * size)
            self.act = torch.nn.ReLU()
            self.fc2 = torch.nn.Linear(4 * size, size)
            self.norm = torch.nn.LayerNorm(size)

        def forward(self, x: Any) -> Any:
            return self.norm(x + self.fc2(self.act(self.fc1(x))))

    class Net(torch.nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.stem = torch.nn.Conv2d(3, 8, 3, padding=1)
            self.blocks = torch.nn.ModuleList([Block(64) for _ in range(3)])
            self.head = torch.nn.Linear(64, 10)

        def forward(self, x: Any) -> Any:
            x = self.stem(x).flatten(2).mean(1).reshape(-1, 64)
            for block in self.blocks:
                x = block(x)
            return self.head(x)

    folder = tmp_path_factory.mktemp("profile")
    module, inputs = Net().eval(), (torch.randn(2, 3, 16, 16),)
    observer = ExecutionTraceObserver()
    observer.register_callback(str(folder / "trace.json"))
    with torch.no_grad(), profile(
        activities=[ProfilerActivity.CPU], record_shapes=True, with_stack=True, with_modules=True,
        execution_trace_observer=observer,
    ) as session:  # fmt: skip
        for _ in range(3):
            module(*inputs)
    session.export_chrome_trace(str(folder / "kineto.json"))
    workload = socsim.trace(module, inputs)
    run = socsim.simulate(workload, socsim.load_soc("apple/m1"), socsim.RunOptions(units=("cpu_p",)))
    return run, folder / "kineto.json", folder / "trace.json"


def test_a_kineto_trace_is_matched_by_module_path(profiled: tuple[RunResult, Path, Path]) -> None:
    run, kineto, _ = profiled
    found = compare_profile(run, read_profile(kineto))
    operators = {row.name: row.operators for row in found.rows}
    for block in range(3):
        assert "aten::linear" in operators[f"blocks.{block}.fc1/linear"]
        assert "aten::linear" in operators[f"blocks.{block}.fc2/linear"]
    assert "aten::conv2d" in operators["stem/conv2d"]
    assert operators["head/linear"] == ("aten::linear",)
    assert found.missing == ()
    assert all(row.calls == 3 and row.measured_ps and row.error_fraction is not None for row in found.rows)
    assert {item.name for item in found.unmatched} <= {"aten::flatten", "aten::reshape", "aten::mean"}


def test_an_execution_trace_with_the_kineto_trace_beside_it_says_the_same(
    profiled: tuple[RunResult, Path, Path],
) -> None:
    run, kineto, trace = profiled
    expected = compare_profile(run, read_profile(kineto))
    found = compare_profile(run, read_profile(trace, kineto))
    assert [(row.name, row.measured_ps) for row in found.rows] == [(row.name, row.measured_ps) for row in expected.rows]
    without_times = compare_profile(run, read_profile(trace))
    assert {row.name for row in without_times.rows} == {row.name for row in expected.rows}
    assert not without_times.profile.has_times
