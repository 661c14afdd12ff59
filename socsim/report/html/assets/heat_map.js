// A quantity over two axes; over all others the best, the mean or the worst.

const MOST_CELLS = 24;

function drawHeatMap() {
  const place = document.getElementById("heat-chart");
  const varied = data.points.columns.filter((column) => column.role === "axis" && scales.get(column.name).distinct.length > 1);
  const section = document.getElementById("heat");
  const values = ofRole("objective", "figure").filter((column) => !column.categories);
  if (!varied.length || !values.length) {
    section.hidden = true;
    return;
  }
  let rows = [];
  const redraw = () => draw();
  const across = fillSelect("heat-x", varied, varied[0], redraw);
  const down = fillSelect("heat-y", varied, varied[1] ?? varied[0], redraw);
  const what = fillSelect("heat-value", values, columnOf(data.points.shown.heat) ?? values[0], redraw);
  const over = document.getElementById("heat-over");
  over.addEventListener("change", redraw);
  document.getElementById("heat-form").addEventListener("submit", (event) => event.preventDefault());

  // Values of an axis: each its own cell, or equal parts of its range where there are many.
  function cellsOf(column) {
    const { distinct, place: at, value } = scales.get(column.name);
    if (distinct.length <= MOST_CELLS) {
      return { names: distinct.map((item) => shownValue(column, item, 3)), cell: (item) => distinct.indexOf(item) };
    }
    const count = 16;
    return { names: Array.from({ length: count }, (_, number) => shownValue(column, value((number + 0.5) / count), 3)),
      cell: (item) => Math.min(count - 1, Math.floor(at(item) * count)) };
  }

  function draw() {
    const columnX = across(), columnY = down(), column = what();
    const cellsX = cellsOf(columnX), cellsY = cellsOf(columnY);
    const groups = new Map();
    for (const row of rows) {
      if (column.values[row] === null || columnX.values[row] === null || columnY.values[row] === null) continue;
      const key = cellsY.cell(columnY.values[row]) * cellsX.names.length + cellsX.cell(columnX.values[row]);
      if (!groups.has(key)) groups.set(key, []);
      groups.get(key).push(column.values[row]);
    }
    const least = column.goal !== "max";
    const reduce = { best: (list) => list.reduce((a, b) => (least ? Math.min(a, b) : Math.max(a, b))),
      worst: (list) => list.reduce((a, b) => (least ? Math.max(a, b) : Math.min(a, b))),
      mean: (list) => list.reduce((a, b) => a + b, 0) / list.length }[over.value];
    const found = [...groups].map(([key, list]) => [key, reduce(list), list.length]);
    const colours = colourOf({ values: found.map(([, value]) => value), goal: column.goal });
    const left = 120, top = 8, cellHeight = 34, bottom = 52, width = 1000;
    const cellWidth = Math.min(150, (width - left - 10) / cellsX.names.length);
    const height = top + cellsY.names.length * cellHeight + bottom;
    const chart = svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img",
      "aria-label": `${over.value} ${column.name} by ${columnX.name} and ${columnY.name}` });
    cellsX.names.forEach((name, number) => chart.append(svg("text", { x: left + (number + 0.5) * cellWidth,
      y: height - bottom + 18, "text-anchor": "middle", class: cellWidth < 50 ? "tick" : "" }, name)));
    cellsY.names.forEach((name, number) => chart.append(svg("text", { x: left - 8, y: top + (number + 0.5) * cellHeight + 4,
      "text-anchor": "end" }, name)));
    found.forEach(([key, value, count], number) => {
      const x = left + (key % cellsX.names.length) * cellWidth, y = top + Math.floor(key / cellsX.names.length) * cellHeight;
      const text = shownValue(column, value, 3);
      const cell = svg("g", {}, svg("rect", { x: x + 1, y: y + 1, width: cellWidth - 2, height: cellHeight - 2, rx: 3,
        style: `fill:var(--scale-${colours[number]})` }));
      if (cellWidth > 48) cell.append(svg("text", { x: x + cellWidth / 2, y: y + cellHeight / 2 + 4, "text-anchor": "middle",
        class: colours[number] < COLOURS / 2 ? "on-strong" : "on-weak" }, text));
      chart.append(titled(cell, `${column.name} ${text} (${over.value} of ${count})`));
    });
    chart.append(svg("text", { x: left + (cellsX.names.length * cellWidth) / 2, y: height - 8, "text-anchor": "middle",
      class: "name" }, `${columnX.name}; down: ${columnY.name}; colour: ${over.value} ${column.name}`));
    place.replaceChildren(chart);
  }
  kept.listeners.push((found) => {
    rows = found;
    draw();
  });
}
