"""ONNX's operators in torch's words, one function each, in files by what they do.

`@operator("Name")` registers a function `(attributes, *values)`; see `socsim.frontend.imported.module.Lower`. Source of
names, attributes and defaults: https://onnx.ai/onnx/operators/.
"""

from socsim.frontend.imported.onnx_operators.registration import operators

__all__ = ["operators"]
