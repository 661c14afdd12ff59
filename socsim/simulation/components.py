"""Loads the components: the built-in ones by importing their modules, an installed package's by its entry points.

Both go through the same registries; the group of entry points is `socsim.components`, each naming a module whose
import registers what it brings.
"""

from __future__ import annotations

import importlib
import pkgutil
from importlib.metadata import entry_points

from socsim.errors import ConfigError

BUILT_IN = (
    "socsim.cost",
    "socsim.engine.memory.replacement",
    "socsim.engine.power.governors",
    "socsim.engine.schedulers",
    "socsim.hardware.fabric",
    "socsim.mapping",
    "socsim.transform",
    "socsim.report.outputs",
)
"""Packages whose modules are imported in sorted order: a new component is one new file in one of them."""

_loaded = False


def load_components() -> None:
    """Import every component once. A plug-in that fails to import stops the run and is named."""
    global _loaded  # noqa: PLW0603 - importing is idempotent; this only saves time
    if _loaded:
        return
    for package_name in BUILT_IN:
        package = importlib.import_module(package_name)
        for module in sorted(info.name for info in pkgutil.iter_modules(package.__path__)):
            importlib.import_module(f"{package_name}.{module}")
    for point in sorted(entry_points(group="socsim.components"), key=lambda point: point.name):
        try:
            point.load()
        except ConfigError:
            raise
        except Exception as error:
            raise ConfigError(f"plug-in '{point.name}' ({point.value})", f"cannot be imported: {error}") from error
    _loaded = True
