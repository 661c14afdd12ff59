"""Whole processes per CPU second, start-up and imports included: what a user waits for."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable

from tests.benchmark.cases import case, repeated

LLAMA = ("run", "apple/m1_max", "llama-2-7b", "--prompt", "512", "--tokens", "128")


def process(*arguments: str, out: bool = False) -> Callable[[], int]:
    """One `socsim` command in a process of its own."""

    def run() -> int:
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, "-m", "socsim", *arguments, *(["--out", f"{folder}/out"] if out else [])]
            subprocess.run(command, check=True, capture_output=True)
        return 1

    return run


case("process/help", "runs", 1 / 0.35)(repeated(process, "--help"))
case("process/resnet-50-out", "runs", 1 / 1.5)(lambda: process("run", "apple/m1", "resnet-50", out=True))
case("process/llama-512-128", "runs", 1 / 3.0)(repeated(process, *LLAMA))
case("process/llama-512-128-out", "runs", 1 / 4.0)(lambda: process(*LLAMA, out=True))
