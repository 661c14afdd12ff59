"""`--threads`: how many threads a task on a CPU gets, as a change of the chip."""

from __future__ import annotations

from socsim.cost.threads import ThreadParams
from socsim.errors import ConfigError
from socsim.hardware import Soc


def with_threads(soc: Soc, threads: int | None) -> Soc:
    """The chip with so many threads per task on each of its CPUs, or one per core where it has fewer; `ConfigError`
    for none, or where no unit has threads."""
    if threads is None:
        return soc
    if threads < 1:
        raise ConfigError("--threads", f"a task has at least one thread, not {threads}")
    if not any(isinstance(unit, ThreadParams) for unit in soc.units):
        raise ConfigError("--threads", f"{soc.name} has no CPU")
    units = tuple(
        unit.model_copy(update={"threads": min(threads, unit.cores)}) if isinstance(unit, ThreadParams) else unit
        for unit in soc.units
    )
    return soc.model_copy(update={"units": units})
