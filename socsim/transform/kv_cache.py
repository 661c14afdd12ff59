"""Another number format for the key-value cache."""

from __future__ import annotations

from pydantic import Field

from socsim.errors import WorkloadError
from socsim.transform.formats import FLOATS, reformatted
from socsim.transform.transform import Transform, transforms
from socsim.workload import Workload, dtype


@transforms.register("kv_cache")
class KvCache(Transform):
    """`{format: int8}`: state that lives from step to step takes another format; what is computed does not change."""

    format: str = Field(description="a number format: fp16, fp8, int8, q8_0, int4_g128, ...")

    def apply(self, workload: Workload) -> Workload:
        target = dtype(self.format, "format")
        states = {
            key: target
            for key, tensor in workload.tensors.items()
            if tensor.role == "state" and tensor.dtype.name in FLOATS
        }
        if not states:
            raise WorkloadError(workload.name, "has no key-value cache: nothing in it lives from step to step")
        return reformatted(workload, states, f"cache {self.format}")
