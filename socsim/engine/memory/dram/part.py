"""A DRAM part and its controller as data: `hw_configs/parts/dram/<name>.yaml`, with a source for every timing."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, field_validator

from socsim.engine.memory.dram.parameters import PAGE_POLICIES, REFRESH_MODES, SCHEDULERS
from socsim.engine.memory.dram.part_checks import part_problems
from socsim.engine.memory.dram.part_values import is_time, to_cycles
from socsim.errors import ConfigError, ConfigFileError
from socsim.hardware import hardware_folder
from socsim.hardware.catalog import dram_part_names
from socsim.hardware.fields import Frequency, Size, TransferRate
from socsim.hardware.override import override
from socsim.hardware.part import Part
from socsim.hardware.yaml_tree import Mapping, Node, Sequence, parse_yaml, to_data
from socsim.registry import did_you_mean

TIMINGS = {
    "tRL": "read command to first data", "tWL": "write command to first data", "tRCD": "activate to read",
    "tRCD_WR": "activate to write", "tRP": "precharge to activate", "tRPab": "precharge of all banks to activate",
    "tRAS": "activate to precharge", "tRC": "activate to activate of one bank", "tRTP": "read to precharge",
    "tWR": "end of written data to precharge", "tCCD_S": "read to read, other bank group",
    "tCCD_L": "read to read, same bank group", "tCCD_S_WR": "write to write, other bank group",
    "tCCD_L_WR": "write to write, same bank group", "tRRD_S": "activate to activate, other bank group",
    "tRRD_L": "activate to activate, same bank group", "tFAW": "window of four activates",
    "tWTR_S": "end of written data to read, other bank group", "tWTR_L": "the same, same bank group",
    "tRTW_gap": "bubble on the data bus between read and written data", "tPPD": "precharge to precharge",
    "tBL_group": "cycles that a burst keeps its bank group busy", "tRFCab": "refresh of all banks",
    "tRFCpb": "refresh of one bank", "tREFI": "between refreshes of all banks",
    "tREFIpb": "between refreshes of one bank",
    "tpbR2pbR": "refresh of a bank to that of another", "tpbR2ACT": "refresh of a bank to activation of another",
    "tAAD": "first to second half of an activation, at most", "tWCKPST": "the data clock keeps running after a burst",
}  # fmt: skip
"""Known timings; those not in `REQUIRED` have a default or a feature that is absent without them."""

REQUIRED = (
    "tRL", "tWL", "tRCD", "tRP", "tRAS", "tRTP", "tWR", "tCCD_S", "tCCD_L", "tRRD_S", "tRRD_L", "tFAW", "tWTR_S",
    "tWTR_L", "tRFCab", "tREFI",
)  # fmt: skip
_Power = Annotated[int, Field(ge=1, le=1 << 20)]


class AddressMap(Part):
    """Which bits of an address within its channel (channel bits taken out) say what; `column` may be in pieces."""

    column: tuple[str, ...] = Field(description="bits above the offset in a burst, e.g. ['5', '8-12']")
    bank_group: str = Field(default="", description="bits, e.g. '6-7'; empty where there is one group")
    bank: str = Field(description="bits of the bank in its group, e.g. '13-14'")
    row: str = Field(description="bits, e.g. '15-30'")
    bank_hash: bool = Field(default=True, description="bank and group are hashed with the lowest bits of the row")
    interleave: Size = Field(default=256, description="bytes of one channel before the next one follows")
    channel_hash: bool = Field(default=True, description="the channel is hashed with all address bits above it")


class Controller(Part):
    """The memory controller of a channel."""

    read_queue: int = Field(default=64, ge=1, le=1024, description="bursts")
    write_queue: int = Field(default=64, ge=1, le=1024, description="bursts")
    write_high: float = Field(default=0.8, gt=0, le=1, description="fill of the write queue above which it is drained")
    write_low: float = Field(default=0.2, ge=0, lt=1, description="fill below which reads are served again")
    scheduler: Literal["fr_fcfs", "fcfs", "fr_fcfs_row_hit", "fr_fcfs_cap"] = "fr_fcfs"
    row_hit_cap: int = Field(default=4, ge=1, description="bursts of one row before an older request (fr_fcfs_cap)")
    page_policy: Literal["open", "closed", "adaptive"] = "open"
    page_timeout: str = Field(default="100 ns", description="unused time after which a row closes (adaptive)")
    refresh: Literal["none", "all_bank", "per_bank"] = "all_bank"

    @property
    def codes(self) -> tuple[int, int, int]:
        """Scheduler, page policy and refresh as the engines count them."""
        return (
            SCHEDULERS.index(self.scheduler),
            PAGE_POLICIES.index(self.page_policy),
            REFRESH_MODES.index(self.refresh),
        )


class CommandBus(Part):
    """Cycles that commands occupy the command bus; `two` buses take a row and a column command in the same cycle."""

    activate: int = Field(default=1, ge=1, le=8)
    column: int = Field(default=1, ge=1, le=8)
    precharge: int = Field(default=1, ge=1, le=8)
    refresh: int = Field(default=1, ge=1, le=8)
    two: bool = False
    split_activate: bool = Field(default=False, description="an activation is two commands, others may come between")


class DramPart(Part):
    """One channel of a DRAM standard: organisation, timings, command bus, controller, address map."""

    name: str
    standard: str = Field(description="e.g. LPDDR5")
    transfer_rate: TransferRate = Field(description="transfers per second of a data pin")
    clock: Frequency = Field(description="command clock")
    channel_width_bits: int = Field(ge=8, le=256)
    burst_length: _Power
    bank_groups: _Power = 1
    banks_per_group: _Power
    rows: int = Field(ge=2, le=1 << 24)
    columns: _Power = Field(description="of the channel's width")
    bus: CommandBus = CommandBus()
    controller: Controller = Controller()
    address_map: AddressMap
    timings: dict[str, str] = Field(description="'18 ns', '4 nCK', or the larger of both as '18 ns, 2 nCK'")

    @field_validator("bank_groups", "banks_per_group", "rows", "columns", "burst_length", "channel_width_bits")
    @classmethod
    def _power_of_two(cls, value: int) -> int:
        if value & (value - 1):
            raise ValueError(f"must be a power of two, got {value}")
        return value

    @field_validator("timings")
    @classmethod
    def _known_timings(cls, timings: dict[str, str]) -> dict[str, str]:
        for name, text in timings.items():
            if name not in TIMINGS:
                raise ValueError(f"unknown timing '{name}': {did_you_mean(name, TIMINGS)}")
            if not all(is_time(piece) for piece in text.split(",")):
                raise ValueError(f"{name}: expected e.g. '18 ns', '4 nCK' or '18 ns, 4 nCK', got '{text}'")
        missing = [name for name in REQUIRED if name not in timings]
        if missing:
            raise ValueError("missing: " + ", ".join(f"{name} ({TIMINGS[name]})" for name in missing))
        return timings

    @property
    def burst_bytes(self) -> int:
        """Bytes of one read or write command."""
        return self.burst_length * self.channel_width_bits // 8

    @property
    def peak_bytes_per_s(self) -> float:
        """Peak bandwidth of a channel."""
        return self.transfer_rate * self.channel_width_bits / 8

    def cycles(self, name: str, default: int = 0) -> int:
        """A timing in cycles of the command clock, rounded up."""
        return to_cycles(self.timings[name], self.clock) if name in self.timings else default


def part_folder() -> Path:
    """Where the shipped parts are."""
    return hardware_folder() / "parts" / "dram"


def part_names() -> list[str]:
    """The shipped parts."""
    return dram_part_names()


def load_part(name_or_path: str, sets: Iterable[str] = ()) -> DramPart:
    """A shipped part by name, or one of a .yaml file, with values changed as by `--set`.

    Raises `ConfigError` or `ConfigFileError` with the place.
    """
    path = Path(name_or_path)
    if path.suffix != ".yaml":
        if name_or_path not in part_names():
            raise ConfigError("", f"unknown DRAM part '{name_or_path}': {did_you_mean(name_or_path, part_names())}")
        path = part_folder() / f"{name_or_path}.yaml"
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(str(path), f"cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ConfigError(str(path), "is not a text file") from None
    problems: list[ConfigError] = []
    tree = parse_yaml(text, str(path), problems)
    for option in sets:
        tree = override(tree, option)
    try:
        part = DramPart.model_validate(to_data(tree), strict=True)
    except ValidationError as error:
        problems += [_located(tree, item["loc"], item["msg"]) for item in error.errors()]
    else:
        problems += [_located(tree, location, what) for location, what in part_problems(part)]
    if problems:
        raise ConfigFileError(tuple(problems))
    return part


def _located(tree: Node, location: tuple[Any, ...], message: str) -> ConfigError:
    mark, node = tree.mark, tree
    for step in location:
        if isinstance(node, Mapping) and step in node.entries:
            node = node.entries[step].node
        elif isinstance(node, Sequence) and isinstance(step, int) and step < len(node.items):
            node = node.items[step]
        else:
            break
        mark = node.mark
    path = ".".join(str(step) for step in location)
    return ConfigError(str(mark), f"{path}: {message}" if path else message)
