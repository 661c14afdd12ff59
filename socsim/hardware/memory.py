"""Fabric links, caches, DRAM and storage as data."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from socsim.hardware.fields import Bandwidth, Duration, Size, TransferRate
from socsim.hardware.part import Part

Node = str | Annotated[tuple[str, ...], Field(min_length=1)]
"""A node of the fabric, or several."""


class Link(Part):
    """A link of the fabric between two nodes; nodes are units, caches, `dram`, or routers named by the links alone.

    A `shared` link carries both directions on one bandwidth; a `duplex` one has the bandwidth in each direction.
    """

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$", description="unique name")
    between: tuple[str, str] = Field(description="the two nodes it joins")
    bandwidth: Bandwidth = Field(description="per direction where duplex, in all where shared")
    latency: Duration = Field(default=0, description="time a request needs to cross it")
    mode: Literal["shared", "duplex"] = Field(
        default="shared", description="shared: both directions on one bandwidth; duplex: each has its own"
    )


class Cache(Part):
    """A cache in front of DRAM, at buffer grain: private where it stands at a unit's node, shared where it stands at a
    router, system-level where all ways to memory pass. Every byte that misses continues to `dram`.

    With `replacement: explicit` it is an on-chip memory that software fills: see `socsim.engine.memory.replacement`.
    """

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$", description="unique name")
    node: Node = Field(
        description="fabric node it stands at, or a list of them for its slices; traffic that passes looks it up"
    )
    capacity: Size = Field(description="bytes")
    latency: Duration = Field(default=0, description="time of a hit beyond the way to the node")
    replacement: str = Field(default="lru", description="a registered replacement policy: lru, lirs, explicit, ...")
    clients: tuple[str, ...] | None = Field(default=None, description="units that allocate in it; default: all")
    roles: tuple[Literal["weight", "activation", "input", "output", "state"], ...] | None = Field(
        default=None, description="tensor roles that allocate in it; default: all"
    )
    probation: Size = Field(
        default=1024 * 1024, description="traffic during which new data stays whatever else is reused (lirs)"
    )

    @property
    def nodes(self) -> tuple[str, ...]:
        """The nodes it stands at."""
        return (self.node,) if isinstance(self.node, str) else self.node


class Dram(Part):
    """Main memory. Peak bandwidth = `channels` x `channel_width_bits` / 8 x `transfer_rate`."""

    part: str = Field(description="a DRAM part under hw_configs/parts/dram, e.g. LPDDR5-6400, or a .yaml file")
    channels: int = Field(ge=1, le=64, description="independent channels over which addresses interleave")
    channel_width_bits: int = Field(default=16, ge=8, description="data pins of a channel")
    transfer_rate: TransferRate = Field(description="transfers per second of one pin, e.g. 6400 MT/s")
    capacity: Size = Field(description="bytes; a run that needs more is refused")
    node: Node = Field(
        default="dram",
        description="fabric node of the memory controller, or a list of them; addresses interleave over all",
    )
    latency: Duration = Field(description="idle latency of the controller and the device")
    controller_efficiency: float = Field(
        default=1.0,
        gt=0,
        le=1,
        description="fluid model: bandwidth that this controller and kind of memory reach, over the table's",
    )
    turnaround_fraction: float = Field(
        default=1.0,
        ge=0,
        le=1,
        description="fluid model: share of the table's loss to turning between reads and writes that this controller "
        "has; less where it gathers longer batches of each",
    )
    model: Literal["fluid", "detailed"] = Field(
        default="fluid",
        description="fluid: efficiency from tables; detailed: commands, banks and queues, simulated for each mix",
    )
    sampling: Literal["on", "off"] = Field(
        default="on",
        description="on: the detailed model drives a window of each mix of streams; off: it drives every request",
    )
    interleave: Size | None = Field(
        default=None, description="bytes of one channel before the next one follows (detailed); default: the part's"
    )
    channel_hash: bool | None = Field(
        default=None,
        description="the channel is hashed with the address bits above it (detailed); default: as the part says",
    )
    arrivals: Literal["paced", "poisson"] = Field(
        default="paced", description="how requests come where loaded latency is measured: evenly, or by chance"
    )
    stream_window: int = Field(
        default=64, ge=1, le=4096, description="requests in flight of a stream for each channel (detailed)"
    )
    window_requests: int = Field(
        default=16384, ge=1024, description="requests that a window measures at least (detailed)"
    )
    reserved: Size = Field(default=0, description="bytes of the capacity that the system keeps for itself")

    @property
    def nodes(self) -> tuple[str, ...]:
        """The nodes of the memory controllers."""
        return (self.node,) if isinstance(self.node, str) else self.node

    @property
    def peak_bytes_per_s(self) -> float:
        """Peak bandwidth of all channels."""
        return self.channels * self.channel_width_bits / 8 * self.transfer_rate
