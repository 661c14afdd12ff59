"""The command line: one file per command; arguments -> calls -> printing, no modelling."""

from __future__ import annotations

import gc
import sys

__all__ = ["main"]

_COLLECT = (100_000, 20, 100)
"""Thresholds of Python's cyclic garbage collector: what imports and a run allocate lives to the end of the process, and
at the default of 700 objects a tenth of a command's CPU time goes into walking it."""


def main() -> None:
    """Entry point of `socsim`: exit status 0 done, 1 the run failed, 2 the input is wrong; never a traceback."""
    gc.set_threshold(*_COLLECT)
    from socsim.cli.app import app
    from socsim.errors import SocsimError

    try:
        app()
    except SocsimError as error:
        print(f"socsim: {error}", file=sys.stderr)
        sys.exit(error.exit_status)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)
    except KeyboardInterrupt:
        print("socsim: interrupted", file=sys.stderr)
        sys.exit(130)
