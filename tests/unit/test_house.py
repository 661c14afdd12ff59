"""Does the house stay tidy: small files, a purpose for every folder, no machine's paths, sources for numbers?"""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted((ROOT / "socsim").rglob("*.py"))
MOST_LINES = 500


def test_no_file_is_longer_than_five_hundred_lines() -> None:
    lengths = {path.relative_to(ROOT): len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES}
    assert {path: lines for path, lines in lengths.items() if lines > MOST_LINES} == {}


def test_half_of_the_files_are_shorter_than_two_hundred_lines() -> None:
    lengths = sorted(len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES)
    assert lengths[len(lengths) // 2] < 200


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_module_says_what_it_is_for(path: Path) -> None:
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    assert docstring
    assert docstring.splitlines()[0].strip()


def test_no_file_names_a_path_of_some_machine() -> None:
    pattern = re.compile(r"(?<![\w.])/(?:work|root|home)/\w")
    folders = ("socsim", "scripts", "hw_configs", "tests")
    files = [path for folder in folders for path in (ROOT / folder).rglob("*") if path.is_file()]
    texts = [path for path in files if path.suffix in ("", ".py", ".yaml", ".md", ".sh", ".mjs")]
    offenders = [str(path.relative_to(ROOT)) for path in texts if pattern.search(path.read_text(errors="ignore"))]
    assert [path for path in offenders if "__pycache__" not in path] == []
