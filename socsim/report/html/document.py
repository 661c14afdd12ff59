"""The shell of every page: one file with its style, scripts and data, which needs no network."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from html import escape
from importlib.resources import files

from socsim.version import __version__

_FIRST_SCRIPTS = ("drawing.js",)
_LAST_SCRIPTS = ("print.js",)
_PLACEHOLDER = re.compile(r"\{\{(\w+)\}\}")


def document(
    *,
    title: str,
    heading: str,
    sections: Mapping[str, str],
    body: str,
    scripts: Sequence[str],
    data: object,
    remark: str = "",
) -> str:
    """A whole page. `title` and `remark` are text, `heading` and `body` HTML; `sections` are ids and titles of the
    parts that the navigation leads to, `scripts` names of assets, and `data` is what they find in `#data`."""
    return filled(
        asset("shell.html"),
        {
            "title": escape(title),
            "heading": heading,
            "version": escape(__version__),
            "remark": f" · {escape(remark)}" if remark else "",
            "navigation": "".join(f'<a href="#{name}">{escape(text)}</a>' for name, text in sections.items()),
            "body": body,
            "style": asset("style.css"),
            "script": "\n".join(asset(name) for name in (*_FIRST_SCRIPTS, *scripts, *_LAST_SCRIPTS)),
            "data": _json_in_html(data),
        },
    )


def filled(template: str, parts: Mapping[str, str]) -> str:
    """A template with `{{name}}` replaced by its part; what a part contains is not looked at again."""
    return _PLACEHOLDER.sub(lambda match: parts[match[1]], template)


def asset(name: str) -> str:
    """A file of the pages' assets."""
    return (files(__package__) / "assets" / name).read_text(encoding="utf-8")


def _json_in_html(data: object) -> str:
    """JSON that cannot end the script element that holds it."""
    return json.dumps(data, allow_nan=False, separators=(",", ":")).replace("<", "\\u003c")
