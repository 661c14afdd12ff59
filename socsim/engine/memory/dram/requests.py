"""What a memory system alone is asked to do: the clients of `socsim memory`, read from text."""

from __future__ import annotations

from dataclasses import dataclass

from socsim.engine.memory.dram.parameters import ClientParameters
from socsim.errors import ConfigError
from socsim.registry import did_you_mean

PATTERNS = ("seq", "rand", "stride", "chase")
REQUEST_BYTES = 64
_FIELDS = "pattern:gap_ck:window:write_fraction:base:region:stride:poisson"
_MOST_ADDRESS_BITS = 48


@dataclass(frozen=True, slots=True)
class RequestLine:
    """A whole line: the numbers before the clients are None where the line is clients alone. Cycles of the clock."""

    clients: tuple[ClientParameters, ...]
    interleave_bits: int | None = None
    low_column_bits: int | None = None
    measured_cycles: int | None = None
    warm_cycles: int | None = None


def parse_requests(text: str, where: str = "--clients") -> RequestLine:
    """Clients as `pattern:gap_ck:window:write_fraction:base:region:stride:poisson`, separated by blanks.

    Fields may be left out from the end. Five numbers may come first, as in the reference measurements: address map (1),
    channel interleave bits, low column bits, measured and warm-up cycles. Raises `ConfigError`.
    """
    words = text.split()
    numbers = []
    while words and ":" not in words[0] and words[0] not in PATTERNS:
        numbers.append(_integer(words.pop(0), "a number before the clients", where))
    if not words:
        raise ConfigError(where, f"names no client; one is e.g. 'seq:0:64', in full {_FIELDS}")
    clients = tuple(_client(word, seed, where) for seed, word in enumerate(words, 1))
    if not numbers:
        return RequestLine(clients)
    if len(numbers) != 5:
        raise ConfigError(
            where,
            f"{len(numbers)} numbers before the clients; either none or five: address map, channel interleave bits, "
            "low column bits, measured cycles, warm-up cycles",
        )
    address_map, interleave, low, measured, warm = numbers
    if address_map != 1:
        raise ConfigError(
            where, f"address map {address_map} is not known, only 1 is (row, bank, column, group, column)"
        )
    if measured < 1:
        raise ConfigError(where, "the number of measured cycles must be greater than zero")
    return RequestLine(clients, interleave, low, measured, warm)


def _client(word: str, seed: int, where: str) -> ClientParameters:
    fields = word.split(":")
    if len(fields) > 8:
        raise ConfigError(where, f"'{word}' has {len(fields)} fields, at most 8 are known: {_FIELDS}")
    defaults = ["", "0", "64", "0", str((seed - 1) << 28), str(1 << 28), str(REQUEST_BYTES), "0"]
    pattern, gap, window, write, base, region, stride, poisson = fields + defaults[len(fields) :]
    if pattern not in PATTERNS:
        raise ConfigError(where, f"'{word}': unknown pattern '{pattern}': {did_you_mean(pattern, PATTERNS)}")
    made = ClientParameters(
        random=pattern in ("rand", "chase"),
        gap=_number(gap, f"'{word}': gap", where),
        window=1 if pattern == "chase" else _integer(window, f"'{word}': window", where),
        write_fraction=_number(write, f"'{word}': write fraction", where),
        base=_integer(base, f"'{word}': base", where),
        region=_integer(region, f"'{word}': region", where),
        stride=_integer(stride, f"'{word}': stride", where),
        poisson=bool(_integer(poisson, f"'{word}': poisson", where)),
        size=REQUEST_BYTES,
        seed=seed,
    )
    wrong = (
        (made.window < 1 or made.window > 1 << 16, "the window must be 1 ... 65536 requests"),
        (made.write_fraction > 1, "the write fraction must be 0 ... 1"),
        (made.region < made.size, f"the region must hold a request of {made.size} B"),
        (made.stride < 1, "the stride must be greater than zero"),
        (
            made.base % made.size != 0 or made.region % made.size != 0,
            f"base and region must be multiples of {made.size} B",
        ),
        ((made.base + 2 * made.region) >> _MOST_ADDRESS_BITS != 0, f"addresses have at most {_MOST_ADDRESS_BITS} bits"),
    )
    for is_wrong, what in wrong:
        if is_wrong:
            raise ConfigError(where, f"'{word}': {what}")
    return made


def _integer(text: str, what: str, where: str) -> int:
    try:
        value = int(text)
    except ValueError:
        raise ConfigError(where, f"{what}: expected a whole number, got '{text}'") from None
    if value < 0:
        raise ConfigError(where, f"{what}: must not be negative, got {text}")
    return value


def _number(text: str, what: str, where: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise ConfigError(where, f"{what}: expected a number, got '{text}'") from None
    if not 0 <= value < float("inf"):
        raise ConfigError(where, f"{what}: must be a number that is not negative, got {text}")
    return value
