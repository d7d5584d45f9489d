import type { Plan, PlanWindow } from "./account";
import styles from "./plan-meter.module.css";
import { clockTime, timeUntil, windowName } from "./words";

/** How much of the plan is used: small bars, and all of it on demand. */
export function PlanMeter({ plan }: { plan: Plan | undefined }) {
  if (plan === undefined || plan.windows.length === 0) return null;
  return (
    <>
      <button type="button" className={styles.meter} popoverTarget="plan">
        <span className="unseen">Plan used: </span>
        {plan.windows.map((window) => (
          <span key={window.windowMinutes ?? 0} className={styles.window}>
            <span className={styles.caption}>
              {windowName(window.windowMinutes)} <b>{percent(window)}</b>
            </span>
            <Bar window={window} />
          </span>
        ))}
      </button>
      <section id="plan" popover="auto" className={styles.details} aria-label="Your plan">
        <h2>{plan.planType === undefined ? "Your plan" : `Your ${planName(plan.planType)} plan`}</h2>
        <dl>
          {plan.windows.map((window) => (
            <div key={window.windowMinutes ?? 0}>
              <dt>{windowName(window.windowMinutes)}</dt>
              <dd>{percent(window)} used</dd>
              <Bar window={window} />
              {window.resetsAt !== undefined && (
                <dd className={styles.reset}>
                  Starts afresh {timeUntil(window.resetsAt)}, {clockTime(window.resetsAt)}
                </dd>
              )}
            </div>
          ))}
        </dl>
      </section>
    </>
  );
}

function Bar({ window }: { window: PlanWindow }) {
  const used = Math.min(Math.max(window.usedPercent, 0), 100);
  const level = used >= 95 ? "out" : used >= 80 ? "low" : "fine";
  return (
    <i className={styles.bar} data-level={level} aria-hidden="true">
      <i style={{ inlineSize: `${used}%` }} />
    </i>
  );
}

function percent({ usedPercent }: PlanWindow): string {
  return `${Math.round(usedPercent)} %`;
}

function planName(planType: string): string {
  return planType.charAt(0).toUpperCase() + planType.slice(1);
}
