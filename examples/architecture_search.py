# %% [markdown]
# # A network that learns how wide to be on a given chip
# The simulator prices a finished network; a training loss needs gradients. `fit_proxy` fits a small torch module to the
# simulator, operator by operator, and says how far it is from it. Needs the extra `trace` (torch).

# %%
import torch

import socsim

proxy = socsim.fit_proxy("apple/m1", "npu", kinds=("convolution",), samples=160)
for figure, error in proxy.errors["convolution"].items():
    print(f"{figure}: mean error {error['mean']:.1%}, nine of ten below {error['p90']:.1%}, on shapes not fitted to")

# %% [markdown]
# A toy task (a smooth function of an image) and two convolutions whose channels each have a gate. The loss is the error
# plus the latency of the expected widths; gates that do not earn their time close.

# %%
torch.manual_seed(0)
SIZE, WIDTH = 16, 24
images = torch.randn(64, 3, SIZE, SIZE)
targets = torch.nn.functional.avg_pool2d(images.abs().sum(dim=1, keepdim=True), 4)


class Gated(torch.nn.Module):
    """Two convolutions; the channels between them are multiplied by gates between 0 and 1."""

    def __init__(self) -> None:
        super().__init__()
        self.first = torch.nn.Conv2d(3, WIDTH, 3, padding=1)
        self.second = torch.nn.Conv2d(WIDTH, 1, 3, padding=1)
        self.gates = torch.nn.Parameter(torch.full((WIDTH,), 1.0))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        hidden = torch.relu(self.first(x)) * torch.sigmoid(self.gates)[:, None, None]
        return torch.nn.functional.avg_pool2d(self.second(hidden), 4)

    def width(self) -> torch.Tensor:
        """The expected number of open channels."""
        return torch.sigmoid(self.gates).sum()

    def latency_s(self, scale: int = 14) -> torch.Tensor:
        """On the chip, at the resolution and `scale` times the width at which it is to run there."""
        width = self.width().double() * scale
        first = proxy.convolution(3.0, width, 112.0, 112.0, 3.0).latency_s
        return first + proxy.convolution(width, 64.0, 112.0, 112.0, 3.0).latency_s


def train(price_per_s: float, steps: int = 60) -> Gated:
    torch.manual_seed(1)
    net = Gated()
    optimizer = torch.optim.Adam(net.parameters(), lr=0.05)
    for _ in range(steps):
        optimizer.zero_grad()
        loss = torch.nn.functional.mse_loss(net(images), targets) + price_per_s * net.latency_s().float()
        loss.backward()
        optimizer.step()
    return net


free, priced = train(0.0), train(2000.0)
for name, net in (("free", free), ("priced", priced)):
    width, latency_s = float(net.width().detach()), float(net.latency_s().detach())
    print(f"{name}: {width:.1f} channels, {latency_s * 1e6:.0f} us by the proxy")
assert float(priced.width().detach()) < float(free.width().detach())

# %% [markdown]
# The simulator itself has the last word on a finished network: `socsim.latency` traces a module and runs it.

# %%
for name, net in (("free", free), ("priced", priced)):
    channels = max(1, round(float(net.width().detach()))) * 14
    final = torch.nn.Sequential(
        torch.nn.Conv2d(3, channels, 3, padding=1), torch.nn.ReLU(), torch.nn.Conv2d(channels, 64, 3, padding=1)
    ).eval()
    example = (torch.zeros(1, 3, 112, 112),)
    latency_s = socsim.latency(final, "apple/m1", example_inputs=example, units="npu", precision="fp16")
    print(f"{name}: {channels} channels, {latency_s * 1e6:.0f} us by the simulator (a run's fixed start included)")
