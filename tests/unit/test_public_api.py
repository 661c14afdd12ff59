"""What may a user import, and does importing stay cheap?"""

from __future__ import annotations

import subprocess
import sys

import socsim

HEAVY = ("torch", "pandas", "pyarrow", "plotly", "matplotlib", "numba", "transformers")


def test_the_public_names_are_exactly_these() -> None:
    assert sorted(socsim.__all__) == [
        "RunOptions",
        "__version__",
        "bench",
        "energy",
        "fit_proxy",
        "latency",
        "load_scenario",
        "load_soc",
        "load_workload",
        "search",
        "sensitivity",
        "simulate",
        "sweep",
        "trace",
    ]
    for name in socsim.__all__:
        assert getattr(socsim, name) is not None


def test_importing_and_simulating_bring_no_heavy_library() -> None:
    program = (
        "import sys, socsim\n"
        "socsim.simulate(socsim.load_workload('resnet-18'), socsim.load_soc('apple/m1')).summary\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
