"""Which operations a transform is about: by patterns of their labels and by kind."""

from __future__ import annotations

from fnmatch import fnmatchcase

from pydantic import Field

from socsim.errors import WorkloadError
from socsim.registry import did_you_mean
from socsim.transform.transform import Transform
from socsim.workload import Operation, Workload
from socsim.workload.operation import KINDS


class Selective(Transform):
    """A transform of some operations: those whose label (or id) matches a pattern of `layers` and none of `skip`, and
    whose kind is one of `kinds`; all of them by default."""

    layers: tuple[str, ...] = Field(default=("*",), description="patterns of labels, e.g. 'model.layers.*.mlp.*'")
    skip: tuple[str, ...] = Field(default=(), description="patterns of labels to leave as they are")
    kinds: tuple[str, ...] = Field(default=(), description="kinds of operation; default: all")

    def selected(self, workload: Workload) -> list[Operation]:
        """The operations that are meant, in order; `WorkloadError` where a pattern of `layers` matches none."""
        for kind in self.kinds:
            if kind not in KINDS:
                raise WorkloadError(workload.name, f"unknown kind of operation '{kind}': {did_you_mean(kind, KINDS)}")
        for pattern in self.layers:
            if not any(_matches(operation, pattern) for operation in workload.operations):
                labels = sorted({operation.label for operation in workload.operations})
                raise WorkloadError(workload.name, f"no layer matches '{pattern}': {did_you_mean(pattern, labels)}")
        return [operation for operation in workload.operations if self._is_meant(operation)]

    def _is_meant(self, operation: Operation) -> bool:
        return (
            (not self.kinds or operation.kind in self.kinds)
            and any(_matches(operation, pattern) for pattern in self.layers)
            and not any(_matches(operation, pattern) for pattern in self.skip)
        )


def _matches(operation: Operation, pattern: str) -> bool:
    return fnmatchcase(operation.label, pattern) or fnmatchcase(operation.id, pattern)
