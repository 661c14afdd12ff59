// Numbers for people, and SVG elements.

const PREFIXES = [[1e15, "P"], [1e12, "T"], [1e9, "G"], [1e6, "M"], [1e3, "k"], [1, ""], [1e-3, "m"], [1e-6, "µ"],
  [1e-9, "n"], [1e-12, "p"]];

function si(value, unit, digits = 3) {
  if (!value) return `0 ${unit}`;
  const [factor, prefix] = PREFIXES.find(([limit]) => Math.abs(value) >= limit * 0.9995) ?? PREFIXES.at(-1);
  return `${Number((value / factor).toPrecision(digits))} ${prefix}${unit}`;
}

const percent = (fraction, digits = 1) => `${(100 * fraction).toFixed(digits)} %`;

function svg(name, attributes = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

function html(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

const titled = (element, text) => {
  element.append(svg("title", {}, text));
  return element;
};

const legendEntry = (colour, text) =>
  html("span", {}, html("span", { class: "swatch", style: `background:${colour}` }), text);

// Round steps of a linear axis: 1, 2 or 5 times a power of ten.
function steps(largest, wanted) {
  const rough = largest / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= rough);
  const found = [];
  for (let number = 0; number * step <= largest * 1.0001; number++) found.push(number * step);
  return found;
}

function powersOfTen(low, high) {
  const found = [];
  for (let power = Math.ceil(Math.log10(low) - 1e-9); 10 ** power <= high * 1.0001; power++) found.push(10 ** power);
  return found;
}
