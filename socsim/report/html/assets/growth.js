// The hypervolume below the reference point, after so many points of a search.

function drawGrowth(growth) {
  const place = document.getElementById("growth-chart");
  const width = 1000, height = 260, left = 90, right = 30, top = 16, bottom = 44;
  const last = growth.at(-1)[0], high = Math.max(...growth.map(([, volume]) => volume)) * 1.05 || 1;
  const x = (points) => left + (points / last) * (width - left - right);
  const y = (volume) => height - bottom - (volume / high) * (height - top - bottom);
  const chart = svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img",
    "aria-label": `Hypervolume ${growth.map(([points, volume]) => `${volume.toPrecision(3)} after ${points}`).join(", ")}` });
  for (const value of steps(high, 4)) {
    chart.append(svg("path", { class: "grid", d: `M${left} ${y(value)}H${width - right}` }),
      svg("text", { x: left - 8, y: y(value) + 4, "text-anchor": "end" }, String(Number(value.toPrecision(3)))));
  }
  for (const value of steps(last, 6)) {
    chart.append(svg("text", { x: x(value), y: height - bottom + 18, "text-anchor": "middle" }, String(value)));
  }
  let path = `M${x(0)} ${y(0)}`;
  for (const [points, volume] of growth) path += `H${x(points).toFixed(1)}V${y(volume).toFixed(1)}`;
  chart.append(svg("path", { class: "growth", d: path }));
  for (const [points, volume] of growth) {
    chart.append(titled(svg("circle", { class: "growth-mark", cx: x(points), cy: y(volume), r: 4 }),
      `${volume.toPrecision(5)} after ${points} points`));
  }
  chart.append(svg("text", { x: (left + width) / 2, y: height - 6, "text-anchor": "middle", class: "name" }, "points"));
  place.append(chart);
}
