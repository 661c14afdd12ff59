"""Reads a profile, whatever it is: Kineto or Chrome trace, PyTorch execution trace, CSV of operator times."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

from socsim.errors import InputError
from socsim.study.compare.profile.csv_file import read_csv
from socsim.study.compare.profile.events import read_events, recorded
from socsim.study.compare.profile.execution_trace import read_nodes
from socsim.study.compare.profile.measured import Profile

_EXPECTED = (
    "expected a Kineto or Chrome trace (traceEvents), a PyTorch execution trace (nodes), "
    "or a CSV with columns such as module,time_us"
)


def read_profile(path: str | Path, times: str | Path | None = None) -> Profile:
    """The profile in a file. An execution trace has no times of its own: `times` names the Kineto trace that was
    recorded together with it. Raises `InputError` naming the file, and where in it what is wrong."""
    file = Path(path)
    text = _text(file)
    if text.lstrip()[:1] not in ("{", "["):
        if times is not None:
            raise InputError(f"{file}: a CSV has its own times; --times goes with an execution trace")
        return read_csv(text, str(file))
    data = _json(text, file)
    if isinstance(data, dict) and isinstance(data.get("nodes"), list):
        if times is None:
            return read_nodes(data, str(file))
        beside = Path(times)
        return read_nodes(data, str(file), *recorded(_events(_json(_text(beside), beside), beside), str(beside)))
    if times is not None:
        raise InputError(f"{file}: has its own times; --times goes with an execution trace")
    return read_events(_events(data, file), str(file))


def _text(file: Path) -> str:
    try:
        raw = file.read_bytes()
        return (gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw).decode("utf-8")
    except OSError as error:
        raise InputError(f"{file}: cannot be read ({error.strerror or error})") from error
    except (UnicodeDecodeError, EOFError) as error:
        raise InputError(f"{file}: not text; {_EXPECTED}") from error


def _json(text: str, file: Path) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise InputError(f"{file}: not JSON: {error}") from error
    except RecursionError:
        raise InputError(f"{file}: nested too deeply; {_EXPECTED}") from None


def _events(data: Any, file: Path) -> list[dict[str, Any]]:
    events = data.get("traceEvents") if isinstance(data, dict) else data
    if not isinstance(events, list) or not all(isinstance(item, dict) for item in events):
        raise InputError(f"{file}: no list of events; {_EXPECTED}")
    return events
