"""Where a node of an exported graph comes from: its operator, module path and module class, its number format."""

from __future__ import annotations

import re
from typing import Any

from socsim.errors import WorkloadError

_CALL_COUNT = re.compile(r"@\d+")

_DTYPES = {
    "torch.float64": "fp64", "torch.float32": "fp32", "torch.float16": "fp16", "torch.bfloat16": "bf16",
    "torch.float8_e4m3fn": "fp8", "torch.float8_e5m2": "fp8", "torch.float8_e4m3fnuz": "fp8",
    "torch.float8_e5m2fnuz": "fp8",
    "torch.int64": "int64", "torch.int32": "int32", "torch.int16": "int16", "torch.int8": "int8",
    "torch.uint8": "uint8",
    "torch.bool": "bool", "torch.complex64": "complex64",
}  # fmt: skip


def dtype_name(dtype: Any) -> str:
    """torch's number format in socsim's words; `WorkloadError` for one that socsim does not know."""
    try:
        return _DTYPES[str(dtype)]
    except KeyError:
        raise WorkloadError("", f"the model uses the number format {dtype}, which socsim does not know") from None


def operator_name(target: Any) -> str:
    """`aten.linear` of `aten.linear.default`: the operator without its overload."""
    schema = getattr(target, "_schema", None)
    if schema is not None:
        return str(schema.name).replace("::", ".")
    return str(getattr(target, "__name__", target))


def label_of(node: Any, prefix: str) -> str:
    """The innermost module's path (`model.layers.0.mlp.up_proj`), without the wrapper's own attribute."""
    path = _innermost(node)[0]
    if prefix and (path == prefix or path.startswith(prefix + ".")):
        path = path[len(prefix) + 1 :]
    return path


def module_class_of(node: Any) -> str:
    """The class of the innermost module, without its package (`LlamaMLP`)."""
    return _innermost(node)[1].rsplit(".", 1)[-1]


def _innermost(node: Any) -> tuple[str, str]:
    stack = node.meta.get("nn_module_stack") or {}
    if not stack:
        return "", ""
    path, kind = list(stack.values())[-1]
    name = kind if isinstance(kind, str) else kind.__qualname__
    if not path or path.startswith("_empty_nn_module_stack"):
        return "", name
    return _CALL_COUNT.sub("", path), name
