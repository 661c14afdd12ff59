// The table of operations.

const COLUMNS = [
  { key: "title", title: "operation", path: true, text: (o) => o.title },
  { key: "time_s", title: "time", number: true, text: (o) => si(o.time_s, "s") },
  { key: "share", title: "share", number: true, text: (o) => percent(o.share) },
  { key: "critical", title: "of the run", number: true, text: (o) => percent(o.critical),
    help: "part of the run's critical path that belongs to it" },
  { key: "count", title: "runs", number: true, text: (o) => o.count.toLocaleString("en") },
  { key: "kind", title: "kind", text: (o) => o.kind },
  { key: "unit", title: "unit", text: (o) => o.unit },
  { key: "bound_by", title: "bound by", text: (o) => o.bound_by, swatch: (o) => `cause-${o.bound_by}` },
  { key: "flop", title: "FLOP", number: true, text: (o) => si(o.flop, "") },
  { key: "flop_per_s", title: "FLOP/s", number: true, text: (o) => si(o.flop_per_s, "") },
  { key: "dram_bytes", title: "DRAM bytes", number: true, text: (o) => si(o.dram_bytes, "B") },
  { key: "dram_bytes_per_s", title: "DRAM B/s", number: true, text: (o) => si(o.dram_bytes_per_s, "") },
  { key: "intensity", title: "FLOP/B", number: true, text: (o) => (o.intensity < Infinity ? Number(o.intensity.toPrecision(3)).toLocaleString("en") : "∞"),
    help: "arithmetic per byte of DRAM traffic" },
  { key: "energy_j", title: "energy", number: true, text: (o) => si(o.energy_j, "J") },
];

// Returns a function that leads to an operation's row, and one that tells which operations are shown; `changed` is
// called when that changes.
function makeTable(data, changed) {
  const merge = html("input", { type: "checkbox", id: "merge", checked: "" });
  const several = new Set(data.operations.map((operation) => operation.stream)).size > 1;
  const stream = { key: "stream", title: "stream", text: (o) => o.stream };
  const columns = [COLUMNS[0], ...(several ? [stream] : []), ...COLUMNS.slice(1)]
    .filter((column) => column.key !== "energy_j" || data.operations.some((operation) => operation.energy_j > 0));
  for (const list of [data.operations, data.merged]) {
    const total = list.reduce((sum, operation) => sum + operation.time_s, 0);
    for (const operation of list) {
      operation.title = operation.phase === "run" ? operation.name : `${operation.name} (${operation.phase})`;
      operation.share = total ? operation.time_s / total : 0;
      operation.intensity = operation.dram_bytes ? operation.flop / operation.dram_bytes : operation.flop ? Infinity : 0;
    }
  }
  const shown = () => (merge.checked ? data.merged : data.operations);
  const grid = makeGrid(document.getElementById("operation-grid"), {
    name: "operation",
    caption: "Table of operations",
    placeholder: "name, e.g. attn",
    columns,
    rows: shown,
    filters: ["unit", "kind", "bound_by"],
    words: (o) => `${o.name} ${o.phase} ${o.stream}`,
    sort: "time_s",
    controls: [html("label", { class: "check" }, merge, " one row for repeated layers")],
    count: (found, all) => {
      const time = found.reduce((sum, operation) => sum + operation.share, 0);
      return `${found.length} of ${all} operations, ${percent(time)} of the busy time` +
        (data.operations_left_out ? `; ${data.operations_left_out} shorter ones are in tasks.parquet` : "");
    },
  });
  merge.addEventListener("change", () => {
    grid.restart();
    changed();
  });
  return { shown, choose: (operation) => grid.choose(operation, operation.name) };
}
