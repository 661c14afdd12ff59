"""The columns of a run as pandas data frames, for notebooks; nothing else in socsim needs pandas."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

import numpy as np

from socsim.result.columns import ListColumn, TextColumn

if TYPE_CHECKING:
    import pandas as pd

    from socsim.result.record import RunRecord
    from socsim.result.run_result import RunResult


def task_frame(run: RunResult | RunRecord) -> pd.DataFrame:
    """One row per executed task, in the order in which the bodies ended; `gate` and `predecessors` refer to the index.

    Columns are those of `TaskColumns`; text is categorical.
    """
    import pandas as pd

    tasks = _record(run).tasks
    data: dict[str, object] = {}
    for field in fields(tasks):
        column = getattr(tasks, field.name)
        if isinstance(column, TextColumn):
            data[field.name] = pd.Categorical.from_codes(column.codes, pd.Index(column.values))
        elif isinstance(column, ListColumn):
            data[field.name] = pd.Series([column[row] for row in range(len(column))], dtype=object)
        else:
            data[field.name] = column
    return pd.DataFrame(data)


def counter_frame(run: RunResult | RunRecord) -> pd.DataFrame:
    """One row per change of a counter: `name`, `unit`, `kind`, `time_ps`, `value`."""
    import pandas as pd

    series = _record(run).series
    lengths = [len(item.time_ps) for item in series]
    codes = np.repeat(np.arange(len(series)), lengths)
    data: dict[str, object] = {
        attribute: pd.Series(pd.Categorical([getattr(item, attribute) for item in series]).take(codes))
        for attribute in ("name", "unit", "kind")
    }
    data["time_ps"] = np.concatenate([item.time_ps for item in series]) if series else np.empty(0, np.int64)
    data["value"] = np.concatenate([item.value for item in series]) if series else np.empty(0)
    return pd.DataFrame(data)


def _record(run: RunResult | RunRecord) -> RunRecord:
    from socsim.result.record import RunRecord

    return run if isinstance(run, RunRecord) else run.record
