import type { Failure } from "./failure";

/** One window of the plan. */
export interface PlanWindow {
  usedPercent: number;
  /** 300 for the five hours, 10,080 for the week. */
  windowMinutes?: number;
  /** Unix seconds. */
  resetsAt?: number;
}

/** How much of the plan is used. */
export interface Plan {
  /** E.g. `plus`. */
  planType?: string;
  windows: readonly PlanWindow[];
}

/** A model to pick. */
export interface ModelChoice {
  id: string;
  name: string;
  description?: string;
  /** Lowest first. Empty: not known. */
  efforts: readonly string[];
  defaultEffort?: string;
}

/** What `GET /api/account` answers. */
export interface Account {
  models: ModelChoice[];
  plan?: Plan;
  /** Why nothing can be asked now, e.g. that there is no login. */
  failure?: Failure;
}
