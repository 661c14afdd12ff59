"""Views, copies, and reading and writing by index."""

from __future__ import annotations

from typing import Any

import torch
from torch.nn import functional

from socsim.frontend.imported.host_operators import host, integers
from socsim.frontend.imported.module import tensor
from socsim.frontend.imported.onnx_operators.registration import Attributes, operator


@operator("Reshape")
def reshape(attributes: Attributes, x: Any, shape: Any = None) -> Any:
    """A size of 0 keeps the operand's."""
    x = tensor(x)
    wanted = attributes["shape"] if shape is None else integers(shape)
    if not attributes.get("allowzero"):
        wanted = [x.shape[i] if isinstance(size, int) and size == 0 else size for i, size in enumerate(wanted)]
    return x.reshape(wanted)


@operator("Flatten")
def flatten(attributes: Attributes, x: Any) -> Any:
    axis = attributes.get("axis", 1)
    return x.flatten(axis) if axis == 1 else x.flatten(axis).reshape(-1, x.flatten(axis).shape[-1])


@operator("Transpose")
def transpose(attributes: Attributes, x: Any) -> Any:
    x = tensor(x)
    return x.permute(attributes.get("perm") or list(reversed(range(x.dim()))))


@operator("Squeeze")
def squeeze(attributes: Attributes, x: Any, axes: Any = None) -> Any:
    dims = attributes.get("axes") if axes is None else integers(axes)
    return tensor(x).squeeze() if dims is None else tensor(x).squeeze(tuple(dims))


@operator("Unsqueeze")
def unsqueeze(attributes: Attributes, x: Any, axes: Any = None) -> Any:
    x = tensor(x)
    dims = attributes["axes"] if axes is None else integers(axes)
    for axis in sorted(axis % (x.dim() + len(dims)) for axis in dims):
        x = x.unsqueeze(axis)
    return x


@operator("Expand")
def expand(attributes: Attributes, x: Any, shape: Any) -> Any:
    """Both sides broadcast: a size of 1 in the wanted shape keeps the operand's."""
    x = tensor(x)
    wanted = integers(shape)
    own = [1] * (len(wanted) - x.dim()) + list(x.shape)
    wanted = [1] * (len(own) - len(wanted)) + wanted
    return x.expand(
        [have if isinstance(want, int) and want == 1 else want for have, want in zip(own, wanted, strict=True)]
    )


@operator("Slice")
def cut(
    attributes: Attributes, x: Any, starts: Any = None, ends: Any = None, axes: Any = None, steps: Any = None
) -> Any:
    x = tensor(x)
    first = attributes["starts"] if starts is None else integers(starts)
    last = attributes["ends"] if ends is None else integers(ends)
    along = (attributes.get("axes") if axes is None else integers(axes)) or list(range(len(first)))
    by = [1] * len(first) if steps is None else integers(steps)
    for axis, begin, end, step in zip(along, first, last, by, strict=True):
        before = (slice(None),) * (axis % x.dim())
        x = x.flip(axis) if step < 0 else x[(*before, slice(begin, _end(end), step))]
    return x


def _end(end: Any) -> Any:
    return None if isinstance(end, int) and end >= 2**31 - 1 else end


@operator("Split")
def split(attributes: Attributes, x: Any, sizes: Any = None) -> Any:
    x = tensor(x)
    axis = attributes.get("axis", 0)
    parts = attributes.get("split") if sizes is None else integers(sizes)
    return tuple(x.split(parts, axis) if parts else x.chunk(attributes.get("num_outputs", 2), axis))


@operator("Concat")
def concat(attributes: Attributes, *values: Any) -> Any:
    return torch.cat([tensor(value) for value in values], attributes["axis"])


@operator("Pad")
def pad(attributes: Attributes, x: Any, pads: Any = None, value: Any = None, axes: Any = None) -> Any:
    x = tensor(x)
    given = attributes["pads"] if pads is None else integers(pads)
    along = [axis % x.dim() for axis in integers(axes)] if axes is not None else list(range(x.dim()))
    before, after = [0] * x.dim(), [0] * x.dim()
    for index, axis in enumerate(along):
        before[axis], after[axis] = given[index], given[index + len(along)]
    amounts = [amount for pair in zip(reversed(before), reversed(after), strict=True) for amount in pair]
    mode = {"edge": "replicate", "wrap": "circular"}.get(attributes.get("mode", "constant"), attributes.get("mode"))
    if mode in ("reflect", "replicate", "circular"):
        return functional.pad(x, amounts[: 2 * max(1, x.dim() - 2)], mode=mode)
    return functional.pad(x, amounts)


@operator("Tile")
def tile(attributes: Attributes, x: Any, repeats: Any) -> Any:
    return tensor(x).repeat(integers(repeats))


@operator("DepthToSpace")
def depth_to_space(attributes: Attributes, x: Any) -> Any:
    return functional.pixel_shuffle(x, attributes["blocksize"])


@operator("SpaceToDepth")
def space_to_depth(attributes: Attributes, x: Any) -> Any:
    return functional.pixel_unshuffle(x, attributes["blocksize"])


@operator("Gather")
def gather(attributes: Attributes, x: Any, indices: Any) -> Any:
    """Rows of a table are an embedding; one known place is a view."""
    axis = attributes.get("axis", 0)
    x, numbers = tensor(x), host(indices)
    if numbers is not None and numbers.ndim == 0:
        return x.select(axis, int(numbers))
    indices = tensor(indices)
    if axis == 0 and x.dim() == 2 and x.is_floating_point():
        return functional.embedding(indices, x)
    taken = torch.index_select(x, axis, indices.reshape(-1))
    axis = axis % x.dim()
    return taken.reshape([*x.shape[:axis], *indices.shape, *x.shape[axis + 1 :]]) if indices.dim() != 1 else taken


@operator("GatherElements")
def gather_elements(attributes: Attributes, x: Any, indices: Any) -> Any:
    return torch.gather(tensor(x), attributes.get("axis", 0), tensor(indices))


@operator("GatherND")
def gather_slices(attributes: Attributes, x: Any, indices: Any) -> Any:
    if attributes.get("batch_dims"):
        raise ValueError("batch_dims is not known here")
    x, indices = tensor(x), tensor(indices)
    return x[tuple(indices.unbind(-1))]


@operator("ScatterND")
def scatter_slices(attributes: Attributes, x: Any, indices: Any, updates: Any) -> Any:
    return torch.index_put(tensor(x), tuple(tensor(indices).unbind(-1)), tensor(updates))


@operator("ScatterElements")
def scatter_elements(attributes: Attributes, x: Any, indices: Any, updates: Any) -> Any:
    return torch.scatter(tensor(x), attributes.get("axis", 0), tensor(indices), tensor(updates))


@operator("ConstantOfShape")
def constant_of_shape(attributes: Attributes, shape: Any) -> Any:
    kind = torch.float32 if isinstance(attributes["value"], float) else torch.int64
    return torch.full(integers(shape), attributes["value"], dtype=kind, device="meta")


@operator("Range")
def positions(attributes: Attributes, *bounds: Any) -> Any:
    return torch.arange(*[integers(bound)[0] for bound in bounds], device="meta")


@operator("Trilu")
def triangle(attributes: Attributes, x: Any, k: Any = None) -> Any:
    diagonal = 0 if k is None else integers(k)[0]
    return torch.triu(tensor(x), diagonal) if attributes.get("upper", 1) else torch.tril(tensor(x), diagonal)


@operator("OneHot")
def one_hot(attributes: Attributes, indices: Any, depth: Any, values: Any) -> Any:
    classes = torch.arange(integers(depth)[0], device="meta")
    return (tensor(indices).unsqueeze(-1) == classes).to(tensor(values).dtype)


@operator("EyeLike")
def identity_matrix(attributes: Attributes, x: Any) -> Any:
    return torch.eye(*tensor(x).shape, device="meta")
