// Roofline: rate over arithmetic intensity, both logarithmic.

function drawRoofline(data, operations, choose) {
  const place = document.getElementById("roofline-chart");
  place.replaceChildren();
  const shown = operations.filter((operation) => operation.flop > 0 && operation.flop_per_s > 0);
  if (!shown.length) {
    place.textContent = "No operation did any arithmetic.";
    return;
  }
  const width = 1000, height = 460, left = 100, right = 20, top = 36, bottom = 48;
  const bandwidth = data.dram_peak_bytes_per_s;
  const intensity = (operation) => operation.flop / operation.dram_bytes;
  const known = shown.filter((operation) => operation.dram_bytes > 0).map(intensity);
  const ridges = data.roofs.map((roof) => roof.flop_per_s / bandwidth);
  const lowX = Math.min(...known, ...ridges, 1) / 2, highX = Math.max(...known, ...ridges, 10) * 3;
  const rates = shown.map((operation) => operation.flop_per_s);
  const highY = Math.max(...rates, ...data.roofs.map((roof) => roof.flop_per_s)) * 2;
  const lowY = Math.max(Math.min(...rates) / 2, highY / 1e7);
  const log = (value, low, high) => Math.log(value / low) / Math.log(high / low);
  const x = (value) => left + log(value, lowX, highX) * (width - left - right);
  const y = (value) => height - bottom - log(value, lowY, highY) * (height - top - bottom);

  const chart = svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "group",
    "aria-label": `Roofline of ${shown.length} operations; the table below has their numbers` });
  for (const value of powersOfTen(lowX, highX)) {
    chart.append(svg("path", { class: "grid", d: `M${x(value)} ${top}V${height - bottom}` }),
      svg("text", { x: x(value), y: height - bottom + 18, "text-anchor": "middle" }, String(value)));
  }
  for (const value of powersOfTen(lowY, highY)) {
    chart.append(svg("path", { class: "grid", d: `M${left} ${y(value)}H${width - right}` }),
      svg("text", { x: left - 6, y: y(value) + 4, "text-anchor": "end" }, si(value, "FLOP/s")));
  }
  chart.append(svg("text", { x: (left + width) / 2, y: height - 8, "text-anchor": "middle" }, "FLOP per byte of DRAM traffic"));

  const tallest = Math.max(...data.roofs.map((roof) => roof.flop_per_s), ...rates);
  const diagonalEnd = Math.min(highX, tallest / bandwidth), diagonalStart = Math.max(lowX, lowY / bandwidth);
  chart.append(svg("path", { class: "roof",
    d: `M${x(diagonalStart)} ${y(diagonalStart * bandwidth)}L${x(diagonalEnd)} ${y(diagonalEnd * bandwidth)}` }));
  const labels = [];
  for (const roof of data.roofs) {
    const from = Math.max(lowX, roof.flop_per_s / bandwidth);
    chart.append(svg("path", { class: "roof", d: `M${x(from)} ${y(roof.flop_per_s)}H${width - right}` }));
    labels.push({ x: width - right - 4, y: y(roof.flop_per_s) - 5, anchor: "end",
      text: `${roof.unit} ${roof.precision}: ${si(roof.flop_per_s, "FLOP/s")}` });
  }
  const total = shown.reduce((sum, operation) => sum + operation.time_s, 0);
  const marks = [];
  for (const operation of [...shown].sort((a, b) => b.time_s - a.time_s)) {
    const value = operation.dram_bytes > 0 ? intensity(operation) : highX;
    const mark = svg("circle", { class: "mark", tabindex: marks.length ? -1 : 0, role: "button", r: 3.5 + 18 * Math.sqrt(operation.time_s / total),
      cx: Math.min(x(value), width - right), cy: y(Math.max(operation.flop_per_s, lowY)),
      style: `fill:var(--${operation.bound_by})` });
    const text = `${operation.name} (${operation.unit}${operation.phase === "run" ? "" : ", " + operation.phase})\n` +
      `${si(operation.flop_per_s, "FLOP/s")}, ${operation.dram_bytes > 0 ? value.toPrecision(3) + " FLOP/B" : "no DRAM traffic"}\n` +
      `${si(operation.time_s, "s")} in ${operation.count} runs, bound by ${operation.bound_by}`;
    titled(mark, text).setAttribute("aria-label", text);
    mark.addEventListener("click", () => choose(operation));
    mark.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === " ") {
        event.preventDefault();
        choose(operation);
      }
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (step) {  // one stop of the Tab key for all marks; arrows go from one to the next, the longest first
        event.preventDefault();
        const next = marks[(marks.indexOf(mark) + step + marks.length) % marks.length];
        mark.setAttribute("tabindex", -1);
        next.setAttribute("tabindex", 0);
        next.focus();
      }
    });
    marks.push(mark);
    chart.append(mark);
  }
  const middle = Math.sqrt(diagonalStart * diagonalEnd);
  const slope = Math.atan2(y(middle * 2 * bandwidth) - y(middle * bandwidth), x(middle * 2) - x(middle)) * 180 / Math.PI;
  chart.append(svg("text", { class: "roof-label", "text-anchor": "middle",
    transform: `translate(${x(middle)} ${y(middle * bandwidth) - 7}) rotate(${slope})` }, `DRAM ${si(bandwidth, "B/s")}`));
  // Roofs close to each other: labels go up, the lowest roof's first.
  labels.sort((a, b) => b.y - a.y);
  labels.forEach((label, number) => {
    if (number) label.y = Math.min(label.y, labels[number - 1].y - 14);
    chart.append(svg("text", { class: "roof-label", x: label.x, y: label.y, "text-anchor": label.anchor }, label.text));
  });
  place.append(chart);
  const causes = [...new Set(shown.map((operation) => operation.bound_by))];
  document.getElementById("roofline-legend").replaceChildren(
    ...causes.map((cause) => legendEntry(`var(--${cause})`, `bound by ${cause}`)));
}
