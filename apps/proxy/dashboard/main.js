import { make } from "./format.js";
import { showState } from "./panels.js";

const every = 2000;
const byId = (id) => document.getElementById(id);

// What lets this page ask; other servers of this machine are shown its cookie, and never this.
const given = document.querySelector('meta[name="page-key"]')?.content;
if (given !== undefined) localStorage.setItem("page-key", given);

// The link has been spent, so it need not stay in the address.
if (location.search !== "") history.replaceState(null, "", "/dashboard");

let range = "hour";
let timer;

async function refresh() {
  clearTimeout(timer);
  try {
    if (!document.hidden) showState(await ask(`state?range=${range}`));
  } catch (error) {
    byId("status").className = "status bad";
    byId("status").textContent = error.message;
  }
  timer = setTimeout(refresh, every);
}

async function ask(path) {
  let answer;
  try {
    const headers = { "x-dashboard-key": localStorage.getItem("page-key") ?? "" };
    answer = await fetch(`/dashboard/${path}`, { credentials: "same-origin", headers });
  } catch {
    throw new Error("The proxy does not answer. Was it stopped?");
  }
  if (answer.status === 401) {
    location.replace("/dashboard/locked");
    throw new Error("This browser is locked out.");
  }
  if (!answer.ok) throw new Error(`The proxy answered ${answer.status}.`);
  return await answer.json();
}

byId("range").addEventListener("click", () => {
  range = range === "hour" ? "day" : "hour";
  byId("range").textContent = range === "hour" ? "Last hour" : "Last day";
  byId("range").setAttribute("aria-pressed", String(range === "day"));
  refresh();
});

byId("share").addEventListener("click", async () => {
  const { link } = await ask("link");
  await copy(byId("share"), link);
});

document.addEventListener("visibilitychange", () => document.hidden || refresh());

/** Says on the button whether it worked: browsers allow the clipboard on this machine's addresses and on https. */
async function copy(button, text) {
  const before = button.dataset.label ?? button.textContent;
  button.dataset.label = before;
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
  } catch {
    prompt("Copy this:", text);
  }
  setTimeout(() => {
    button.textContent = before;
  }, 1500);
}

const titles = {
  litellm: "LiteLLM",
  "open-webui": "Open WebUI",
  cursor: "Cursor",
  cline: "Cline",
  continue: "Continue",
  langchain: "LangChain",
  "openai-python": "OpenAI, Python",
  "openai-node": "OpenAI, Node",
  "openai-agents": "OpenAI Agents",
  llm: "llm",
  codex: "Codex CLI",
  n8n: "n8n",
};

async function showClients() {
  const clients = await ask("clients");
  const tabs = clients.map(({ name }, index) => {
    const tab = make(
      "button",
      { type: "button", role: "tab", id: `tab-${name}`, "aria-controls": "client" },
      titles[name] ?? name,
    );
    tab.addEventListener("click", () => choose(index));
    tab.addEventListener("keydown", ({ key }) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[key];
      if (step === undefined) return;
      const next = (index + step + clients.length) % clients.length;
      choose(next);
      tabs[next].focus();
    });
    return tab;
  });
  const choose = (index) => {
    for (const [at, tab] of tabs.entries()) {
      tab.setAttribute("aria-selected", String(at === index));
      tab.tabIndex = at === index ? 0 : -1;
    }
    const { text, notes } = clients[index];
    const button = make("button", { type: "button" }, "Copy");
    button.addEventListener("click", () => copy(button, text));
    byId("client").replaceChildren(
      make("div", { class: "code" }, make("pre", { tabindex: "0" }, make("code", {}, text.trimEnd())), button),
      make("ul", {}, ...notes.map((note) => make("li", {}, note))),
    );
  };
  byId("clients-tabs").replaceChildren(...tabs);
  choose(0);
}

refresh();
showClients().catch((error) => {
  byId("client").textContent = error.message;
});
