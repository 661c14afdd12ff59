// Two quantities against each other, with the Pareto front ringed.

function drawScatter(choose) {
  const place = document.getElementById("scatter-chart");
  const columns = data.points.columns.filter((column) => column.values.some((value) => value !== null));
  const objectives = ofRole("objective"), shown = data.points.shown;
  let rows = [];
  const redraw = () => draw();
  const across = fillSelect("scatter-x", columns, columnOf(shown.x) ?? objectives[0], redraw);
  const up = fillSelect("scatter-y", columns, columnOf(shown.y) ?? objectives[1] ?? columns[0], redraw);
  const colour = fillSelect("scatter-colour", columns, columnOf(shown.colour) ?? ofRole("axis")[0], redraw);
  document.getElementById("scatter-form").addEventListener("submit", (event) => event.preventDefault());

  function draw() {
    const width = 1000, height = 460, left = 100, right = 30, top = 20, bottom = 52;
    const columnX = across(), columnY = up(), columnColour = colour();
    const scaleX = scales.get(columnX.name), scaleY = scales.get(columnY.name);
    const x = (value) => left + (0.02 + 0.96 * scaleX.place(value)) * (width - left - right);
    const y = (value) => height - bottom - (0.03 + 0.94 * scaleY.place(value)) * (height - top - bottom);
    const found = rows.filter((row) => columnX.values[row] !== null && columnY.values[row] !== null);
    const chart = svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img",
      "aria-label": `${title(columnY)} against ${title(columnX)}, ${found.length} points` });
    for (const value of scaleX.ticks) {
      chart.append(svg("path", { class: "grid", d: `M${x(value)} ${top}V${height - bottom}` }),
        svg("text", { x: x(value), y: height - bottom + 18, "text-anchor": "middle" }, shownValue(columnX, value, 3)));
    }
    for (const value of scaleY.ticks) {
      chart.append(svg("path", { class: "grid", d: `M${left} ${y(value)}H${width - right}` }),
        svg("text", { x: left - 8, y: y(value) + 4, "text-anchor": "end" }, shownValue(columnY, value, 3)));
    }
    chart.append(svg("text", { x: (left + width) / 2, y: height - 8, "text-anchor": "middle", class: "name" },
      title(columnX)), svg("text", { transform: `translate(16 ${(height - bottom + top) / 2}) rotate(-90)`,
      "text-anchor": "middle", class: "name" }, title(columnY)));
    if (data.points.shown.diagonal && columnX.name === shown.x && columnY.name === shown.y) {
      const low = Math.max(scaleX.low, scaleY.low), high = Math.min(scaleX.high, scaleY.high);
      if (low < high) chart.append(svg("path", { class: "peak", d: `M${x(low)} ${y(low)}L${x(high)} ${y(high)}` }));
    }
    const colours = colourOf(columnColour);
    const dots = Array.from({ length: COLOURS }, () => "");
    for (const row of found) {
      dots[colours[row] ?? COLOURS - 1] += `M${x(columnX.values[row]).toFixed(1)} ${y(columnY.values[row]).toFixed(1)}h0`;
    }
    const size = found.length > 3000 ? 4 : found.length > 300 ? 6 : 9;
    dots.forEach((d, number) => chart.append(svg("path", { class: "dots", d, "stroke-width": size,
      style: `stroke:var(--scale-${number})` })));
    for (const row of found) {
      if (onFront.has(row)) {
        chart.append(svg("circle", { class: "ring", cx: x(columnX.values[row]), cy: y(columnY.values[row]), r: size / 2 + 3 }));
      }
    }
    chart.addEventListener("click", (event) => {
      const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(chart.getScreenCTM().inverse());
      let best = null, distance = 400;
      for (const row of found) {
        const away = (x(columnX.values[row]) - point.x) ** 2 + (y(columnY.values[row]) - point.y) ** 2;
        if (away < distance) [best, distance] = [row, away];
      }
      if (best !== null) choose(best);
    });
    place.replaceChildren(chart);
  }
  kept.listeners.push((found) => {
    rows = found;
    draw();
  });
}
