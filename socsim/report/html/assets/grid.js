// A table that sorts by a press on a heading and filters by text and by choices.

const FIRST_ROWS = 100;

// options: name (of its elements' ids), caption, columns, rows (a function), filters (keys), words (row -> searched text),
// controls (further elements of the form), sort (key), ascending (at first), count (found, all -> text), changed (called after each change).
// A column: key, title, text (row -> text), number (right-aligned, first press sorts down), swatch (row -> class), help,
// path (may break after a dot or a slash).
const breakable = (text) => text.split(/(?<=[./])/).flatMap((part, number) => (number ? [html("wbr"), part] : [part]));

function makeGrid(place, options) {
  const { columns } = options;
  const state = { key: options.sort, limit: FIRST_ROWS, chosen: null,
    ascending: options.ascending ?? !columns.find((column) => column.key === options.sort)?.number };
  const search = html("input", { type: "search", id: "filter-text", autocomplete: "off",
    placeholder: options.placeholder ?? "name" });
  const selects = new Map((options.filters ?? []).map((key) => {
    const select = html("select", { id: `filter-${key}` });
    const values = [...new Set(options.rows().map((row) => String(row[key] ?? "")))].sort();
    select.append(html("option", { value: "" }, "all"),
      ...values.filter(Boolean).map((value) => html("option", { value }, value)));
    select.addEventListener("change", restart);
    return [key, select];
  }));
  const titleOf = (key) => columns.find((column) => column.key === key)?.title ?? key;
  const form = html("form", { role: "search", "aria-label": `Filter ${options.name}s` },
    html("label", {}, "Search ", search),
    ...[...selects].map(([key, select]) => {
      const title = titleOf(key);
      return html("label", {}, `${title[0].toUpperCase()}${title.slice(1)} `, select);
    }), ...(options.controls ?? []));
  const count = html("p", { id: "filter-count", role: "status", class: "muted" });
  const head = html("thead"), body = html("tbody");
  const more = html("button", { type: "button", id: "show-all", hidden: "" });
  place.append(form, count,
    html("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": options.caption },
      html("table", { class: "grid", id: `${options.name}-table` },
        html("caption", { class: "hidden" }, `${options.caption}; press a heading to sort by it`), head, body)),
    html("p", {}, more));

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
  search.addEventListener("input", restart);
  form.addEventListener("submit", (event) => event.preventDefault());
  more.addEventListener("click", () => {
    state.limit = Infinity;
    show();
  });

  function restart() {
    state.limit = FIRST_ROWS;
    show();
  }

  function matching() {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const list = options.rows();
    const found = list.filter((row) =>
      [...selects].every(([key, select]) => !select.value || String(row[key] ?? "") === select.value) &&
      words.every((word) => options.words(row).toLowerCase().includes(word)));
    const direction = state.ascending ? 1 : -1;
    const order = columns.find((column) => column.key === state.key)?.order ?? ((row) => row[state.key]);
    const compare = (a, b) => {
      const left = order(a), right = order(b);
      if (left === null || right === null) return (left === null) - (right === null) || 0;
      return direction * (typeof left === "string" ? left.localeCompare(right, "en", { numeric: true })
        : left - right || 0);
    };
    return { found: [...found].sort(compare), all: list.length };
  }

  function show() {
    const { found, all } = matching();
    headings.forEach((heading, number) => {
      const sorted = columns[number].key === state.key;
      if (sorted) heading.setAttribute("aria-sort", state.ascending ? "ascending" : "descending");
      else heading.removeAttribute("aria-sort");
    });
    body.replaceChildren(...found.slice(0, state.limit).map((row) => {
      const line = html("tr", row === state.chosen ? { class: "chosen" } : {});
      for (const column of columns) {
        const cell = html("td", column.number ? { class: "number" } : column.path ? { class: "path" } : {});
        const swatch = column.swatch?.(row);
        if (swatch) cell.append(html("span", { class: `swatch ${swatch}` }));
        cell.append(...(column.path ? breakable(column.text(row)) : [column.text(row)]));
        line.append(cell);
      }
      return line;
    }));
    count.textContent = options.count(found, all);
    const rest = found.length - state.limit;
    more.hidden = !(rest > 0);
    more.textContent = `show ${rest} more`;
  }

  show();
  return {
    restart,
    // Mark a row and bring it to the top of the page, among the others.
    alone(row) {
      state.chosen = row;
      state.limit = Infinity;
      show();
      body.querySelector("tr.chosen")?.scrollIntoView({ block: "center" });
    },
    // Show one row alone, found by its text.
    choose(row, text) {
      search.value = text;
      for (const select of selects.values()) select.value = "";
      state.chosen = row;
      restart();
      place.scrollIntoView();
    },
  };
}
