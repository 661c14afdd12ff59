"""How the tokens of a mixture of experts spread over its experts."""

from __future__ import annotations

import dataclasses

from pydantic import Field

from socsim.errors import WorkloadError
from socsim.transform.formats import noted
from socsim.transform.transform import Transform, transforms
from socsim.workload import Workload
from socsim.workload.structure import MAX_ROUTING_SKEW


@transforms.register("routing")
class Routing(Transform):
    """`{skew: 1.0}`: some experts are more popular, with rank r as r^-skew; a batch then reads fewer of them. Without
    it all are alike."""

    skew: float = Field(ge=0, le=MAX_ROUTING_SKEW, description="Zipf exponent; 0: all experts alike")

    def apply(self, workload: Workload) -> Workload:
        if not any(operation.kind == "grouped_matmul" for operation in workload.operations):
            raise WorkloadError(workload.name, "is no mixture of experts: 'routing' has nothing to change")
        operations = tuple(
            dataclasses.replace(operation, attributes={**operation.attributes, "routing_skew": self.skew})
            if operation.kind == "grouped_matmul"
            else operation
            for operation in workload.operations
        )
        return noted(dataclasses.replace(workload, operations=operations), f"routing skew {self.skew:g}")
