// From one latency to another in steps: each bar hangs where the steps before it left off.

function drawWaterfall(place, title, steps, before, after) {
  const levels = [before];
  for (const step of steps) levels.push(levels.at(-1) + step.change_s);
  const high = Math.max(...levels, after) || 1;
  const rows = [{ name: "A", from: 0, to: before, text: si(before, "s", 4), whole: true },
    ...steps.map((step, number) => ({ name: step.name, from: levels[number], to: levels[number + 1],
      text: step.change_s ? `${step.change_s > 0 ? "+" : "−"}${si(Math.abs(step.change_s), "s", 4)}` : "±0",
      note: `${si(step.before_s, "s", 5)} → ${si(step.after_s, "s", 5)}` })),
    { name: "B", from: 0, to: after, text: si(after, "s", 4), whole: true }];
  const width = 1000, left = 330, right = 100, rowHeight = 26, bottom = 26;
  const height = rows.length * rowHeight + bottom;
  const x = (value) => left + (value / high) * (width - left - right);
  const chart = svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img",
    "aria-label": `${title}: ${rows.map((row) => `${row.name} ${row.text}`).join(", ")}` });
  for (const value of steps.length ? gridSteps(high) : []) {
    chart.append(svg("path", { class: "grid", d: `M${x(value)} 0V${height - bottom}` }),
      svg("text", { x: x(value), y: height - 8, "text-anchor": "middle" }, si(value, "s")));
  }
  rows.forEach((row, number) => {
    const y = number * rowHeight;
    const name = row.name.length > 42 ? `…${row.name.slice(-41)}` : row.name;
    const longer = row.to > row.from;
    const kind = row.whole ? "whole" : longer ? "longer" : "shorter";
    const line = svg("g", {}, svg("text", { x: left - 10, y: y + 17, "text-anchor": "end", class: "name" }, name),
      svg("rect", { class: `step ${kind}`, y: y + 4, height: rowHeight - 8, x: x(Math.min(row.from, row.to)).toFixed(2),
        width: Math.max(1, Math.abs(x(row.to) - x(row.from))).toFixed(2) }),
      svg("text", { x: x(Math.max(row.from, row.to)) + 6, y: y + 17, class: "name" }, row.text));
    chart.append(titled(line, `${row.name}: ${row.note ? `${row.note}, ` : ""}${row.text}`));
    if (number < rows.length - 1) {
      chart.append(svg("path", { class: "link", d: `M${x(row.to)} ${y + rowHeight - 4}V${y + rowHeight + 4}` }));
    }
  });
  place.append(chart);
}

const gridSteps = (high) => steps(high, 6);
