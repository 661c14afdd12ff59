// The table of a board: every model on every device.

const board = JSON.parse(document.getElementById("data").textContent);
const known = (value, text) => (value === null || value === undefined ? "–" : text(value));

makeGrid(document.getElementById("cell-grid"), {
  name: "cell",
  caption: "Models on devices",
  placeholder: "model or device",
  columns: [
    { key: "model", title: "model", path: true, text: (c) => c.model },
    { key: "device", title: "device", text: (c) => c.device },
    { key: "latency_s", title: "latency", number: true, text: (c) => known(c.latency_s, (v) => si(v, "s")) },
    { key: "per_s", title: "runs per second", number: true, text: (c) => known(c.per_s, (v) => si(v, "")) },
    { key: "tokens_per_s", title: "tokens/s", number: true, text: (c) => known(c.tokens_per_s, (v) => si(v, "")) },
    { key: "energy_j", title: "energy", number: true, text: (c) => known(c.energy_j, (v) => si(v, "J")) },
    { key: "power_w", title: "power", number: true, text: (c) => known(c.power_w, (v) => si(v, "W")) },
    { key: "bound_by", title: "bound by", text: (c) => c.bound_by,
      swatch: (c) => (c.bound_by ? `cause-${c.bound_by}` : "") },
    { key: "change", title: "latency since", number: true, help: "change of the latency since the earlier run",
      text: (c) => (c.change ? `${c.change > 0 ? "+" : ""}${percent(c.change)}` : "") },
    { key: "status", title: "status", path: true, text: (c) => (c.error ? `${c.status}: ${c.error}` : c.status) },
  ],
  rows: () => board.cells,
  filters: ["model", "device", "bound_by", "status"],
  words: (c) => `${c.model} ${c.device} ${c.error}`,
  sort: "latency_s",
  ascending: true,
  count: (found, all) => `${found.length} of ${all} cells`,
});
