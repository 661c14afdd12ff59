"""Placement by rule: the whole graph on the most preferred unit that supports its matrix work."""

from __future__ import annotations

from socsim.mapping.placement import PlacementProblem, placements
from socsim.workload import BoundOperation

MATRIX_KINDS = frozenset({"matmul", "grouped_matmul", "convolution", "attention", "scan"})
"""The kinds that decide where a graph runs; everything else follows them."""


@placements.register("rule")
def place_by_rule(problem: PlacementProblem) -> list[str]:
    """The whole graph on the most preferred unit that supports all its matrix work; an operation that this unit cannot
    run goes to the next one that can. Where no unit supports all matrix work, each operation takes the most preferred
    unit that supports it. Raises `MappingError` naming operations that nothing can run."""
    candidates, operations = problem.candidates, problem.operations
    matrix = [operation for operation in dict.fromkeys(operations) if operation.kind in MATRIX_KINDS]
    main = [c for c in candidates if all(c.supports(operation) for operation in matrix)]
    order = [*main[:1], *[c for c in candidates if c not in main[:1]]]
    choice: dict[BoundOperation, str | None] = {}
    homeless = []
    placed = []
    for index, operation in enumerate(operations):
        unit: str | None
        if index in problem.pins:
            unit = next((c.params.name for c in order if problem.may_run(index, c)), None)
        else:
            if operation not in choice:
                choice[operation] = next((c.params.name for c in order if c.supports(operation)), None)
            unit = choice[operation]
        if unit is None:
            homeless.append(index)
        placed.append(unit or "")
    if homeless:
        raise problem.homeless(homeless)
    return placed
