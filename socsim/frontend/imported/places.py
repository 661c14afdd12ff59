"""Where the steps and constants of an imported graph hang in the tree of modules that torch exports."""

from __future__ import annotations

import re
from collections.abc import Container


class Places:
    """Hands out dotted paths of which none is another's or lies below another's. `reserved`: names that a module has
    for itself (`half`, `type`, ...)."""

    def __init__(self, reserved: Container[str] = ()) -> None:
        self._reserved = reserved
        self._leaves: set[str] = set()
        self._branches: set[str] = set()

    def take(self, wanted: str) -> str:
        """The path wanted, or the next like it that is free."""
        pieces = [re.sub(r"\W", "_", piece) or "_" for piece in wanted.split(".")]
        pieces = [f"{piece}_" if piece in self._reserved else piece for piece in pieces]
        if any(".".join(pieces[:end]) in self._leaves for end in range(1, len(pieces))):
            pieces = ["_".join(pieces)]
        path, count = ".".join(pieces), 0
        while path in self._leaves or path in self._branches:
            count += 1
            path = ".".join([*pieces[:-1], f"{pieces[-1]}_{count}"])
        self._leaves.add(path)
        self._branches.update(".".join(pieces[:end]) for end in range(1, len(pieces)))
        return path
