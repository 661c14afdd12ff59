"""The proxy as a torch module: differentiable in every size, frozen, in double precision.

    log t = log(launch + flop / peak + bytes / bandwidth) + g(x)

where x are logarithms of the product's m, n, k, of its bytes and its FLOP, and g is a small network that was fitted to
the simulator. Sizes may be tensors of any shape that broadcast together, with gradients: soft channel widths.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple, TypeAlias

import torch
from torch import Tensor

from socsim.errors import ConfigError

Size: TypeAlias = Any
"""A number or a tensor."""


class Prediction(NamedTuple):
    """Seconds, and joules of the whole chip meanwhile (NaN where its power is not described)."""

    latency_s: Tensor
    energy_j: Tensor


class Network(torch.nn.Module):
    """One kind of operator: physics with a fitted correction. `physics` are launch (s), peak (FLOP/s), bandwidth
    (B/s), bytes per element; `weights` and `biases` are those of the layers, the last with two outputs."""

    def __init__(self, physics: Mapping[str, float], layers: list[tuple[Tensor, Tensor]], scale: tuple[Tensor, Tensor]):
        super().__init__()
        self.physics = dict(physics)
        self.weights = torch.nn.ParameterList([torch.nn.Parameter(weight) for weight, _ in layers])
        self.biases = torch.nn.ParameterList([torch.nn.Parameter(bias) for _, bias in layers])
        self.register_buffer("mean", scale[0])
        self.register_buffer("spread", scale[1])

    def forward(self, sizes: Tensor) -> Tensor:
        """(…, 6) work of operators, see `work_of` -> (…, 2) logarithms of seconds and joules."""
        features = torch.log(sizes)
        hidden = (features - self.mean) / self.spread
        last = len(self.weights) - 1
        for index, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            hidden = hidden @ weight.T + bias
            if index < last:
                hidden = torch.tanh(hidden)
        flop, size_bytes = sizes[..., 5], sizes[..., 3] + sizes[..., 4]
        base = self.physics["launch_s"] + flop / self.physics["flop_per_s"] + size_bytes / self.physics["bytes_per_s"]
        return torch.log(base)[..., None] + hidden


def work_of(
    kind: str, sizes: tuple[Size, Size, Size, Size, Size, Size], bytes_per_element: float
) -> Tensor:  # fmt: skip
    """What an operator does, differentiable: m, n, k of its product, bytes of activations and of weights, FLOP."""
    inputs, outputs, height, width, kernel, stride = torch.broadcast_tensors(
        *[torch.as_tensor(size, dtype=torch.float64) for size in sizes]
    )
    m = height * width / stride**2
    k = kernel**2 if kind == "depthwise" else inputs * kernel**2
    activations = (inputs * height * width + outputs * m) * bytes_per_element
    weights = outputs * k * bytes_per_element
    return torch.stack([m, outputs, k, activations, weights, 2 * m * outputs * k], dim=-1)


class OperatorProxy(torch.nn.Module):
    """Latency and energy of single operators on one unit of one chip. Made by `fit_proxy`; its weights are frozen.

    `errors` says how far it is from the simulator on shapes that it was not fitted to: kind -> figure ->
    {mean, p90, max} of the relative error. `run_overhead_s` is the cost of starting a run, once per network.
    """

    def __init__(
        self,
        networks: Mapping[str, Network],
        errors: Mapping[str, Mapping[str, Mapping[str, float]]],
        about: Mapping[str, Any],
    ) -> None:
        super().__init__()
        self.networks = torch.nn.ModuleDict(dict(networks))
        self.errors = errors
        self.about = dict(about)
        self.run_overhead_s = float(about["run_overhead_s"])
        for parameter in self.parameters():
            parameter.requires_grad_(False)
            parameter.grad = None  # what the fit left

    def convolution(
        self, inputs: Size, outputs: Size, height: Size, width: Size, kernel: Size = 1, stride: Size = 1
    ) -> Prediction:
        """A convolution of `inputs` to `outputs` channels over an input of `height` x `width`, padded to keep it."""
        return self.forward("convolution", (inputs, outputs, height, width, kernel, stride))

    def depthwise(self, channels: Size, height: Size, width: Size, kernel: Size = 3, stride: Size = 1) -> Prediction:
        """A convolution with one filter per channel."""
        return self.forward("depthwise", (channels, channels, height, width, kernel, stride))

    def linear(self, inputs: Size, outputs: Size, rows: Size = 1) -> Prediction:
        """A linear layer over `rows` vectors."""
        return self.forward("linear", (inputs, outputs, rows, 1.0, 1.0, 1.0))

    def forward(self, kind: str, sizes: tuple[Size, Size, Size, Size, Size, Size]) -> Prediction:
        """Any kind of operator; `sizes` are inputs, outputs, height, width, kernel, stride."""
        if kind not in self.networks:
            raise ConfigError(kind, f"this proxy knows {', '.join(self.networks)}")
        network = self.networks[kind]
        predicted = torch.exp(network(work_of(kind, sizes, network.physics["bytes_per_element"])))
        return Prediction(predicted[..., 0], predicted[..., 1])

    def to_data(self) -> dict[str, Any]:
        """Everything as JSON data; `from_data` reads it back as an equal proxy."""
        return {
            "about": self.about,
            "errors": self.errors,
            "networks": {
                kind: {
                    "physics": network.physics,
                    "layers": [[w.tolist(), b.tolist()] for w, b in zip(network.weights, network.biases, strict=True)],
                    "scale": [network.mean.tolist(), network.spread.tolist()],
                }
                for kind, network in self.networks.items()
            },
        }

    @staticmethod
    def from_data(data: Mapping[str, Any]) -> OperatorProxy:
        """The proxy of `to_data`."""

        def tensor(values: Any) -> Tensor:
            return torch.tensor(values, dtype=torch.float64)

        networks = {
            kind: Network(
                item["physics"],
                [(tensor(w), tensor(b)) for w, b in item["layers"]],
                (tensor(item["scale"][0]), tensor(item["scale"][1])),
            )
            for kind, item in data["networks"].items()
        }
        return OperatorProxy(networks, data["errors"], data["about"])

    def extra_repr(self) -> str:
        """The chip, the unit, and the mean error of the latency."""
        errors = ", ".join(f"{kind} {figures['latency_s']['mean']:.1%}" for kind, figures in self.errors.items())
        return f"{self.about['soc']} {self.about['unit']} {self.about['precision']}: mean error of latency {errors}"


def initial_layers(num_inputs: int, widths: tuple[int, ...], seed: int) -> list[tuple[Tensor, Tensor]]:
    """Layers to start from, from a generator of their own."""
    generator = torch.Generator().manual_seed(seed)
    layers = []
    for fan_in, fan_out in zip((num_inputs, *widths), (*widths, 2), strict=True):
        weight = torch.randn(fan_out, fan_in, generator=generator, dtype=torch.float64) / math.sqrt(fan_in)
        layers.append((weight, torch.zeros(fan_out, dtype=torch.float64)))
    return layers
