import { chart, meter } from "./charts.js";
import {
  formatClock,
  formatCount,
  formatDay,
  formatPrecise,
  formatSpan,
  formatUntil,
  make,
  windowTitle,
} from "./format.js";

const byId = (id) => document.getElementById(id);

/** Shows everything of a state, as `/dashboard/state` gives it. */
export function showState(state) {
  showStatus(state);
  showPlan(state);
  showTotals(state.steps);
  showCharts(state.steps);
  showModels(state);
  showRequests(state);
  showKeys(state);
  const memory = `${Math.round(state.memory / 1e6)} MB`;
  byId("footer").textContent =
    `Version ${state.version}, up ${formatSpan(state.uptime_s * 1000)}, ${memory}. What is shown is kept in memory and ends with the proxy.`;
}

function showStatus({ login, backend, url, live }) {
  const isGood = login.state === "signed_in" && login.problem === null && backend !== "open";
  const who = login.email ?? login.state.replaceAll("_", " ");
  const plan = login.plan === null ? "" : `, plan ${login.plan}`;
  const status = byId("status");
  status.className = `status ${isGood ? "good" : "bad"}`;
  setText(status, `${who}${plan} · ${url}`);
  setText(byId("live-count"), live.length === 0 ? "" : String(live.length));
  const alert = byId("alert");
  const problem =
    login.problem ?? (backend === "open" ? "The backend does not answer. Requests are refused until it does." : "");
  alert.hidden = problem === "";
  setText(alert, problem);
}

function showPlan({ usage, now }) {
  if (usage === null) {
    byId("plan").replaceChildren(
      make("p", { class: "empty" }, "The backend has not told yet how much of the plan is used."),
    );
    return;
  }
  const windows = usage.limits.flatMap((limit) => limit.windows.map((window) => planWindow(limit, window, now)));
  const none = make("p", { class: "empty" }, "This plan has no windows.");
  byId("plan").replaceChildren(...(windows.length === 0 ? [none] : windows));
  const { credits } = usage;
  const credit = credits?.unlimited
    ? "Credits without limit. "
    : credits?.has_credits
      ? `Credits: ${credits.balance ?? "some"}. `
      : "";
  byId("plan-note").textContent = `${credit}As the backend said at ${formatPrecise(usage.observed_at * 1000)}.`;
}

function planWindow(limit, window, now) {
  const used = Math.round(window.used_percent * 10) / 10;
  const ends = window.resets_at === null ? null : window.resets_at * 1000;
  const title =
    limit.id === "codex" ? windowTitle(window.name) : `${limit.name ?? limit.id}: ${windowTitle(window.name)}`;
  const reserve = window.reserve_percent;
  const notes = [
    ends === null ? "" : `Resets ${formatUntil(ends - now)}, ${formatDay(ends)}`,
    reserve === null ? "" : `${reserve} % held back`,
  ].filter((note) => note !== "");
  const mark = reserve === null ? null : 100 - reserve;
  return make(
    "div",
    { class: "window" },
    make(
      "div",
      { class: "head" },
      make("span", { class: "name" }, title),
      make("span", { class: "used" }, `${used} % used`),
    ),
    meter({ label: `${title}, used part`, percent: used, mark, limit: mark ?? 100 }),
    make("p", { class: "note" }, notes.join(" · ")),
  );
}

function showTotals(steps) {
  const sum = (name) => steps.reduce((total, step) => total + step[name], 0);
  const latest = steps.findLast(({ duration }) => duration !== null);
  const input = sum("input");
  const cached = input === 0 ? "-" : `${Math.round((100 * sum("cached")) / input)} %`;
  const entries = [
    ["Requests", formatCount(sum("requests"))],
    ["Errors", formatCount(sum("errors"))],
    ["Tokens in", formatCount(input)],
    ["From cache", cached],
    ["Tokens out", formatCount(sum("output"))],
    ["Of it reasoning", formatCount(sum("reasoning"))],
    ["First token, median", formatSpan(latest?.firstToken?.[0])],
  ];
  byId("totals").replaceChildren(
    ...entries.map(([name, value]) => make("div", {}, make("dt", {}, name), make("dd", {}, value))),
  );
}

function showCharts(steps) {
  const tokensChart = byId("tokens-chart");
  tokensChart.replaceChildren(
    chart({
      width: widthOf(tokensChart),
      ...{ label: "Tokens over time", steps, kind: "bars", format: formatCount },
      series: [
        { name: "input, new", color: "c1", read: (step) => step.input - step.cached },
        { name: "input, cached", color: "c2", read: (step) => step.cached },
        { name: "output", color: "c3", read: (step) => step.output },
      ],
    }),
  );
  const latencyChart = byId("latency-chart");
  latencyChart.replaceChildren(
    chart({
      width: widthOf(latencyChart),
      ...{ label: "Latency over time", steps, kind: "lines", format: formatSpan },
      series: [
        { name: "first token, median", color: "c2", read: (step) => step.firstToken?.[0] ?? null },
        { name: "whole answer, median", color: "c1", read: (step) => step.duration?.[0] ?? null },
        { name: "whole answer, 95 %", color: "c3", read: (step) => step.duration?.[1] ?? null },
      ],
    }),
  );
  const requestsChart = byId("requests-chart");
  requestsChart.replaceChildren(
    chart({
      width: widthOf(requestsChart),
      ...{
        label: "Requests and errors over time",
        steps,
        kind: "bars",
        format: (value) => formatCount(Math.round(value * 10) / 10),
      },
      series: [
        { name: "answered", color: "c1", read: (step) => step.requests - step.errors },
        { name: "failed", color: "cbad", read: (step) => step.errors },
      ],
    }),
  );
}

function widthOf(place) {
  return Math.max(260, place.clientWidth);
}

function showModels({ models, errors }) {
  const tables = [];
  if (models.length > 0) {
    tables.push(
      table(
        ["Model", "#Requests", "#Tokens in", "#Tokens out"],
        models.map(({ model, requests, input, output }) => [
          model,
          formatCount(requests),
          formatCount(input),
          formatCount(output),
        ]),
      ),
    );
  }
  if (errors.length > 0) {
    tables.push(
      table(
        ["Error", "#Times"],
        errors.map(({ code, count }) => [code, formatCount(count)]),
      ),
    );
  }
  if (tables.length === 0) tables.push(make("p", { class: "empty" }, "No request for a model yet."));
  byId("models").replaceChildren(make("div", { class: "tables" }, ...tables));
}

function showRequests({ live, recent }) {
  const describe = ({ method, path, key }) => `${method} ${path}${key === undefined ? "" : ` · ${key}`}`;
  const none = (text) => make("p", { class: "empty" }, text);
  byId("live").replaceChildren(
    live.length === 0
      ? none("Nothing is running.")
      : table(
          ["Since", "Request", "Model", "State", "#Running for"],
          live.map((one) => [
            formatPrecise(one.started_at),
            describe(one),
            one.model ?? "",
            one.streaming ? "streaming" : "waiting",
            formatSpan(one.age_ms),
          ]),
        ),
  );
  byId("recent").replaceChildren(
    recent.length === 0
      ? none("None yet. Connect a client below.")
      : table(
          ["At", "Request", "Model", "Answer", "#Took", "#First token", "#In", "#Out"],
          recent.map((one) => [
            formatPrecise(one.started_at),
            describe(one),
            one.response_model ?? one.model ?? "",
            outcome(one),
            formatSpan(one.duration_ms),
            formatSpan(one.first_token_ms),
            one.input_tokens === undefined ? "-" : formatCount(one.input_tokens),
            one.output_tokens === undefined ? "-" : formatCount(one.output_tokens),
          ]),
        ),
  );
}

function outcome({ status, error }) {
  if (error === undefined) return make("td", { class: "good" }, String(status));
  return make("td", { class: "bad", title: error.message }, `${status} ${error.code}`);
}

function showKeys({ keys }) {
  byId("keys-section").hidden = keys.length === 0;
  const rows = keys.flatMap(({ name, windows }) =>
    windows.map((window) => [
      name,
      windowTitle(window.name),
      `${window.used_percent} %`,
      window.share_percent === null ? "-" : `${window.share_percent} %`,
      formatCount(window.tokens),
      window.resets_at === null ? "-" : formatClock(window.resets_at * 1000),
    ]),
  );
  byId("keys").replaceChildren(table(["Key", "Window", "#Used", "#Share", "#Tokens", "#Resets"], rows));
}

/** A heading that begins with `#` is one of numbers. */
function table(headings, rows) {
  const kinds = headings.map((heading) => (heading.startsWith("#") ? "number" : undefined));
  const head = headings.map((heading, at) => make("th", { class: kinds[at], scope: "col" }, heading.replace(/^#/, "")));
  const body = rows.map((row) =>
    make(
      "tr",
      {},
      ...row.map((cell, at) => (cell instanceof Node ? cell : make("td", { class: kinds[at] }, String(cell)))),
    ),
  );
  return make("table", {}, make("thead", {}, make("tr", {}, ...head)), make("tbody", {}, ...body));
}

/** Leaves a text alone that is there already, so that it is not read aloud again. */
function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
