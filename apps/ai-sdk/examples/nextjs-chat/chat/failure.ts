import { z } from "zod";

/** What went wrong, as the page is told. */
const failureSchema = z.object({
  /** What happened, in one word for the program: `auth_missing`, `usage_limit_reached` ... */
  code: z.string(),
  /** What happened and what to do, in words for the person. */
  message: z.string(),
  /** When a usage limit ends, in Unix seconds. */
  resetsAt: z.number().optional(),
});

export type Failure = z.infer<typeof failureSchema>;

/** Reads the error of `useChat`, whose message is a failure in JSON, or the browser's own words. */
export function readFailure(text: string): Failure {
  try {
    return failureSchema.parse(JSON.parse(text));
  } catch {
    return { code: "page_server", message: text };
  }
}
