"""How each operator of an exported graph is lowered: one small function per operator, grouped by kind of work.

A file in this folder is imported when operators are first looked up; adding an operator is one registration:

    @register("aten.linear", product=True)
    def linear(call: Call) -> Any:
        return call.emit("matmul", [call.value("input"), call.value("weight")], batch=1, m=..., n=..., k=...)
"""

from socsim.frontend.operators.registration import (
    BOOKKEEPING,
    FACTORIES,
    SUBGRAPHS,
    Operator,
    find,
    is_positional,
    register,
)

__all__ = ["BOOKKEEPING", "FACTORIES", "SUBGRAPHS", "Operator", "find", "is_positional", "register"]
