"""A plain table as HTML."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape


def table(headings: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Rows of text under headings; the first cell of a row names it."""
    head = "".join(f'<th scope="col">{escape(text)}</th>' for text in headings)
    body = "".join(
        "<tr>"
        + "".join(
            f'<th scope="row">{escape(text)}</th>' if place == 0 else f"<td>{escape(text)}</td>"
            for place, text in enumerate(row)
        )
        + "</tr>"
        for row in rows
    )
    return f'<div class="scroll"><table class="plain"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
