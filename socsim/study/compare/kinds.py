"""What the two sides of a comparison are: the folder of a run, the folder of a sweep, or the file of a profile."""

from __future__ import annotations

from pathlib import Path

from socsim.errors import InputError

RUN, SWEEP, PROFILE = "run", "sweep", "profile"


def kind_of(path: Path) -> str:
    """What lies at a path; `InputError` where it is none of those."""
    if path.is_file():
        return PROFILE
    if not path.is_dir():
        raise InputError(f"{path}: no such file or folder")
    if (path / "sensitivity.json").exists():
        raise InputError(f"{path}: a sensitivity study; its page is {path / 'tornado.html'}")
    if (path / "results.parquet").exists():
        return SWEEP
    if (path / "manifest.json").exists():
        return RUN
    raise InputError(
        f"{path}: neither the folder of a run (socsim run --out) nor of a sweep or a search (socsim sweep --out)"
    )


def kinds_of(before: Path, after: Path) -> tuple[str, str]:
    """Both kinds; `InputError` where they cannot be compared."""
    kinds = kind_of(before), kind_of(after)
    if kinds in ((RUN, RUN), (SWEEP, SWEEP), (RUN, PROFILE), (PROFILE, RUN)):
        return kinds
    raise InputError(
        f"cannot compare a {kinds[0]} ({before}) with a {kinds[1]} ({after}): "
        "give two runs, two sweeps, or a run and a profile"
    )
