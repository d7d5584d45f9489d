/** A client's settings, with the real values of this machine. */
export interface ClientFacts {
  /** With `/v1`. */
  baseUrl: string;
  /** A placeholder where keys are configured, since they are not known; else any word. */
  key: string;
  model: string;
}

/** The clients that have settings of their own here. */
export const clientNames = [
  "litellm",
  "open-webui",
  "cursor",
  "cline",
  "continue",
  "langchain",
  "openai-python",
  "openai-node",
  "openai-agents",
  "llm",
  "codex",
  "n8n",
] as const;

export type ClientName = (typeof clientNames)[number];

/** Settings to copy, and what else is to be done, in plain words. */
export interface ClientSettings {
  /** What is to be saved or run, as it is. */
  text: string;
  /** Where it goes, and what to look out for. */
  notes: readonly string[];
}

const makers: Readonly<Record<ClientName, (facts: ClientFacts) => ClientSettings>> = {
  litellm: ({ baseUrl, key, model }) => ({
    text: `model_list:
  - model_name: ${model}
    litellm_params:
      model: openai/${model}
      api_base: ${baseUrl}
      api_key: ${key}
litellm_settings:
  drop_params: true
`,
    notes: [
      "Without drop_params LiteLLM itself refuses what it does not know of a model, before anything is sent here.",
      "Save it as config.yaml. LiteLLM does not start without a key of its own, which its callers send:",
      "export LITELLM_MASTER_KEY=sk-$(openssl rand -hex 32)",
      "litellm --config config.yaml",
      "openai/ before the name makes LiteLLM speak to api_base; more models are more entries.",
      ...container(baseUrl),
    ],
  }),
  "open-webui": ({ baseUrl, key }) => ({
    text: `docker run -d -p 3000:8080 --add-host=host.docker.internal:host-gateway \\
  -e OPENAI_API_BASE_URL=${fromContainer(baseUrl)} -e OPENAI_API_KEY=${key} -e ENABLE_OLLAMA_API=false \\
  -v open-webui:/app/backend/data --name open-webui ghcr.io/open-webui/open-webui:main
`,
    notes: [
      "Or in its admin settings: Connections, OpenAI API, the same URL and key. It lists the models by itself.",
      "A chat makes three more requests, for its title, tags and follow-up questions: Admin Settings, Interface turns them off, or gives them a small model.",
      "Keep the connection's API type at Chat Completions: over Responses it loses the model's reasoning between tool calls.",
      ...container(baseUrl),
    ],
  }),
  cursor: ({ key, model }) => ({
    text: `OpenAI API Key            ${key}
Override OpenAI Base URL  https://YOUR-TUNNEL.example/v1
Add model                 ${model}
`,
    notes: [
      "In Cursor Settings, Models, API Keys.",
      "Cursor's own servers call this URL, so an address of this machine or of your network does not work: it takes a public https address that leads here, by a tunnel such as cloudflared or ngrok, and a key, since anyone may find it.",
      "1. codex-oauth keys create cursor   (that is the key above)",
      "2. start the tunnel to this proxy's port, and note its host name",
      "3. codex-oauth serve --allowed-host THAT-HOST-NAME",
      "Everything that you ask in Cursor then goes over its servers. Its own completions (Tab) do not use this.",
    ],
  }),
  cline: ({ baseUrl, key, model }) => ({
    text: `API Provider  OpenAI Compatible
Base URL      ${baseUrl}
API Key       ${key}
Model ID      ${model}
`,
    notes: ["In Cline's settings in VS Code. It wants some key, whatever it is."],
  }),
  continue: ({ baseUrl, key, model }) => ({
    text: `name: codex-oauth
version: 0.0.1
schema: v1
models:
  - name: ${model}
    provider: openai
    model: ${model}
    apiBase: ${baseUrl}
    apiKey: ${key}
    roles:
      - chat
      - edit
      - apply
`,
    notes: ["Save it as ~/.continue/config.yaml, or add the model to the one that is there."],
  }),
  langchain: ({ baseUrl, key, model }) => ({
    text: `import { ChatOpenAI } from "@langchain/openai";

const chat = new ChatOpenAI({
  model: "${model}",
  apiKey: "${key}",
  configuration: { baseURL: "${baseUrl}" },
});
const answer = await chat.invoke("Say hello.");
console.log(answer.text);
`,
    notes: [
      "npm install @langchain/openai @langchain/core",
      `In Python: ChatOpenAI(model="${model}", api_key="${key}", base_url="${baseUrl}")`,
      "In Python's async code also stream_chunk_timeout=None, where the model may think for longer than two minutes without a word.",
    ],
  }),
  "openai-python": ({ baseUrl, key, model }) => ({
    text: `from openai import OpenAI

client = OpenAI(base_url="${baseUrl}", api_key="${key}")
answer = client.chat.completions.create(
    model="${model}",
    messages=[{"role": "user", "content": "Say hello."}],
)
print(answer.choices[0].message.content)
`,
    notes: ["pip install openai", `Or leave the code alone: OPENAI_BASE_URL=${baseUrl} OPENAI_API_KEY=${key}`],
  }),
  "openai-node": ({ baseUrl, key, model }) => ({
    text: `import OpenAI from "openai";

const client = new OpenAI({ baseURL: "${baseUrl}", apiKey: "${key}" });
const answer = await client.chat.completions.create({
  model: "${model}",
  messages: [{ role: "user", content: "Say hello." }],
});
console.log(answer.choices[0].message.content);
`,
    notes: ["npm install openai", `Or leave the code alone: OPENAI_BASE_URL=${baseUrl} OPENAI_API_KEY=${key}`],
  }),
  "openai-agents": ({ baseUrl, key, model }) => ({
    text: `from agents import Agent, Runner, set_default_openai_client, set_tracing_disabled
from openai import AsyncOpenAI

set_default_openai_client(AsyncOpenAI(base_url="${baseUrl}", api_key="${key}"))
set_tracing_disabled(True)
agent = Agent(name="Assistant", model="${model}")
print(Runner.run_sync(agent, "Say hello.").final_output)
`,
    notes: [
      "pip install openai-agents",
      "An agent without a model asks for gpt-5.6-luna, whatever this plan has: name one.",
      "Tracing would send the conversation to OpenAI's platform.",
    ],
  }),
  llm: ({ baseUrl, model }) => ({
    text: `- model_id: codex
  model_name: ${model}
  api_base: ${baseUrl}
  api_key_name: codex
`,
    notes: [
      'Add it to extra-openai-models.yaml in the folder that this prints: dirname "$(llm logs path)"',
      "llm keys set codex   (any word, where the proxy has no keys)",
      'llm -m codex "Say hello."',
      "Without api_key_name llm sends a made-up key, which a proxy with keys refuses.",
    ],
  }),
  codex: ({ baseUrl, model }) => ({
    text: `model = "${model}"
model_provider = "codex-oauth"

[model_providers.codex-oauth]
name = "codex-oauth"
base_url = "${baseUrl}"
env_key = "CODEX_OAUTH_PROXY_KEY"
wire_api = "responses"
`,
    notes: [
      "Add it to ~/.codex/config.toml. The CLI speaks the Responses API only.",
      "It takes the key from the variable: export CODEX_OAUTH_PROXY_KEY=... (any word, where the proxy has no keys).",
    ],
  }),
  n8n: ({ baseUrl, key, model }) => ({
    text: `Credential  OpenAI
API Key     ${key}
Base URL    ${baseUrl}
Model       ${model} (in the node OpenAI Chat Model: from the list, or by ID)
`,
    notes: [...container(baseUrl)],
  }),
};

/** Settings of one client. */
export function describeClient(name: ClientName, facts: ClientFacts): ClientSettings {
  return makers[name](facts);
}

/** The name under which Docker's containers reach this machine. */
function fromContainer(baseUrl: string): string {
  return baseUrl.replace(/\/\/(?:127\.0\.0\.1|localhost|\[::1\])(?=[:/])/, "//host.docker.internal");
}

function container(baseUrl: string): string[] {
  const inside = fromContainer(baseUrl);
  if (inside === baseUrl) return [];
  return [
    `From a container this machine is ${inside}; the proxy then has to listen for it: codex-oauth keys create, then codex-oauth serve --host 0.0.0.0 --allowed-host host.docker.internal`,
  ];
}
