"""Does the server show the folder and nothing else, to this machine and nobody else?"""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from socsim.errors import ConfigError, OutputError
from socsim.report.server import make_server


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    root = tmp_path / "root"
    (root / "sub").mkdir(parents=True)
    (root / "board.html").write_text("<p>board</p>")
    (root / "sub" / "a b.txt").write_text("text")
    (root / ".lock").write_text("hidden")
    (tmp_path / "secret.txt").write_text("secret")
    (root / "link.txt").symlink_to(tmp_path / "secret.txt")
    server = make_server(root, 0)
    assert server.server_address[0] == "127.0.0.1"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield int(server.server_address[1])
    server.shutdown()
    thread.join()
    server.server_close()


def ask(port: int, path: str, method: str = "GET", host: str = "localhost:1") -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.putrequest(method, path, skip_host=True)
    connection.putheader("Host", host)
    connection.endheaders()
    response = connection.getresponse()
    body = response.read().decode(errors="replace")
    connection.close()
    return response.status, body


def test_are_pages_and_lists_shown(port: int) -> None:
    assert ask(port, "/board.html") == (200, "<p>board</p>")
    assert ask(port, "/sub/a%20b.txt") == (200, "text")
    status, page = ask(port, "/")
    assert status == 200
    assert 'href="/board.html"' in page
    assert ".lock" not in page
    assert 'href="/sub/a%20b.txt"' in ask(port, "/sub")[1]
    assert ask(port, "/board.html", "HEAD") == (200, "")


@pytest.mark.parametrize(
    "path",
    ["/../secret.txt", "/..%2fsecret.txt", "/%2e%2e/secret.txt", "/sub/../../secret.txt", "/link.txt", "/.lock",
     "/sub/%2e%2e/%2e%2e/secret.txt", "//etc/passwd", "/..\\secret.txt", "/board.html%00.txt", "/nothing"],
)  # fmt: skip
def test_is_nothing_outside_or_hidden_shown(port: int, path: str) -> None:
    status, body = ask(port, path)
    assert status == 404
    assert "secret" not in body.replace(path, "")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_is_every_other_method_refused(port: int, method: str) -> None:
    assert ask(port, "/board.html", method)[0] == 501


def test_does_it_answer_to_its_local_name_only(port: int) -> None:
    assert ask(port, "/board.html", host="evil.example:80")[0] == 403
    assert ask(port, "/board.html", host="")[0] == 403
    assert ask(port, "/board.html", host=f"127.0.0.1:{port}")[0] == 200


def test_are_wrong_folders_and_taken_ports_errors(port: int, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such folder"):
        make_server(tmp_path / "none", 0)
    with pytest.raises(OutputError, match="choose another with --port"):
        make_server(tmp_path, port)
