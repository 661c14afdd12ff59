"""Where the shipped hardware descriptions lie, and which there are."""

from __future__ import annotations

from pathlib import Path

from socsim.errors import ConfigError
from socsim.registry import did_you_mean

_NOT_CHIPS = ("family", "parts")
"""Folders under `hw_configs` whose files are pieces that others extend, not chips."""


def hardware_folder() -> Path:
    """`hw_configs` of the repository, or the copy inside an installed package."""
    package = Path(__file__).resolve().parents[1]
    repository = package.parent / "hw_configs"
    return repository if repository.is_dir() else package / "data" / "hw_configs"


def hardware_names() -> list[str]:
    """Names of the shipped chips, such as `apple/m1_max`, sorted."""
    folder = hardware_folder()
    found = [path.relative_to(folder).with_suffix("") for path in folder.rglob("*.yaml")]
    return sorted(name.as_posix() for name in found if not set(name.parts) & set(_NOT_CHIPS))


def dram_part_names() -> list[str]:
    """The shipped DRAM parts, sorted."""
    found = (hardware_folder() / "parts" / "dram").glob("*.yaml")
    return sorted(path.stem for path in found)


def find_hardware(name_or_path: str | Path) -> Path:
    """The file of a shipped chip's name or of a path ending in .yaml; `ConfigError` with near names otherwise."""
    text = str(name_or_path)
    path = Path(text).expanduser()
    if path.suffix in (".yaml", ".yml"):
        if not path.is_file():
            raise ConfigError(text, "no such file")
        return path
    known = hardware_names()
    if text in known:
        return hardware_folder() / f"{text}.yaml"
    same = [name for name in known if name.rpartition("/")[2] == text.rpartition("/")[2].lower()]
    near = f"did you mean '{same[0]}'?" if same else did_you_mean(text, known)
    raise ConfigError(f"hardware '{text}'", f"no shipped description has that name, and it is no .yaml file: {near}")
