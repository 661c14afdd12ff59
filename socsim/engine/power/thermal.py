"""Heat as a network of resistances and capacities, stepped exactly.

    C dT/dt = P - G (T - T_ambient)

with power constant over a step: T(t) = T_inf + exp(-C^-1 G t) (T(0) - T_inf), T_inf = T_ambient + G^-1 P. The
exponential comes from the eigenvectors of the symmetric C^-1/2 G C^-1/2, once per length of step.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from socsim.hardware.power import AMBIENT, Thermal

Vector = NDArray[np.float64]


class ThermalNetwork:
    """Temperatures (kelvin) of all nodes; everything begins at the temperature of the air."""

    def __init__(self, thermal: Thermal) -> None:
        self.names = tuple(node.name for node in thermal.nodes)
        self.ambient_k = thermal.ambient
        index = {name: position for position, name in enumerate(self.names)}
        size = len(self.names)
        conductance = np.zeros((size, size))
        for path in thermal.paths:
            ends = [index[name] for name in path.between if name != AMBIENT]
            for end in ends:
                conductance[end, end] += 1 / path.resistance
            if len(ends) == 2:
                conductance[ends[0], ends[1]] -= 1 / path.resistance
                conductance[ends[1], ends[0]] -= 1 / path.resistance
        root = np.sqrt([node.capacity for node in thermal.nodes])
        self._resistance = np.linalg.inv(conductance)
        self._rates, vectors = np.linalg.eigh(conductance / np.outer(root, root))
        self._left = vectors / root[:, None]
        self._right = (vectors * root[:, None]).T
        self._decay: dict[float, NDArray[np.float64]] = {}
        self.kelvin: Vector = np.full(size, self.ambient_k)

    def step(self, duration_s: float, power_w: Vector) -> Vector:
        """The temperatures after a time at constant power; they become the present ones."""
        decay = self._decay.get(duration_s)
        if decay is None:
            decay = (self._left * np.exp(-self._rates * duration_s)) @ self._right
            self._decay[duration_s] = decay
        final = self.settled(power_w)
        self.kelvin = final + decay @ (self.kelvin - final)
        return self.kelvin

    def settled(self, power_w: Vector) -> Vector:
        """The temperatures after a long time at constant power."""
        settled: Vector = self.ambient_k + self._resistance @ power_w
        return settled
