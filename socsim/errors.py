"""What can go wrong, in the user's words.

Every error that a user can cause derives from `SocsimError`; the command line prints its text and exits with
`exit_status`. Exceptions take positional arguments only, because SimPy rebuilds them as `type(e)(*e.args)`.
"""

from __future__ import annotations

from collections.abc import Iterable


class SocsimError(Exception):
    """Base of all errors that socsim raises on purpose; `str(error)` is the whole message for the user."""

    exit_status = 1


class InputError(SocsimError):
    """The input is wrong: nothing was computed and nothing was written."""

    exit_status = 2


class ConfigError(InputError):
    """A hardware, scenario or sweep file, or an option, is wrong.

    `where` is `file:line:column` or the name of the option, `what` says what is wrong and what would be right.
    Several errors of one file are raised together as `ConfigFileError`.
    """

    def __init__(self, where: str, what: str) -> None:
        super().__init__(where, what)
        self.where = where
        self.what = what

    def __str__(self) -> str:
        return f"{self.where}: {self.what}" if self.where else self.what


class ConfigFileError(InputError):
    """All errors found in one input, one line each."""

    def __init__(self, errors: tuple[ConfigError, ...]) -> None:
        super().__init__(errors)
        self.errors = errors

    def __str__(self) -> str:
        return "\n".join(str(error) for error in self.errors)


def in_order(problems: Iterable[ConfigError]) -> tuple[ConfigError, ...]:
    """By file, line and column, so that a reader walks each file once from top to bottom; doubles dropped."""

    def place(error: ConfigError) -> tuple[str, int, int]:
        file, _, column = error.where.rpartition(":")
        file, _, line = file.rpartition(":")
        return (file, int(line), int(column)) if line.isdecimal() and column.isdecimal() else (error.where, 0, 0)

    return tuple(sorted({str(error): error for error in problems}.values(), key=place))


class WorkloadError(InputError):
    """A workload file or a model cannot be turned into a valid workload."""

    def __init__(self, where: str, what: str) -> None:
        super().__init__(where, what)
        self.where = where
        self.what = what

    def __str__(self) -> str:
        return f"{self.where}: {self.what}" if self.where else self.what


class MappingError(InputError):
    """A valid workload cannot be placed on this hardware (no unit supports an operation, memory too small)."""


class OutputError(InputError):
    """A result cannot be written where the user wants it."""


class DeadlockError(SocsimError):
    """The calendar ran dry with tasks left; the message names the tasks that wait and what they wait for."""


class ModelError(SocsimError):
    """A component of the model broke its contract: our bug or a plug-in's, not the user's."""
