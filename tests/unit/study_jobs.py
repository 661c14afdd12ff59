"""Work for the tests of executors: a process finds these functions by their names."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

from socsim.errors import ConfigError


def square(data: Any) -> dict[str, Any]:
    """The square; notes on request that it was computed, sleeps, fails, or kills its own process."""
    if "log" in data:
        with open(data["log"], "a", encoding="utf-8") as log:
            log.write(f"{data['x']} {os.getpid()}\n")
    time.sleep(data.get("sleep_s", 0.0))
    if data.get("once") and not Path(data["once"]).exists():
        Path(data["once"]).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    if data.get("poison"):
        os.kill(os.getpid(), signal.SIGKILL)
    if data.get("refused"):
        raise ConfigError("x", "refused on purpose")
    if data.get("broken"):
        raise ValueError("broken on purpose")
    print("a component that prints does not harm the pipe")  # noqa: T201
    return {"square": data["x"] ** 2}
