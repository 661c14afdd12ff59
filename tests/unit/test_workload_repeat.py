"""Are repeated layers found, and do they give back exactly what they stand for?"""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from socsim.workload import Operation, Tensor, dtype
from socsim.workload.repeat import Repeat, deepened, join, split

FP16 = dtype("fp16")


def chain(labels: list[tuple[str, int]]) -> tuple[tuple[Operation, ...], dict[str, Tensor]]:
    """A chain of operations with these labels and widths, each reading the one before."""
    tensors = {"x": Tensor("x", (4,), FP16, "input")}
    operations = []
    used: dict[str, int] = {}
    previous = "x"
    for label, width in labels:
        used[label] = used.get(label, -1) + 1
        name = f"{label}/relu" + (f"_{used[label]}" if used[label] else "")
        view = f"{name}[0]"
        tensors[name] = Tensor(name, (width,), FP16)
        tensors[view] = Tensor(view, (1, 2), FP16, tensors[previous].role, previous)
        operations.append(Operation(name, "elementwise", (view,), (name,), {"function": "relu"}, label))
        previous = name
    return tuple(operations), tensors


def counts(labels: list[tuple[str, int]]) -> list[int]:
    parts, _ = split(*chain(labels))
    return [part.count if isinstance(part, Repeat) else -len(part) for part in parts]


def test_layers_that_differ_only_in_their_number_are_one_repeat() -> None:
    assert counts([("embed", 4), *((f"h.{i}", 4) for i in range(7)), ("head", 4)]) == [-1, 7, -1]


def test_a_layer_of_another_shape_ends_the_repeat() -> None:
    assert counts([(f"h.{i}", 4 if i < 5 else 8) for i in range(8)]) == [5, 3]


def test_numbers_that_are_not_consecutive_are_not_layers() -> None:
    assert counts([("h.0", 4), ("h.2", 4), ("h.4", 4)]) == [-3]


def test_layers_inside_layers_are_found_where_the_outer_ones_differ() -> None:
    labels = [(f"stage.{s}.block.{b}", 4 * (s + 1)) for s in range(2) for b in range(3)]
    assert counts(labels) == [3, 3]


def test_layers_inside_identical_layers_are_one_repeat_of_the_outer() -> None:
    labels = [(f"stage.{s}.block.{b}", 4) for s in range(5) for b in range(2)]
    assert counts(labels) == [5]


def test_more_layers_than_were_traced() -> None:
    few = chain([("embed", 4), ("h.0", 4), ("h.1", 4), ("head", 4)])
    many = chain([("embed", 4), *((f"h.{i}", 4) for i in range(12)), ("head", 4)])
    deep = deepened(*few, "h", 12)
    assert deep is not None
    assert deep[0] == many[0]
    assert deep[1] == many[1]


def test_layers_that_are_not_alike_are_not_made_more() -> None:
    assert deepened(*chain([("h.0", 4), ("h.1", 8)]), "h", 12) is None
    assert deepened(*chain([("h.0", 4), ("h.1", 4), ("g", 4), ("h.2", 4)]), "h", 12) is None
    assert deepened(*chain([("h.0", 4), ("h.1", 4)]), "g", 12) is None


_LABELS = st.sampled_from(
    ["a", "h.0", "h.1", "h.2", "h.10", "h.1.b.0", "h.1.b.1", "h.2.b.0", "h.2.b.1", "0", "1", "2", "h"]
)


@settings(max_examples=300)
@given(st.lists(st.tuples(_LABELS, st.sampled_from([4, 4, 4, 8])), max_size=24))
def test_whatever_the_labels_are_the_parts_give_back_the_whole(labels: list[tuple[str, int]]) -> None:
    operations, tensors = chain(labels)
    parts, rest = split(operations, tensors)
    again, tensors_again = join(parts, rest)
    assert again == operations
    assert tensors_again == tensors
