"""The command line: one file per command; arguments -> calls -> printing, no modelling."""

from __future__ import annotations

import sys

__all__ = ["main"]


def main() -> None:
    """Entry point of `socsim`: exit status 0 done, 1 the run failed, 2 the input is wrong; never a traceback."""
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
