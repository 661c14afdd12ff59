// Small charts of quantities averaged over windows of time.

function drawSeries(windows) {
  const place = document.getElementById("time-charts");
  for (const group of new Set(windows.charts.map((chart) => chart.group))) {
    const charts = windows.charts.filter((chart) => chart.group === group);
    place.append(html("h3", {}, group), html("div", { class: "small-charts" },
      ...charts.map((chart) => smallChart(chart, windows.begin_s, windows.end_s))));
  }
  if (windows.flat.length) place.append(html("p", { class: "muted" }, `Without change: ${windows.flat.join(", ")}.`));
}

function smallChart(chart, begin, end) {
  const width = 460, height = 150, left = 70, right = 14, top = 26, bottom = 24;
  const largest = Math.max(...chart.values);
  // A peak far above everything would flatten the curve; it is named instead of drawn.
  const peakFits = chart.peak !== null && chart.peak <= largest * 3;
  const isTemperature = chart.unit === "degC";
  // Temperatures have no zero that means anything: they start where they started.
  const low = isTemperature ? Math.floor(Math.min(...chart.values)) : 0;
  const high = isTemperature ? Math.ceil(largest) : Math.max(largest, peakFits ? chart.peak : 0) * 1.05 || 1;
  const count = chart.values.length;
  const x = (window) => left + (window / count) * (width - left - right);
  const y = (value) => height - bottom - ((value - low) / (high - low)) * (height - top - bottom);
  const unitText = (value) => (chart.unit === "fraction" ? percent(value, 0)
    : isTemperature ? `${Number(value.toPrecision(3))} °C` : si(value, chart.unit, 3));

  const mean = chart.values.reduce((sum, value) => sum + value, 0) / count;
  let heading = `${chart.name}: ${unitText(mean)} on average`;
  if (chart.peak !== null && !peakFits) heading += ` of ${unitText(chart.peak)}`;
  const drawing = svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img",
    "aria-label": `${heading}, at most ${unitText(largest)} in a window` });
  drawing.append(svg("text", { x: left, y: 16, style: "fill:var(--text);font-size:14px" }, heading));
  for (const value of steps(high - low, 3).map((step) => low + step)) {
    drawing.append(svg("path", { class: "grid", d: `M${left} ${y(value)}H${width - right}` }),
      svg("text", { x: left - 5, y: y(value) + 4, "text-anchor": "end" }, unitText(value)));
  }
  let path = `M${x(0)} ${y(low)}`;
  chart.values.forEach((value, window) => {
    path += `V${y(value).toFixed(1)}H${x(window + 1).toFixed(1)}`;
  });
  drawing.append(svg("path", { class: chart.unit === "fraction" ? "area busy" : "area", d: `${path}V${y(low)}Z` }));
  if (peakFits && chart.unit !== "fraction") {
    drawing.append(titled(svg("path", { class: "peak", d: `M${left} ${y(chart.peak)}H${width - right}` }),
      `peak ${unitText(chart.peak)}`));
  }
  drawing.append(svg("text", { x: left, y: height - 7 }, si(begin, "s")),
    svg("text", { x: width - right, y: height - 7, "text-anchor": "end" }, si(end, "s", 4)));
  return html("figure", { class: "chart", style: "margin:0" }, drawing);
}
