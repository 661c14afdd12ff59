"""The compiled engine's machine code. The only module that imports numba, imported when it is needed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

from numba import njit, types
from numba.extending import intrinsic, register_jitable

from socsim.engine.memory.dram import compiled_channel, compiled_command, compiled_memory, compiled_ports
from socsim.engine.memory.dram.compiled_ports import run_memory

MODULES = (compiled_command, compiled_channel, compiled_ports)


def _pointer(value: Any) -> Any:
    def typing(context: Any, address: Any) -> Any:
        def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            return builder.inttoptr(arguments[0], context.get_value_type(signature.return_type))

        return types.CPointer(value)(address), code

    return intrinsic(typing)


integers = _pointer(types.int64)
doubles = _pointer(types.float64)


def functions() -> list[Callable[..., Any]]:
    """The functions that are compiled, each in the module that defines it."""
    return [
        value
        for module in MODULES
        for value in vars(module).values()
        if callable(value) and getattr(value, "__module__", "") == module.__name__
    ]


@lru_cache(maxsize=1)
def compiled_run() -> Callable[[int, int], None]:
    """`run_memory` as machine code, for the addresses of both memories."""
    for function in functions():
        register_jitable(error_model="numpy")(function)
    text = b"".join(Path(str(module.__file__)).read_bytes() for module in (*MODULES, compiled_memory))
    fingerprint = int.from_bytes(hashlib.sha256(text).digest()[:6], "big")

    def entry(words: int, paces: int) -> None:
        # numba keeps machine code by the variables that a function closes over
        if fingerprint != 0:
            run_memory(integers(words), doubles(paces))

    compiled: Callable[[int, int], None] = njit("void(uint64, uint64)", cache=True, error_model="numpy")(entry)
    return compiled
