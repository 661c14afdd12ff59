"""Does any damaged hardware file end in a clear error, never in a traceback?"""

from __future__ import annotations

from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from socsim.errors import InputError
from tests.hardware_text import SMALL, load_text

_PIECES = st.sampled_from(
    ["[", "]", "{", "}", ":", "- ", "? ", "*a", "&a ", "!!x ", "|", ">", "'", '"', "#", "\t", "\n", "<<: ", "---\n",
     "~", "null", "true", "-1", "0", "1e99", ".inf", ".nan", "9" * 50, "2001-01-01", "name", "sources", "like",
     "remove", "extends", " GHz", "\x00", "é", "units"]
)  # fmt: skip
_edits = st.lists(
    st.tuples(st.integers(0, len(SMALL)), st.integers(0, 12), st.one_of(_PIECES, st.text(max_size=4))),
    min_size=1,
    max_size=4,
)


@settings(max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_edits)
def test_a_damaged_file_loads_or_is_refused_in_words(tmp_path: Path, edits: list[tuple[int, int, str]]) -> None:
    text = SMALL
    for at, removed, inserted in edits:
        text = text[:at] + inserted + text[at + removed :]
    try:
        load_text(tmp_path, text.encode("utf-8", "replace").decode("utf-8"))
    except InputError as error:
        message = str(error)
    else:
        message = "loaded"
    assert message


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.sampled_from(["units", "cpu", "links", "bus", "dram", "channels", "sources", "clock", "*", "", "0"]),
             min_size=1, max_size=4),
    st.one_of(_PIECES, st.text(max_size=6)),
)  # fmt: skip
def test_a_wild_option_is_taken_or_refused_in_words(tmp_path: Path, path: list[str], value: str) -> None:
    try:
        load_text(tmp_path, SMALL, ".".join(path) + "=" + value)
    except InputError as error:
        message = str(error)
    else:
        message = "loaded"
    assert message
