"""A profile as data, whatever file it came from."""

from __future__ import annotations

from dataclasses import dataclass

KINETO, CHROME, EXECUTION_TRACE, CSV = "Kineto trace", "Chrome trace", "PyTorch execution trace", "CSV"


@dataclass(frozen=True, slots=True)
class MeasuredOperation:
    """One execution of an operator. Times are ps from the begin of the profile; `duration_ps` is None where the file
    holds no times.

    `path` is a name that the file itself gives (a module path, or one with its operator); `modules` are the calls of
    modules around it, outermost first, as the profiler names them (`Linear_3`: the fourth linear layer it met).
    `matmul_flop` is that of the operator's shapes, None where they do not tell.
    """

    name: str
    begin_ps: int
    duration_ps: int | None
    call: int = 0
    modules: tuple[str, ...] = ()
    path: str = ""
    phase: str = ""
    lane: str = ""
    matmul_flop: int | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the whole model."""

    begin_ps: int
    duration_ps: int


@dataclass(frozen=True, slots=True)
class Profile:
    """A measured profile: operators in the order in which they began, and the calls of the model that hold them."""

    source: str
    kind: str
    operations: tuple[MeasuredOperation, ...]
    calls: tuple[Call, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def has_times(self) -> bool:
        """Whether any operator has a duration."""
        return any(item.duration_ps is not None for item in self.operations)
