/** What one look has found. */
export interface Check {
  name: "versions" | "config" | "permissions" | "login" | "backend" | "clock" | "port";
  /** `warn`: it works, and may not for long; `fail`: it does not. */
  outcome: "pass" | "warn" | "fail";
  message: string;
  /** What to do about it; absent where nothing is to be done. */
  next?: string;
}
