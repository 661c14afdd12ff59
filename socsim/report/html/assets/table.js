// The table of operations: sorted by a press on a heading, filtered by text, unit, kind and what bounds them.

const COLUMNS = [
  { key: "title", title: "operation", text: (o) => o.title },
  { key: "time_s", title: "time", number: true, text: (o) => si(o.time_s, "s") },
  { key: "share", title: "share", number: true, text: (o) => percent(o.share) },
  { key: "critical", title: "of the run", number: true, text: (o) => percent(o.critical),
    help: "part of the run's critical path that belongs to it" },
  { key: "count", title: "runs", number: true, text: (o) => o.count.toLocaleString("en") },
  { key: "kind", title: "kind", text: (o) => o.kind },
  { key: "unit", title: "unit", text: (o) => o.unit },
  { key: "bound_by", title: "bound by", text: (o) => o.bound_by },
  { key: "flop", title: "FLOP", number: true, text: (o) => si(o.flop, "") },
  { key: "flop_per_s", title: "FLOP/s", number: true, text: (o) => si(o.flop_per_s, "") },
  { key: "dram_bytes", title: "DRAM bytes", number: true, text: (o) => si(o.dram_bytes, "B") },
  { key: "dram_bytes_per_s", title: "DRAM B/s", number: true, text: (o) => si(o.dram_bytes_per_s, "") },
  { key: "intensity", title: "FLOP/B", number: true, text: (o) => (o.intensity < Infinity ? si(o.intensity, "") : "∞"),
    help: "arithmetic per byte of DRAM traffic" },
];
const FIRST_ROWS = 100;

function makeTable(data) {
  const byId = (id) => document.getElementById(id);
  const body = byId("operation-table").tBodies[0], head = byId("operation-table").tHead;
  const several = new Set(data.operations.map((operation) => operation.stream)).size > 1;
  const columns = several
    ? [COLUMNS[0], { key: "stream", title: "stream", text: (o) => o.stream }, ...COLUMNS.slice(1)]
    : COLUMNS;
  for (const list of [data.operations, data.merged]) {
    const total = list.reduce((sum, operation) => sum + operation.time_s, 0);
    for (const operation of list) {
      operation.title = operation.phase === "run" ? operation.name : `${operation.name} (${operation.phase})`;
      operation.share = total ? operation.time_s / total : 0;
      operation.intensity = operation.dram_bytes ? operation.flop / operation.dram_bytes : operation.flop ? Infinity : 0;
    }
  }
  const state = { key: "time_s", ascending: false, limit: FIRST_ROWS, chosen: null };

  const headings = columns.map((column) => {
    const button = html("button", { type: "button", ...(column.help ? { title: column.help } : {}) }, column.title);
    button.addEventListener("click", () => {
      state.ascending = state.key === column.key ? !state.ascending : !column.number;
      state.key = column.key;
      show();
    });
    return html("th", { scope: "col", ...(column.number ? { class: "number" } : {}) }, button);
  });
  head.append(html("tr", {}, ...headings));

  const filters = { unit: byId("filter-unit"), kind: byId("filter-kind"), bound_by: byId("filter-bound") };
  for (const [key, select] of Object.entries(filters)) {
    const values = [...new Set(data.operations.map((operation) => operation[key]))].sort();
    select.append(html("option", { value: "" }, "all"), ...values.map((value) => html("option", { value }, value)));
    select.addEventListener("change", restart);
  }
  byId("filter-text").addEventListener("input", restart);
  byId("merge").addEventListener("change", restart);
  byId("filters").addEventListener("submit", (event) => event.preventDefault());
  byId("show-all").addEventListener("click", () => {
    state.limit = Infinity;
    show();
  });

  function restart() {
    state.limit = FIRST_ROWS;
    show();
  }

  function matching() {
    const words = byId("filter-text").value.toLowerCase().split(/\s+/).filter(Boolean);
    const list = byId("merge").checked ? data.merged : data.operations;
    const found = list.filter((operation) =>
      Object.entries(filters).every(([key, select]) => !select.value || operation[key] === select.value) &&
      words.every((word) => `${operation.name} ${operation.phase} ${operation.stream}`.toLowerCase().includes(word)));
    const direction = state.ascending ? 1 : -1;
    const compare = (a, b) => {
      const left = a[state.key], right = b[state.key];
      return typeof left === "string" ? left.localeCompare(right, "en", { numeric: true }) : left - right || 0;
    };
    return { found: found.sort((a, b) => direction * compare(a, b)), all: list.length };
  }

  function show() {
    const { found, all } = matching();
    headings.forEach((heading, number) => {
      const sorted = columns[number].key === state.key;
      if (sorted) heading.setAttribute("aria-sort", state.ascending ? "ascending" : "descending");
      else heading.removeAttribute("aria-sort");
    });
    body.replaceChildren(...found.slice(0, state.limit).map((operation) => {
      const row = html("tr", operation === state.chosen ? { class: "chosen" } : {});
      for (const column of columns) {
        const cell = html("td", column.number ? { class: "number" } : {});
        if (column.key === "bound_by") cell.append(html("span", { class: `swatch cause-${operation.bound_by}` }));
        cell.append(column.text(operation));
        row.append(cell);
      }
      return row;
    }));
    const time = found.reduce((sum, operation) => sum + operation.share, 0);
    byId("filter-count").textContent = `${found.length} of ${all} operations, ${percent(time)} of the busy time` +
      (data.operations_left_out ? `; ${data.operations_left_out} shorter ones are in tasks.parquet` : "");
    const rest = found.length - state.limit;
    byId("show-all").hidden = !(rest > 0);
    byId("show-all").textContent = `show ${rest} more`;
  }

  show();
  return (operation) => {
    byId("merge").checked = data.merged.includes(operation);
    byId("filter-text").value = operation.name;
    for (const select of Object.values(filters)) select.value = "";
    state.chosen = operation;
    restart();
    byId("operations").scrollIntoView();
  };
}
