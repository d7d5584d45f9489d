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
  description: string;
  effort: "low" | "medium";
  /** The last effort of the ladder low, medium, high, xhigh, max, ultra. */
  upTo: "xhigh" | "max" | "ultra";
  client: string;
  family: keyof typeof instructionsByFamily;
  hidden?: true;
  verbosity?: "high";
  lite?: false;
  context?: [number, number];
  tier?: "default" | "none";
  upgrade?: string;
}

/** The models that the Codex CLI 0.169 carries with it, in the order of its list. */
const rows: Row[] = [
  {
    slug: "gpt-6.1-sol",
    name: "GPT-6.1-Sol",
    priority: 1,
    description: "Workhorse for code and everyday work.",
    effort: "low",
    upTo: "ultra",
    client: "0.153.0",
    family: "gpt-6.1",
  },
  {
    slug: "gpt-6-astra",
    name: "GPT-6-Astra",
    priority: 2,
    description: "For the most demanding work.",
    effort: "low",
    upTo: "ultra",
    client: "0.153.0",
    family: "gpt-6",
  },
  {
    slug: "gpt-6-sol",
    name: "GPT-6-Sol",
    priority: 3,
    description: "Workhorse of the generation before.",
    effort: "medium",
    upTo: "ultra",
    client: "0.155.0",
    family: "gpt-6",
    tier: "default",
  },
  {
    slug: "gpt-6-luna",
    name: "GPT-6-Luna",
    priority: 4,
    description: "Fast, for easier tasks.",
    effort: "medium",
    upTo: "max",
    client: "0.155.0",
    family: "gpt-6",
    tier: "default",
  },
  {
    slug: "gpt-5.6-sol",
    name: "GPT-5.6-Sol",
    priority: 5,
    description: "Older workhorse.",
    effort: "low",
    upTo: "ultra",
    client: "0.144.0",
    family: "gpt-5.6",
    upgrade: "gpt-6-sol",
  },
  {
    slug: "gpt-6.1-terra",
    name: "GPT-6.1 Terra",
    priority: 7,
    description: "For long contexts.",
    effort: "low",
    upTo: "ultra",
    client: "0.153.0",
    family: "gpt-6.1",
    context: [500_000, 872_000],
  },
  {
    slug: "gpt-5.6-terra",
    name: "GPT-5.6-Terra",
    priority: 8,
    description: "Older balanced model.",
    effort: "medium",
    upTo: "ultra",
    client: "0.144.0",
    family: "gpt-5.6",
    upgrade: "gpt-6-sol",
  },
  {
    slug: "gpt-5.6-luna",
    name: "GPT-5.6-Luna",
    priority: 9,
    description: "Older fast model.",
    effort: "medium",
    upTo: "max",
    client: "0.144.0",
    family: "gpt-5.6",
    upgrade: "gpt-6-luna",
  },
  {
    slug: "gpt-daybreak-blue-latest",
    name: "Daybreak Blue",
    priority: 11,
    description: "For defensive security work.",
    effort: "low",
    upTo: "ultra",
    client: "0.142.2",
    family: "daybreak",
    hidden: true,
    tier: "none",
  },
  {
    slug: "gpt-daybreak-red-latest",
    name: "Daybreak Red",
    priority: 12,
    description: "For permitted security research.",
    effort: "medium",
    upTo: "ultra",
    client: "0.142.2",
    family: "daybreak",
    hidden: true,
    tier: "none",
    verbosity: "high",
    context: [372_000, 372_000],
  },
  {
    slug: "gpt-5.5",
    name: "GPT-5.5",
    priority: 13,
    description: "Older coding model.",
    effort: "medium",
    upTo: "xhigh",
    client: "0.124.0",
    family: "gpt-5.5",
    lite: false,
    context: [272_000, 272_000],
    upgrade: "gpt-6-sol",
  },
  {
    slug: "codex-auto-review",
    name: "Codex Auto Review",
    priority: 43,
    description: "Reviews approvals.",
    effort: "medium",
    upTo: "max",
    client: "0.98.0",
    family: "auto-review",
    hidden: true,
  },
];

/** The catalog that the simulator serves by default: 12 models, each with the fields that the real list has. */
export const catalog: readonly ModelEntry[] = rows.map(toEntry);

function toEntry(row: Row): ModelEntry {
  const lite = row.lite !== false;
  const last = efforts.findIndex(([effort]) => effort === row.upTo);
  return {
    slug: row.slug,
    display_name: row.name,
    description: row.description,
    default_reasoning_level: row.effort,
    supported_reasoning_levels: efforts.slice(0, last + 1).map(([effort, description]) => ({ effort, description })),
    shell_type: "shell_command",
    visibility: row.hidden ? "hide" : "list",
    minimal_client_version: row.client,
    supported_in_api: true,
    priority: row.priority,
    availability_nux: null,
    upgrade: row.upgrade
      ? { model: row.upgrade, migration_markdown: `Try ${row.upgrade} instead.`, retirement_at: null }
      : null,
    prefer_websockets: true,
    support_verbosity: true,
    default_verbosity: row.verbosity ?? "low",
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
    auto_review_model_override: null,
    model_specialty: row.family === "daybreak" ? "cyber" : null,
    context_window: row.context?.[0] ?? 272_000,
    max_context_window: row.context?.[1] ?? 872_000,
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
    default_service_tier: row.tier === "default" ? "priority" : null,
    service_tiers: row.tier === "none" ? [] : [{ id: "priority", name: "Fast", description: "Faster, uses more" }],
    additional_speed_tiers: row.tier === "none" ? [] : ["fast"],
  };
}
