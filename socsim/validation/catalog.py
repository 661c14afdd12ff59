"""Which suites are shipped: `data/<name>.csv` with rows and `data/<name>.yaml` with what they are. Imports nothing."""

from __future__ import annotations

from pathlib import Path

DATA = Path(__file__).parent / "data"


def suite_names() -> list[str]:
    """The shipped suites of runs, sorted."""
    return sorted(path.stem for path in DATA.glob("*.csv") if path.with_suffix(".yaml").is_file())


def suite_titles() -> dict[str, str]:
    """Name -> title, from the first line of each suite's file, so that a command line can list them at once."""
    titles = {}
    for name in suite_names():
        with (DATA / f"{name}.yaml").open(encoding="utf-8") as file:
            titles[name] = file.readline().removeprefix("title:").strip()
    return titles
