"""Tracks of tiles: what copy engines load and store while a unit computes."""

from __future__ import annotations

import numpy as np

from socsim.report.perfetto.builder import PS_PER_NS, TraceBuilder
from socsim.report.perfetto.lanes import assign_lanes
from socsim.report.perfetto.task_slices import task_names
from socsim.result.record import RunRecord
from socsim.result.tile_spans import KIND_NAMES


def write_tile_tracks(builder: TraceBuilder, parent: int, record: RunRecord) -> None:
    """Per unit a track (or as many as overlap needs) each for loads, computation and stores; slices are named like
    the task whose tile it is."""
    tiles = record.tiles
    if tiles is None or not len(tiles):
        return
    names = task_names(builder, record.tasks)
    codes = record.tasks.unit.codes[tiles.row]
    for unit in record.units:
        of_unit = codes == record.tasks.unit.code(unit)
        for kind, word in enumerate(KIND_NAMES):
            rows = np.flatnonzero(of_unit & (tiles.kind == kind))
            begin, end = tiles.begin_ps[rows] // PS_PER_NS, tiles.end_ps[rows] // PS_PER_NS
            order = np.lexsort((tiles.tile[rows], begin))
            rows, begin, end = rows[order], begin[order], end[order]
            shown = end > begin
            rows, begin, end = rows[shown], begin[shown], end[shown]
            if not len(rows):
                continue
            lanes = assign_lanes(begin, end)
            title = f"{unit} tiles, {word}"
            tracks = np.array(
                [
                    builder.track(parent, title if lane == 0 else f"{title} {lane + 1}")
                    for lane in range(int(lanes.max()) + 1)
                ]
            )
            by_lane = np.argsort(lanes, kind="stable")
            chosen = names[tiles.row[rows[by_lane]]]
            builder.intervals(begin[by_lane], end[by_lane], tracks[lanes[by_lane]], chosen, f"tile {word}")
