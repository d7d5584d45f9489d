/** What `response.failed` says for the codes that the backend is known to send. */
const messages: Readonly<Record<string, string>> = {
  context_length_exceeded:
    "Your input exceeds the context window of this model. Please adjust your input and try again.",
  insufficient_quota: "You exceeded your current quota, please check your plan and billing details.",
  usage_not_included: "To use Codex with your ChatGPT plan, upgrade it.",
  usage_limit_reached: "The usage limit has been reached",
  cyber_policy: "This request has been flagged for possible cybersecurity risk.",
  bio_policy: "This request has been flagged for possible biological risk.",
  misalignment_policy_violation: "This request was stopped by a safety policy.",
  invalid_prompt: "Invalid prompt: your prompt was flagged as potentially violating our usage policy.",
  organization_spend_limit_exceeded: "Your organization has reached its spend limit.",
  credit_balance_exhausted: "Your credit balance is used up.",
  server_is_overloaded: "Our servers are currently overloaded. Please try again later.",
  slow_down: "Please slow down and try again later.",
  rate_limit_exceeded: "Rate limit reached. Please try again in 1.2s.",
  server_error: "The server had an error while processing your request. Sorry about that!",
};

/** The message of a failure code; a plain one for codes that are not in the table. */
export function failureMessage(code: string): string {
  return messages[code] ?? `The simulator failed this response with the code ${code}.`;
}
