const data = JSON.parse(document.getElementById("data").textContent);
for (const o of data.operations) {
  o.title = o.phase === "run" ? o.name : `${o.name} (${o.phase})`;
  o.measured_as = o.operators.map((name) => name.replace(/^aten::/, "")).join(", ");
  o.away = o.error === null ? null : Math.abs(Math.log(o.error + 1));
}
function errorText(error) {
  if (error === null) return "–";
  const ratio = error + 1, whole = (value) => Math.round(value).toLocaleString("en");
  if (ratio > 10) return `× ${whole(ratio)}`;
  if (ratio < 0.1) return ratio ? `÷ ${whole(1 / ratio)}` : "0";
  return `${error > 0 ? "+" : "−"}${percent(Math.abs(error))}`;
}

const operations = makeGrid(document.getElementById("operation-grid"), {
  name: "operation",
  caption: "Operations, simulated and measured",
  placeholder: "name, e.g. attn",
  sort: data.has_times ? "measured_s" : "simulated_s",
  columns: [
    { key: "title", title: "operation", path: true, text: (o) => o.title },
    { key: "simulated_s", title: "simulated", number: true, text: (o) => si(o.simulated_s, "s", 4) },
    { key: "measured_s", title: "measured", number: true, text: (o) => (o.measured_s === null ? "–" : si(o.measured_s, "s", 4)) },
    { key: "away", title: "error", number: true, text: (o) => errorText(o.error), help: "simulated over measured; sorted by its size" },
    { key: "unit", title: "unit", text: (o) => o.unit },
    { key: "measured_as", title: "measured as", text: (o) => o.measured_as },
    { key: "calls", title: "calls", number: true, text: (o) => String(o.calls) },
  ],
  rows: () => data.operations,
  filters: ["unit"],
  words: (o) => `${o.title} ${o.measured_as}`,
  count: (found, all) => `${found.length} of ${all} operations`,
});

// Simulated over measured time, both logarithmic: on the line they agree.
function drawErrors() {
  const place = document.getElementById("error-chart");
  const shown = data.operations.filter((o) => o.measured_s > 0 && o.simulated_s > 0);
  if (!shown.length) {
    place.textContent = "The profile holds no times.";
    return;
  }
  const width = 1000, height = 460, left = 90, right = 30, top = 20, bottom = 50;
  const all = shown.flatMap((o) => [o.measured_s, o.simulated_s]);
  const low = Math.min(...all) / 1.5, high = Math.max(...all) * 1.5;
  const at = (value) => Math.log(value / low) / Math.log(high / low);
  const x = (value) => left + at(value) * (width - left - right), y = (value) => height - bottom - at(value) * (height - top - bottom);
  const chart = svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "group",
    "aria-label": `Simulated against measured time of ${shown.length} operations; the table below has their numbers` });
  for (const value of powersOfTen(low, high)) {
    chart.append(svg("path", { class: "grid", d: `M${x(value)} ${top}V${height - bottom}M${left} ${y(value)}H${width - right}` }),
      svg("text", { x: x(value), y: height - bottom + 18, "text-anchor": "middle" }, si(value, "s")),
      svg("text", { x: left - 8, y: y(value) + 4, "text-anchor": "end" }, si(value, "s")));
  }
  chart.append(svg("path", { class: "roof", d: `M${x(low)} ${y(low)}L${x(high)} ${y(high)}` }),
    svg("text", { x: (left + width) / 2, y: height - 8, "text-anchor": "middle", class: "name" }, "measured"),
    svg("text", { transform: `translate(16 ${(height - bottom + top) / 2}) rotate(-90)`, "text-anchor": "middle", class: "name" },
      "simulated"));
  shown.forEach((o, number) => {
    const text = `${o.title}: ${si(o.simulated_s, "s", 4)} simulated, ${si(o.measured_s, "s", 4)} measured, ${errorText(o.error)}`;
    const mark = titled(svg("circle", { class: "mark", cx: x(o.measured_s), cy: y(o.simulated_s), r: 6, role: "button",
      tabindex: number ? -1 : 0, "aria-label": text, style: "fill:var(--memory)" }), text);
    mark.addEventListener("click", () => operations.choose(o, o.name));
    mark.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === " ") {
        event.preventDefault();
        operations.choose(o, o.name);
      }
    });
    chart.append(mark);
  });
  place.append(chart);
}
drawErrors();
