"""The section of the page with the resolved input."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from socsim.report.html.shown import Shown


def configuration(record: Shown) -> str:
    """The resolved input as a tree that opens."""
    return "".join(
        _tree(str(key), value, top=True)
        for key, value in record.manifest.items()
        if key not in ("roofs", "record", "mapping")
    )


def _tree(key: str, value: Any, top: bool = False) -> str:
    if isinstance(value, Mapping) and value:
        inner = "".join(_tree(str(name), item) for name, item in value.items() if name != "sources")
    elif isinstance(value, list | tuple) and any(isinstance(item, Mapping) for item in value):
        inner = "".join(
            _tree(str(item.get("name", number)) if isinstance(item, Mapping) else str(number), item)
            for number, item in enumerate(value)
        )
    else:
        return f'<div class="leaf"><code>{escape(key)}</code> {escape(short(value))}</div>'
    name = f' <span class="muted">{escape(str(value["name"]))}</span>' if top and _is_named(value) else ""
    return f"<details><summary><code>{escape(key)}</code>{name}</summary>{inner}</details>"


def _is_named(value: Any) -> bool:
    return isinstance(value, Mapping) and "name" in value


def short(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.6g}"
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {short(item)}" for key, item in value.items()) or "–"
    if isinstance(value, list | tuple):
        return ", ".join(short(item) for item in value) or "–"
    return str(value)
