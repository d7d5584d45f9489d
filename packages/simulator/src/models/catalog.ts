import { instructionsByFamily } from "./texts.js";

/** A model as `GET /models` lists it: the fields that matter here by name, the others as they are. */
export interface ModelEntry {
  slug: string;
  visibility: "list" | "hide" | "none";
  minimal_client_version: string;
  available_in_plans: string[];
  supported_reasoning_levels: { effort: string; description: string }[];
  default_reasoning_level: string;
  default_verbosity: string;
  use_responses_lite: boolean;
  context_window: number;
  max_context_window: number;
  service_tiers: { id: string; name: string; description: string }[];
  model_messages: { instructions_template: string; [field: string]: unknown };
  [field: string]: unknown;
}

const efforts = [
  ["low", "Quick answers with little reasoning"],
  ["medium", "A balance of speed and reasoning"],
  ["high", "More reasoning for hard problems"],
  ["xhigh", "Much more reasoning for hard problems"],
  ["max", "As much reasoning as there is"],
  ["ultra", "As much reasoning as there is, with tasks handed out"],
] as const;

const plans =
  "business edu edu_plus edu_pro education ent26 enterprise enterprise_cbp_automation enterprise_cbp_trial enterprise_cbp_usage_based finserv free free_workspace go hc k12 plus pro prolite promax quorum sci self_serve_business_prolite self_serve_business_usage_based team".split(
    " ",
  );

interface Row {
  slug: string;
  name: string;
  priority: number;
  effort: string;
  /** The last effort of the ladder. */
  upTo: string;
  client: string;
  family: keyof typeof instructionsByFamily;
  description: string;
  more: More;
}

interface More {
  hidden?: true;
  verbosity?: "high";
  lite?: false;
  context?: [number, number];
  tier?: "default" | "none";
  upgrade?: string;
}

/** Columns: id, name, default effort, highest effort, minimal client, family, priority, description, what differs. */
function row(
  [slug, name, effort, upTo, client]: [string, string, string, string, string],
  family: Row["family"],
  priority: number,
  description: string,
  more: More = {},
): Row {
  return { slug, name, priority, effort, upTo, client, family, description, more };
}

const hiddenCyber: More = { hidden: true, tier: "none" };
const red: More = { ...hiddenCyber, verbosity: "high", context: [372_000, 372_000] };
const wide: More = { context: [500_000, 872_000] };
const plain: More = { lite: false, context: [272_000, 272_000], upgrade: "gpt-6-sol" };

/** The models that the Codex CLI 0.171 carries with it, by priority. */
const rows: Row[] = [
  row(["gpt-6.2-sol", "GPT-6.2-Sol", "low", "ultra", "0.166.0"], "gpt-6.2", 1, "For code and everyday work.", wide),
  row(["gpt-6.2-astra", "GPT-6.2-Astra", "low", "ultra", "0.166.0"], "gpt-6.2", 2, "For the most demanding work."),
  row(["gpt-6.1-terra", "GPT-6.1 Terra", "low", "ultra", "0.153.0"], "gpt-6.1", 3, "Long.", wide),
  row(["gpt-6.1-sol", "GPT-6.1-Sol", "low", "ultra", "0.153.0"], "gpt-6.1", 4, "The workhorse before.", wide),
  row(["gpt-6-astra", "GPT-6-Astra", "low", "ultra", "0.153.0"], "gpt-6", 5, "Demanding work, before."),
  row(["gpt-6-sol", "GPT-6-Sol", "medium", "ultra", "0.155.0"], "gpt-6", 6, "Older workhorse.", { tier: "default" }),
  row(["gpt-6-luna", "GPT-6-Luna", "medium", "max", "0.155.0"], "gpt-6", 7, "Fast.", { tier: "default" }),
  row(["gpt-5.6-sol", "GPT-5.6-Sol", "low", "ultra", "0.144.0"], "gpt-5.6", 8, "Old.", { upgrade: "gpt-6-sol" }),
  row(["gpt-5.6-terra", "GPT-5.6-Terra", "medium", "ultra", "0.144.0"], "gpt-5.6", 9, "Old.", { upgrade: "gpt-6-sol" }),
  row(["gpt-5.6-luna", "GPT-5.6-Luna", "medium", "max", "0.144.0"], "gpt-5.6", 10, "Old.", { upgrade: "gpt-6-luna" }),
  row(
    ["gpt-daybreak-blue-latest", "Daybreak Blue", "low", "ultra", "0.144.0"],
    "daybreak",
    11,
    "Defence.",
    hiddenCyber,
  ),
  row(["gpt-daybreak-red-latest", "Daybreak Red", "medium", "ultra", "0.142.2"], "daybreak", 12, "Research.", red),
  row(["gpt-5.5", "GPT-5.5", "medium", "xhigh", "0.124.0"], "gpt-5.5", 13, "Older coding model.", plain),
  row(["codex-auto-review", "Auto Review", "medium", "max", "0.98.0"], "auto-review", 43, "Reviews.", { hidden: true }),
];

/** The catalog that the simulator serves by default: 14 models, each with the fields that the real list has. */
export const catalog: readonly ModelEntry[] = rows.map(toEntry);

function toEntry({ more, ...row }: Row): ModelEntry {
  const lite = more.lite !== false;
  const last = efforts.findIndex(([effort]) => effort === row.upTo);
  return {
    slug: row.slug,
    display_name: row.name,
    description: row.description,
    default_reasoning_level: row.effort,
    supported_reasoning_levels: efforts.slice(0, last + 1).map(([effort, description]) => ({ effort, description })),
    shell_type: "shell_command",
    visibility: more.hidden ? "hide" : "list",
    minimal_client_version: row.client,
    supported_in_api: true,
    priority: row.priority,
    availability_nux: null,
    upgrade: more.upgrade
      ? { model: more.upgrade, migration_markdown: `Try ${more.upgrade} instead.`, retirement_at: null }
      : null,
    prefer_websockets: true,
    support_verbosity: true,
    default_verbosity: more.verbosity ?? "low",
    apply_patch_tool_type: "freeform",
    web_search_tool_type: "text_and_image",
    input_modalities: ["text", "image"],
    supports_image_detail_original: true,
    truncation_policy: { mode: "tokens", limit: 10_000 },
    supports_parallel_tool_calls: true,
    tool_mode: lite ? "code_mode_only" : null,
    multi_agent_version: lite ? "v2" : null,
    multi_agent_reasoning_effort: null,
    use_responses_lite: lite,
    include_skills_usage_instructions: !lite,
    include_apps_usage_instructions: !lite,
    include_plugin_usage_instructions: !lite,
    guardian: null,
    // Only the newest family has these two.
    ...(row.family === "gpt-6.2"
      ? { allow_only_codex_cloud_agent_orchestrator: false, allow_only_chatgpt_workspace_executor: false }
      : {}),
    auto_review_model_override: null,
    model_specialty: row.family === "daybreak" ? "cyber" : null,
    context_window: more.context?.[0] ?? 272_000,
    max_context_window: more.context?.[1] ?? 872_000,
    auto_compact_token_limit: null,
    comp_hash: "3000",
    supports_reasoning_summaries: true,
    supports_reasoning_summary_parameter: true,
    default_reasoning_summary: "none",
    model_messages: {
      instructions_template: instructionsByFamily[row.family],
      persistent_instructions: null,
      tools: null,
      approvals: null,
      collaboration_modes: null,
      auto_review: null,
      multi_agent: null,
      permissions: null,
      token_budget: null,
      guardian_v2: null,
      confirmation_policies: null,
    },
    experimental_supported_tools: [],
    available_in_plans: [...plans],
    supports_search_tool: true,
    supports_experimental_context: false,
    default_service_tier: more.tier === "default" ? "priority" : null,
    service_tiers: more.tier === "none" ? [] : [{ id: "priority", name: "Fast", description: "Faster, uses more" }],
    additional_speed_tiers: more.tier === "none" ? [] : ["fast"],
  };
}
