"""Where scenarios are found: a .yaml file, or the name of one that is shipped."""

from __future__ import annotations

from pathlib import Path

from socsim.errors import ConfigError
from socsim.registry import did_you_mean


def scenario_folder() -> Path:
    """The folder of shipped scenarios: inside an installed package, or the repository's own."""
    package = Path(__file__).resolve().parents[2]
    installed = package / "data" / "workloads" / "scenarios"
    return installed if installed.is_dir() else package.parent / "workloads" / "scenarios"


def shipped_scenarios() -> dict[str, Path]:
    """Names of the shipped scenarios and their files, sorted."""
    return {path.stem: path for path in sorted(scenario_folder().glob("*.yaml"))}


def scenario_names() -> list[str]:
    """Names of the shipped scenarios, sorted."""
    return list(shipped_scenarios())


def find_scenario(name_or_path: str | Path) -> Path:
    """The file of a shipped scenario's name or of a path ending in .yaml; `ConfigError` with near names otherwise."""
    text = str(name_or_path)
    path = Path(text).expanduser()
    if path.suffix in (".yaml", ".yml"):
        if not path.is_file():
            raise ConfigError(text, "no such file")
        return path
    shipped = shipped_scenarios()
    plain = text.replace("-", "_").lower()
    if plain in shipped:
        return shipped[plain]
    raise ConfigError(
        f"--scenario '{text}'",
        f"no shipped scenario has that name, and it is no .yaml file: {did_you_mean(plain, shipped)}",
    )
