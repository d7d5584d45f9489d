import { draw, formatClock, make } from "./format.js";

const margin = { left: 54, right: 6, top: 8, bottom: 22 };
const height = 190;

/**
 * A chart over time: stacked bars, or lines with gaps where nothing was measured.
 * @param {{ label: string, steps: { at: number }[], kind: "bars" | "lines", format: (value: number) => string,
 *   width: number, series: { name: string, color: string, read: (step: any) => number | null }[] }} options
 */
export function chart({ label, steps, kind, format, width, series }) {
  // As wide as its place, so that letters keep their size on a phone.
  const size = { ...margin, width, height };
  const inner = { width: width - margin.left - margin.right, height: height - margin.top - margin.bottom };
  const values = steps.map((step) => series.map(({ read }) => read(step)));
  const total = (row) => (kind === "bars" ? row.reduce((sum, value) => sum + (value ?? 0), 0) : Math.max(0, ...row));
  const top = niceTop(Math.max(0, ...values.map(total)));
  const x = (index) => size.left + (index / steps.length) * inner.width;
  const y = (value) => size.top + inner.height * (1 - value / top);
  const svg = draw("svg", { viewBox: `0 0 ${size.width} ${size.height}`, role: "img", "aria-label": label });

  for (const part of [0, 0.5, 1]) {
    const at = y(part * top);
    svg.append(
      draw("line", { class: "grid", x1: size.left, x2: size.width - size.right, y1: at, y2: at }),
      draw("text", { x: size.left - 8, y: at + 4, "text-anchor": "end" }, format(part * top)),
    );
  }
  for (const part of [0, 1, 2, 3]) {
    const index = Math.round((part / 4) * steps.length);
    const anchor = part === 0 ? "start" : "middle";
    svg.append(
      draw("text", { x: x(index), y: size.height - 5, "text-anchor": anchor }, formatClock(steps[index]?.at ?? 0)),
    );
  }
  svg.append(draw("text", { x: size.width - size.right, y: size.height - 5, "text-anchor": "end" }, "now"));

  if (kind === "bars") drawBars(svg, { values, series, steps, format, x, y });
  else drawLines(svg, { values, series, steps, format, x, y });
  return make("div", {}, legend(series), svg);
}

function drawBars(svg, { values, series, steps, format, x, y }) {
  const width = Math.max(1.5, (x(1) - x(0)) * 0.78);
  for (const [index, row] of values.entries()) {
    let sum = 0;
    for (const [at, value] of row.entries()) {
      if (!value) continue;
      const bar = {
        class: `bar ${series[at].color}`,
        x: x(index),
        width,
        y: y(sum + value),
        height: y(sum) - y(sum + value),
      };
      svg.append(draw("rect", { ...bar, rx: 1 }, title(steps[index].at, series[at].name, format(value))));
      sum += value;
    }
  }
}

function drawLines(svg, { values, series, steps, format, x, y }) {
  const half = (x(1) - x(0)) / 2;
  for (const [at, { name, color }] of series.entries()) {
    let path = "";
    for (const [index, row] of values.entries()) {
      const value = row[at];
      if (value === null) continue;
      const point = `${(x(index) + half).toFixed(1)} ${y(value).toFixed(1)}`;
      path += `${index > 0 && values[index - 1][at] !== null ? "L" : "M"}${point}`;
      svg.append(
        draw(
          "circle",
          { class: `dot ${color}`, cx: x(index) + half, cy: y(value), r: 2.5 },
          title(steps[index].at, name, format(value)),
        ),
      );
    }
    svg.append(draw("path", { class: `line ${color}`, d: path }));
  }
}

function title(at, name, value) {
  return draw("title", {}, `${formatClock(at)}, ${name}: ${value}`);
}

function legend(series) {
  const items = series.map(({ name, color }) =>
    make(
      "li",
      {},
      draw(
        "svg",
        { viewBox: "0 0 10 10", "aria-hidden": "true" },
        draw("rect", { class: `bar ${color}`, width: 10, height: 10, rx: 3 }),
      ),
      name,
    ),
  );
  return make("ul", { class: "legend" }, ...items);
}

/** The next of 1, 2, 4, 5, 10 ... above a value, so that the half of it can be read too. */
function niceTop(value) {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  for (const factor of [1, 2, 4, 5, 10]) if (factor * power >= value) return factor * power;
  return value;
}

/**
 * A bar that is filled in part, with a mark where a reserve or a share ends.
 * @param {{ label: string, percent: number, mark?: number | null, limit?: number }} options
 */
export function meter({ label, percent, mark, limit = 100 }) {
  const part = Math.min(100, Math.max(0, percent));
  const level = percent >= limit ? "bad" : percent >= limit * 0.8 ? "warn" : "";
  const svg = draw("svg", {
    class: "meter",
    role: "meter",
    "aria-label": label,
    "aria-valuemin": 0,
    "aria-valuemax": 100,
    "aria-valuenow": Math.round(part),
  });
  svg.append(
    draw("rect", { class: "track", width: "100%", height: "100%", rx: 5 }),
    draw("rect", { class: `fill ${level}`, width: `${part}%`, height: "100%", rx: 5 }),
  );
  if (mark !== null && mark !== undefined)
    svg.append(draw("rect", { class: "mark", x: `${mark}%`, width: 2, height: "100%" }));
  return svg;
}
