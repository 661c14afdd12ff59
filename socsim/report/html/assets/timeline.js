// What each lane of each unit did, over the whole run.

const NUM_KIND_COLOURS = 8;

function drawTimeline(timeline) {
  const place = document.getElementById("timeline-chart");
  if (!timeline.lanes.length) {
    place.textContent = "Nothing ran.";
    return;
  }
  const colour = (kind) => `var(--kind-${Math.min(kind, NUM_KIND_COLOURS - 1)})`;
  const width = 1000, laneHeight = 26, left = 110, right = 34, bottom = 26;
  const height = (timeline.lanes.length + 1) * laneHeight + bottom;
  const x = (seconds) => left + (seconds / timeline.end_s) * (width - left - right);
  const chart = svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img",
    "aria-label": `Timeline of ${timeline.lanes.length} lanes over ${si(timeline.end_s, "s")}` });
  for (const seconds of steps(timeline.end_s, 8)) {
    chart.append(svg("path", { class: "grid", d: `M${x(seconds)} 0V${height - bottom}` }),
      svg("text", { x: x(seconds), y: height - 8, "text-anchor": "middle" }, si(seconds, "s")));
  }
  timeline.lanes.forEach((lane, row) => {
    const y = row * laneHeight + 3;
    chart.append(svg("text", { x: left - 8, y: y + 14, "text-anchor": "end", style: "fill:var(--text)" }, lane.name));
    for (const [begin, end, kind, load, name] of lane.pieces) {
      const tall = Math.max(2, load * (laneHeight - 6));
      const piece = svg("rect", { x: x(begin).toFixed(2), width: Math.max(0.4, x(end) - x(begin)).toFixed(2),
        y: y + laneHeight - 6 - tall, height: tall, style: `fill:${colour(kind)}` });
      chart.append(titled(piece, `${name || timeline.kinds[kind]} ${si(begin, "s", 5)} – ${si(end, "s", 5)}` +
        (name ? ` (${timeline.kinds[kind]})` : `, ${percent(load, 0)} busy`)));
    }
  });
  const y = timeline.lanes.length * laneHeight + 3;
  chart.append(svg("text", { x: left - 8, y: y + 14, "text-anchor": "end", style: "fill:var(--text)" }, "bound by"));
  for (const [begin, end, cause] of timeline.path) {
    chart.append(titled(svg("rect", { x: x(begin).toFixed(2), width: Math.max(0.4, x(end) - x(begin)).toFixed(2),
      y: y + 2, height: laneHeight - 10, style: `fill:var(--${cause})` }),
      `bound by ${cause} ${si(begin, "s", 5)} – ${si(end, "s", 5)}`));
  }
  place.append(chart);
  document.getElementById("timeline-note").textContent =
    (timeline.exact ? "Every task." : "Colour: what took most of each window; height: how busy the lane was.") +
    " The last row is the critical path in the colours of its causes." +
    (timeline.lanes_left_out ? ` ${timeline.lanes_left_out} more lanes are in the trace.` : "");
  const others = timeline.kinds.slice(NUM_KIND_COLOURS - 1);
  document.getElementById("timeline-legend").append(
    ...timeline.kinds.slice(0, NUM_KIND_COLOURS - 1).map((kind, number) => legendEntry(colour(number), kind)),
    ...(others.length ? [legendEntry(colour(NUM_KIND_COLOURS - 1), others.join(", "))] : []));
}
