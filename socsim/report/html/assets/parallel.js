// Parallel coordinates: an upright axis per column, a line per point. One path per colour keeps 20,000 lines quick.

function drawParallel() {
  const place = document.getElementById("parallel-chart");
  const columns = ofRole("axis", "objective").filter((column) => column.values.some((value) => value !== null));
  const first = ofRole("objective")[0] ?? columns[0];
  const colours = colourOf(first);
  const width = Math.max(1000, 150 * columns.length), height = 400, top = 52, bottom = 26, side = 80;
  const x = (number) => (columns.length > 1 ? side + (number / (columns.length - 1)) * (width - 2 * side) : width / 2);
  const y = (at) => height - bottom - at * (height - top - bottom);
  const chart = svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "group",
    "aria-label": `Parallel coordinates of ${data.points.rows} points; the table below has them all` });
  const lines = svg("g"), axes = svg("g");
  chart.append(lines, axes);
  const alone = data.points.rows <= 300 ? 0.75 : data.points.rows <= 3000 ? 0.35 : 0.12;

  function drawLines(rows) {
    const paths = Array.from({ length: COLOURS }, () => []);
    const best = [];
    for (const row of rows) {
      let path = "";
      columns.forEach((column, number) => {
        const value = column.values[row];
        if (value === null) return;
        path += `${path ? "L" : "M"}${x(number).toFixed(1)} ${y(scales.get(column.name).place(value)).toFixed(1)}`;
      });
      if (colours[row] !== null) paths[colours[row]].push(path);
      if (onFront.has(row)) best.push(path);
    }
    lines.replaceChildren(...paths.map((found, colour) => svg("path", { class: "line", d: found.join(""),
      style: `stroke:var(--scale-${colour});stroke-opacity:${alone}` })).reverse(),
      svg("path", { class: "line best", d: best.join(""), style: best.length > 25 ? "stroke-width:1;stroke-opacity:.55" : "" }));
  }

  columns.forEach((column, number) => {
    const scale = scales.get(column.name);
    const axis = svg("g", { class: "brushable" }, svg("path", { class: "axis", d: `M${x(number)} ${top}V${height - bottom}` }));
    const parts = column.name.length > 18 ? column.name.split(/(?<=\.)(?=[^.]*$)/) : [column.name];
    parts.forEach((part, line) => axis.append(svg("text", { x: x(number), y: 16 + 15 * line, "text-anchor": "middle",
      class: "name" }, part)));
    if (column.goal) axis.append(svg("text", { x: x(number), y: 16 + 15 * parts.length, "text-anchor": "middle" }, column.goal));
    for (const value of scale.ticks) {
      axis.append(svg("text", { x: x(number) + 6, y: y(scale.place(value)) + 4, class: "tick" }, shownValue(column, value, 3)));
    }
    const box = svg("rect", { class: "brush-box", x: x(number) - 8, width: 16, y: 0, height: 0 });
    const touch = svg("rect", { x: x(number) - 14, width: 28, y: top - 8, height: height - top - bottom + 16, class: "touch" });
    axis.append(box, titled(touch, `${title(column)}: drag to keep a part, press to keep all`));
    let from = null;
    const at = (event) => {
      const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(chart.getScreenCTM().inverse());
      return Math.min(1, Math.max(0, (height - bottom - point.y) / (height - top - bottom)));
    };
    touch.addEventListener("pointerdown", (event) => {
      from = at(event);
      touch.setPointerCapture(event.pointerId);
    });
    touch.addEventListener("pointerup", (event) => {
      if (from === null) return;
      const to = at(event), [low, high] = [Math.min(from, to), Math.max(from, to)];
      from = null;
      kept.set(column.name, high - low < 0.02 ? null : [scale.value(low), scale.value(high)]);
    });
    kept.listeners.push(() => {
      const part = kept.parts.get(column.name);
      const ends = part ? part.map((value) => scale.place(Math.min(scale.high, Math.max(scale.low, value)))) : [0, 0];
      box.setAttribute("y", y(ends[1]));
      box.setAttribute("height", part ? Math.max(3, y(ends[0]) - y(ends[1])) : 0);
    });
    axes.append(axis);
  });
  kept.listeners.push(drawLines);
  place.append(chart);
  makeBrushForm(columns);
}

function makeBrushForm(columns) {
  const byId = (id) => document.getElementById(id);
  const column = fillSelect("brush-column", columns, columns[0], () => {});
  byId("brush").addEventListener("submit", (event) => {
    event.preventDefault();
    const low = readNumber(byId("brush-from").value, column()), high = readNumber(byId("brush-to").value, column());
    if (Number.isNaN(low) || Number.isNaN(high)) {
      byId("brush-count").textContent = "Give numbers such as 8, 1.2 GHz or 3 ms.";
      return;
    }
    kept.set(column().name, low === null && high === null ? null : [low ?? -Infinity, high ?? Infinity]);
  });
  byId("brush-clear").addEventListener("click", () => {
    kept.parts.clear();
    kept.changed();
  });
}
