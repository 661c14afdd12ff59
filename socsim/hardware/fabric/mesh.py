"""A two-dimensional mesh: routers in columns and rows, dimension-ordered (XY) routing.

XY routing goes along the row to the column of the destination, then along the column. Ways of least latency are many in
a mesh and ties go to the first names: the links along rows are called `<name>_x_...` and those along columns
`<name>_y_...`, so that the shortest way by that rule is the XY way, from wherever it starts. Data read from memory
starts there, so it comes back by another way than the request went, as in a real mesh.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, WithJsonSchema
from pydantic_core import InitErrorDetails

from socsim.hardware.fabric.generator import FabricGenerator, fabrics
from socsim.hardware.memory import Link
from socsim.hardware.messages import problem

Position = Annotated[
    tuple[int, int], WithJsonSchema({"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 2})
]
"""Column and row."""


@fabrics.register("mesh")
class Mesh(FabricGenerator):
    """The router in column c and row r is the node `<name>_<c>_<r>`."""

    columns: int = Field(ge=1, le=64, description="routers in a row")
    rows: int = Field(ge=1, le=64, description="routers in a column")
    attach: dict[str, Position] = Field(
        min_length=1, description="nodes and the [column, row] of the router each hangs on, counted from 0"
    )

    def attached(self) -> tuple[str, ...]:
        return tuple(self.attach)

    def problems(self) -> list[InitErrorDetails]:
        return super().problems() + [
            problem(
                "no_router",
                f"[{column}, {row}] is outside the mesh: columns are 0 to {self.columns - 1}, rows 0 to "
                f"{self.rows - 1}",
                ("attach", node),
            )
            for node, (column, row) in self.attach.items()
            if not (0 <= column < self.columns and 0 <= row < self.rows)
        ]

    def links(self) -> tuple[Link, ...]:
        c_width, r_width = len(str(self.columns - 1)), len(str(self.rows - 1))
        found = []
        for row in range(self.rows):
            for column in range(self.columns):
                here, at = f"{self.name}_{column}_{row}", f"{column:0{c_width}}_{row:0{r_width}}"
                if column + 1 < self.columns:
                    found.append(self.hop(f"x_{at}", here, f"{self.name}_{column + 1}_{row}"))
                if row + 1 < self.rows:
                    found.append(self.hop(f"y_{at}", here, f"{self.name}_{column}_{row + 1}"))
        found += [self.port(node, f"{self.name}_{column}_{row}") for node, (column, row) in self.attach.items()]
        return tuple(found)
