"""Fewer channels between two layers: structured pruning of what no skip connection touches."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from pydantic import Field

from socsim.errors import WorkloadError
from socsim.transform.channels import channel_groups
from socsim.transform.formats import noted
from socsim.transform.selection import Selective
from socsim.transform.transform import transforms
from socsim.workload import Operation, Workload
from socsim.workload.operation import Attribute


@transforms.register("prune_channels")
class PruneChannels(Selective):
    """`{fraction: 0.3, granule: 8}`: the chosen layers produce fewer channels, and what reads them reads fewer.

    Only channels that live between layers can go: inner widths of bottlenecks, expansions, feed-forward networks.
    Channels that a skip connection, a reshape or an output carries on stay, because other layers count on them. The new
    width is rounded to a multiple of `granule`.
    """

    fraction: float = Field(gt=0, lt=1, description="part of the channels that goes")
    granule: int = Field(default=8, ge=1, description="the width that stays is a multiple of this")

    def apply(self, workload: Workload) -> Workload:
        meant = {operation.id for operation in self.selected(workload)}
        groups = [g for g in channel_groups(workload) if meant.issuperset(g.producers)]
        shrunk = [(group, width) for group in groups if (width := self._width(group.channels)) < group.channels]
        if not shrunk:
            where = ", ".join(self.layers)
            raise WorkloadError(workload.name, f"no channels of {where} can be pruned by {self.fraction}")
        tensors, attributes = dict(workload.tensors), {o.id: dict(o.attributes) for o in workload.operations}
        for group, width in shrunk:
            for name, axis in group.tensors:
                shape = list(tensors[name].shape)
                shape[axis] = width
                tensors[name] = dataclasses.replace(tensors[name], shape=tuple(shape))
            for name, key in group.attributes:
                attributes[name][key] = width
        operations = tuple([_with(operation, attributes[operation.id]) for operation in workload.operations])
        note = f"{len(shrunk)} widths pruned by {self.fraction:g}"
        return noted(dataclasses.replace(workload, tensors=tensors, operations=operations), note)

    def _width(self, channels: int) -> int:
        kept = round(channels * (1 - self.fraction) / self.granule) * self.granule
        return max(self.granule, kept)


def _with(operation: Operation, attributes: Mapping[str, Attribute]) -> Operation:
    if attributes == dict(operation.attributes):
        return operation
    return dataclasses.replace(operation, attributes=attributes)
