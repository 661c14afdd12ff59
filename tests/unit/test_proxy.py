"""Is the proxy close to the simulator on shapes it has not seen, differentiable, and of use in a training loss?"""

from __future__ import annotations

import json

import pytest

import socsim
from socsim.errors import ConfigError

pytest.importorskip("torch", reason="needs the extra 'trace'")
import torch

from socsim.study.proxy import OperatorProxy
from socsim.study.proxy.samples import Shape, draw, measure

pytestmark = pytest.mark.torch


@pytest.fixture(scope="module")
def proxy() -> OperatorProxy:
    return socsim.fit_proxy("apple/m1", "npu", kinds=("convolution",), samples=240)


def test_is_it_close_to_the_simulator_on_other_shapes(proxy: OperatorProxy) -> None:
    assert proxy.errors["convolution"]["latency_s"]["mean"] < 0.15
    assert proxy.errors["convolution"]["energy_j"]["mean"] < 0.15
    soc = socsim.load_soc("apple/m1")
    shapes = draw("convolution", 40, seed=99)
    measured = measure("convolution", shapes, soc, "npu", "fp16")
    columns = torch.tensor([shape.row for shape in shapes], dtype=torch.float64).T
    found = proxy.convolution(*columns)
    for column, values in enumerate(found):
        assert float((values / torch.tensor(measured[:, column]) - 1).abs().mean()) < 0.2


def test_is_the_same_fit_the_same_proxy(proxy: OperatorProxy) -> None:
    again = socsim.fit_proxy("apple/m1", "npu", kinds=("convolution",), samples=240)
    assert again.to_data() == proxy.to_data()
    read = OperatorProxy.from_data(json.loads(json.dumps(proxy.to_data())))
    assert read.convolution(64, 128, 28, 28, 3) == proxy.convolution(64, 128, 28, 28, 3)


def test_is_its_gradient_that_of_its_values(proxy: OperatorProxy) -> None:
    width = torch.tensor(96.0, dtype=torch.float64, requires_grad=True)
    proxy.convolution(64.0, width, 28.0, 28.0, 3.0).latency_s.backward()
    step = 1e-3
    above, below = (float(proxy.convolution(64.0, 96.0 + d, 28.0, 28.0, 3.0).latency_s) for d in (step, -step))
    assert float(width.grad) == pytest.approx((above - below) / (2 * step), rel=1e-4)


def test_does_a_loss_with_the_latency_in_it_narrow_a_network(proxy: OperatorProxy) -> None:
    logits = torch.zeros(256, dtype=torch.float64, requires_grad=True)  # a soft width: the sum of 256 gates
    optimizer = torch.optim.SGD([logits], lr=50.0)
    start = None
    for _ in range(20):
        optimizer.zero_grad()
        width = torch.sigmoid(logits).sum()
        cost = proxy.convolution(128.0, width, 28.0, 28.0, 3.0)
        penalty = cost.latency_s * 1e3 + cost.energy_j * 1e3
        start = start or float(penalty.detach())
        penalty.backward()
        optimizer.step()
    assert float(width.detach()) < 128
    assert float(penalty.detach()) < start
    assert all(parameter.grad is None for parameter in proxy.parameters())  # the proxy itself learns nothing


def test_is_a_module_of_torch_traced_and_priced() -> None:
    net = torch.nn.Sequential(torch.nn.Conv2d(3, 16, 3), torch.nn.ReLU()).eval()
    small = socsim.latency(net, "apple/m1", example_inputs=(torch.zeros(1, 3, 32, 32),), units="gpu")
    large = socsim.latency(net, "apple/m1", example_inputs=(torch.zeros(1, 3, 512, 512),), units="gpu")
    assert 0 < small < large


def test_are_unknown_units_and_kinds_errors(proxy: OperatorProxy) -> None:
    with pytest.raises(ConfigError, match="has no unit 'gpo': did you mean 'gpu'"):
        socsim.fit_proxy("apple/m1", "gpo")
    with pytest.raises(ConfigError, match="unknown kind 'conv'"):
        socsim.fit_proxy("apple/m1", kinds=("conv",))
    with pytest.raises(ConfigError, match="this proxy knows convolution"):
        proxy.linear(8, 8)


def test_is_no_shape_drawn_twice() -> None:
    shapes = draw("depthwise", 60, seed=1)
    assert len(set(shapes)) == 60
    assert all(isinstance(shape, Shape) and shape.inputs == shape.outputs for shape in shapes)
