const data = JSON.parse(document.getElementById("data").textContent);
const latency = data.latency_s;
drawWaterfall(document.getElementById("cause-chart"), "By what bounds the run", data.by_cause, latency.before, latency.after);
drawWaterfall(document.getElementById("module-chart"), "By module", data.by_module, latency.before, latency.after);

const signed = (value, unit) => (value ? `${value > 0 ? "+" : "−"}${si(Math.abs(value), unit, 4)}` : "±0");
const arrow = (left, right) => (left === right ? left || "–" : `${left || "–"} → ${right || "–"}`);
for (const o of data.operations) {
  o.title = o.phase === "run" ? o.name : `${o.name} (${o.phase})`;
  o.unit = arrow(o.units[0], o.units[1]);
  o.bound_by = arrow(o.bounds[0], o.bounds[1]);
  o.size = Math.abs(o.change_s);
}
const only = html("input", { type: "checkbox", id: "changed", checked: "" });
const several = new Set(data.operations.map((o) => o.stream)).size > 1;
const operations = makeGrid(document.getElementById("operation-grid"), {
  name: "operation",
  caption: "Operations in both runs",
  placeholder: "name, e.g. attn",
  sort: "size",
  columns: [
    { key: "title", title: "operation", path: true, text: (o) => o.title },
    ...(several ? [{ key: "stream", title: "stream", text: (o) => o.stream }] : []),
    { key: "size", title: "change", number: true, text: (o) => signed(o.change_s, "s"),
      help: "of its part of the critical path; all of them add up to the change of latency" },
    { key: "before_s", title: "A on the path", number: true, text: (o) => (o.units[0] ? si(o.before_s, "s", 4) : "–") },
    { key: "after_s", title: "B on the path", number: true, text: (o) => (o.units[1] ? si(o.after_s, "s", 4) : "–") },
    { key: "busy_before_s", title: "A busy", number: true, text: (o) => (o.units[0] ? si(o.busy_before_s, "s", 4) : "–") },
    { key: "busy_after_s", title: "B busy", number: true, text: (o) => (o.units[1] ? si(o.busy_after_s, "s", 4) : "–") },
    { key: "kind", title: "kind", text: (o) => o.kind },
    { key: "unit", title: "unit", text: (o) => o.unit },
    { key: "bound_by", title: "bound by", text: (o) => o.bound_by },
    ...(data.operations.some((o) => o.note) ? [{ key: "note", title: "note", text: (o) => o.note }] : []),
  ],
  rows: () => (only.checked ? data.operations.filter((o) => o.change_s || !o.units[0] || !o.units[1]) : data.operations),
  filters: ["unit", "kind", "bound_by"],
  words: (o) => `${o.title} ${o.stream}`,
  controls: [html("label", { class: "check" }, only, " only those that changed")],
  count: (found) => {
    const change = found.reduce((sum, o) => sum + o.change_s, 0);
    return `${found.length} of ${data.operations.length} operations, together ${signed(change, "s")}` +
      (data.operations_left_out ? `; ${data.operations_left_out} that changed less are in compare.json` : "");
  },
});
only.addEventListener("change", operations.restart);
