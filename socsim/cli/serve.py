"""`socsim serve DIR`: pages of runs, studies and boards in a browser, on this machine only, read-only."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer


def serve(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="a folder of runs, studies or a board")],
    port: Annotated[int, typer.Option(min=0, max=65535, help="of 127.0.0.1; 0: a free one")] = 8000,
) -> None:
    """Show a folder in a browser: read-only, reachable from this machine alone."""
    from socsim.report.server import HOST, make_server

    server = make_server(folder, port)
    print(f"http://{HOST}:{server.server_address[1]}/  (Ctrl-C ends it)", file=sys.stderr, flush=True)
    try:
        server.serve_forever()
    finally:
        server.server_close()
