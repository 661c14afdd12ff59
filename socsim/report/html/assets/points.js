// Points as columns, and which of them are kept: what all charts of a study share.

const data = JSON.parse(document.getElementById("data").textContent);
const columnOf = (name) => data.points.columns.find((column) => column.name === name);
const ofRole = (...roles) => data.points.columns.filter((column) => roles.includes(column.role));
const onFront = new Set(data.points.front);
const COLOURS = 8;

function shownValue(column, value, digits = 4) {
  if (value === null || value === undefined) return "–";
  if (column.categories) return column.categories[value];
  if (column.unit === "fraction") return percent(value);
  if (column.unit) return si(value, column.unit, digits);
  return Number(value.toPrecision(digits)).toLocaleString("en", { maximumSignificantDigits: digits });
}

const title = (column) => (column.goal ? `${column.name} (${column.goal})` : column.name);

// Where a value stands between the ends of its column, from 0 to 1. Numbers over several decades stand by logarithm,
// few distinct ones and texts each in its own place.
function scaleOf(column) {
  const present = column.values.filter((value) => value !== null);
  const low = Math.min(...column.categories ? [0] : [], present.reduce((a, b) => Math.min(a, b), Infinity));
  const high = present.reduce((a, b) => Math.max(a, b), -Infinity);
  const logarithmic = !column.categories && low > 0 && high / low > 50;
  const span = logarithmic ? Math.log(high / low) : high - low;
  const place = (value) => (span > 0 ? (logarithmic ? Math.log(value / low) : value - low) / span : 0.5);
  const value = (at) => (logarithmic ? low * Math.exp(at * span) : low + at * span);
  const distinct = [...new Set(present)].sort((a, b) => a - b);
  const ticks = distinct.length <= 8 ? distinct : [0, 0.25, 0.5, 0.75, 1].map(value);
  return { low, high, place, value, ticks, distinct, logarithmic };
}
const scales = new Map(data.points.columns.map((column) => [column.name, scaleOf(column)]));

// Colours by rank, so that one far value does not make all others alike.
function colourOf(column) {
  const order = column.values.map((value, row) => [value, row]).filter(([value]) => value !== null)
    .sort((a, b) => a[0] - b[0]);
  const colour = new Array(column.values.length).fill(null);
  const down = column.goal === "max" ? -1 : 1;
  let first = 0;
  order.forEach(([value, row], place) => {
    if (place && order[place - 1][0] !== value) first = place;
    const part = order.length > 1 ? first / (order.length - 1) : 0;
    colour[row] = Math.min(COLOURS - 1, Math.floor((down > 0 ? part : 1 - part) * COLOURS));
  });
  return colour;
}

const kept = {
  parts: new Map(),
  listeners: [],
  has(row) {
    for (const [name, [low, high]] of this.parts) {
      const value = columnOf(name).values[row];
      if (value === null || value < low || value > high) return false;
    }
    return true;
  },
  rows() {
    return Array.from({ length: data.points.rows }, (_, row) => row).filter((row) => this.has(row));
  },
  set(name, part) {
    if (part) this.parts.set(name, part);
    else this.parts.delete(name);
    this.changed();
  },
  changed() {
    const rows = this.rows();
    const words = [...this.parts].map(([name, [low, high]]) => {
      const column = columnOf(name);
      return `${name} ${shownValue(column, Math.max(low, scales.get(name).low))} to ` +
        shownValue(column, Math.min(high, scales.get(name).high));
    });
    document.getElementById("brush-count").textContent = `${rows.length} of ${data.points.rows} points` +
      (words.length ? ` with ${words.join(", ")}` : "") +
      (data.points.total > data.points.rows ? ` (shown of ${data.points.total}; results.parquet has all)` : "");
    for (const listener of this.listeners) listener(rows);
  },
};

function fillSelect(id, columns, chosen, changed) {
  const select = document.getElementById(id);
  select.append(...columns.map((column) => html("option", { value: column.name }, title(column))));
  if (chosen && columns.includes(chosen)) select.value = chosen.name;
  select.addEventListener("change", changed);
  return () => columnOf(select.value);
}

// A number as people write it, with its unit or without: "1.2 GHz", "1.2e9".
function readNumber(text, column) {
  const words = text.trim();
  if (!words) return null;
  if (column.categories) {
    const index = column.categories.findIndex((name) => name === words);
    return index < 0 ? NaN : index;
  }
  const match = words.match(/^([-+]?[0-9.]+(?:e[-+]?[0-9]+)?)\s*(%|[PTGMkmµunp]?)(.*)$/i);
  if (!match) return NaN;
  const prefix = { u: "µ" }[match[2]] ?? match[2];
  const factor = prefix === "%" ? 0.01 : (PREFIXES.find(([, name]) => name === prefix) ?? [1])[0];
  return Number(match[1]) * factor;
}

function makeTable() {
  const only = html("input", { type: "checkbox", id: "front-only" });
  const columns = data.points.columns.map((column) => ({
    key: column.name, title: title(column), number: !column.categories, path: Boolean(column.categories),
    order: (row) => (column.categories ? shownValue(column, column.values[row.row]) : column.values[row.row]),
    text: (row) => shownValue(column, column.values[row.row], 5),
  }));
  let rows = [];
  const first = ofRole("objective")[0] ?? data.points.columns[0];
  const grid = makeGrid(document.getElementById("point-grid"), {
    name: "point", caption: "Points", placeholder: "value", columns, sort: first.name,
    ascending: first.goal !== "max",
    rows: () => (only.checked ? rows.filter((row) => onFront.has(row.row)) : rows),
    words: (row) => data.points.columns.map((column) => shownValue(column, column.values[row.row], 5)).join(" "),
    controls: onFront.size ? [html("label", { class: "check" }, only, " only the Pareto front")] : [],
    count: (found, all) => `${found.length} of ${all} points`,
  });
  only.addEventListener("change", grid.restart);
  kept.listeners.push((found) => {
    rows = found.map((row) => ({ row }));
    grid.restart();
  });
  return (row) => {
    const chosen = rows.find((item) => item.row === row);
    if (chosen) grid.alone(chosen);
  };
}
