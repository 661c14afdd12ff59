"""A folder of pages on this machine: read-only, local, the standard library's server and nothing else."""

from __future__ import annotations

from functools import partial
from html import escape
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote, unquote, urlsplit

from socsim.errors import ConfigError, OutputError

HOST = "127.0.0.1"
_LOCAL_NAMES = ("127.0.0.1", "localhost", "[::1]")
_POLICY = "default-src 'self' 'unsafe-inline'; img-src 'self' data:"


def make_server(folder: str | Path, port: int) -> ThreadingHTTPServer:
    """A server of a folder on 127.0.0.1, not yet running; port 0 takes a free one. `ConfigError` where there is no such
    folder, `OutputError` where the port is taken."""
    root = Path(folder)
    if not root.is_dir():
        raise ConfigError(str(folder), "no such folder")
    try:
        return ThreadingHTTPServer((HOST, port), partial(_Handler, root=root.resolve()))
    except OSError as error:
        raise OutputError(f"port {port} cannot be used: {error.strerror}; choose another with --port") from None


class _Handler(SimpleHTTPRequestHandler):
    """GET and HEAD of files below `root`, and lists of folders. Nothing outside, nothing hidden, no other method."""

    server_version = "socsim"
    sys_version = ""

    def __init__(self, *args: object, root: Path) -> None:
        self._root = root
        super().__init__(*args, directory=str(root))  # type: ignore[arg-type]

    def send_head(self) -> BytesIO | BinaryIO | None:
        """Both methods come here: decide on the resolved path before anything is opened."""
        if self.headers.get("Host", "").rpartition(":")[0] not in _LOCAL_NAMES:
            self.send_error(HTTPStatus.FORBIDDEN, "this server answers to its local name only")
            return None
        path = self._resolved()
        if path is None:
            self.send_error(HTTPStatus.NOT_FOUND, "no such file")
            return None
        return self._list(path) if path.is_dir() else self._file(path)

    def end_headers(self) -> None:
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Content-Security-Policy", _POLICY)
        super().end_headers()

    def log_message(self, *_: object) -> None:
        """Requests are nobody's business."""

    def _resolved(self) -> Path | None:
        """The file of the request, links followed; None where it is outside, hidden or not there."""
        parts = [part for part in unquote(urlsplit(self.path).path).split("/") if part]
        if any(part.startswith(".") or "\\" in part or "\0" in part for part in parts):
            return None
        try:
            path = self._root.joinpath(*parts).resolve(strict=True)
        except (OSError, RuntimeError, ValueError):
            return None
        inside = path == self._root or self._root in path.parents
        return path if inside and (path.is_file() or path.is_dir()) else None

    def _file(self, path: Path) -> BinaryIO | None:
        try:
            file = path.open("rb")  # the base class closes it
        except OSError:
            self.send_error(HTTPStatus.NOT_FOUND, "no such file")
            return None
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Content-Length", str(path.stat().st_size))
        self.end_headers()
        return file

    def _list(self, path: Path) -> BytesIO:
        entries = sorted(path.iterdir(), key=lambda item: (item.suffix != ".html", not item.is_dir(), item.name))
        base = "/" + "/".join(quote(part) for part in path.relative_to(self._root).parts)
        links = []
        for entry in entries:
            if not entry.name.startswith("."):
                name = entry.name + ("/" if entry.is_dir() else "")
                links.append(f'<li><a href="{base.rstrip("/")}/{quote(entry.name)}">{escape(name)}</a></li>')
        title = escape(path.name or "socsim")
        page = (
            f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>'
            "<style>:root{color-scheme:light dark}body{font:16px/1.6 system-ui;margin:2em}</style>"
            f"<h1>{title}</h1><ul>{''.join(links)}</ul></html>"
        ).encode()
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        return BytesIO(page)
