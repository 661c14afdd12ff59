"""What runs: tensors, operations, graphs and scenarios as frozen data, saved and loaded without torch."""

from socsim.workload.dtype import DType, dtype
from socsim.workload.expression import Dim, evaluate
from socsim.workload.file import load_workload, save_workload
from socsim.workload.graph import Symbol, Workload
from socsim.workload.library import find_workload, shipped_workloads
from socsim.workload.operation import BoundOperation, Operation
from socsim.workload.tensor import Operand, Tensor
from socsim.workload.work import Work, work

__all__ = [
    "BoundOperation", "DType", "Dim", "Operand", "Operation", "Symbol", "Tensor", "Work", "Workload", "dtype",
    "evaluate", "find_workload", "load_workload", "save_workload", "shipped_workloads", "work",
]  # fmt: skip
