import type { ModelChoice } from "./account";
import styles from "./pickers.module.css";
import type { Choice } from "./use-choice";
import { effortName } from "./words";

/** Which model is asked, and how hard it shall think. The browser's own lists, which phones know how to show. */
export function Pickers({ models, choice }: { models: readonly ModelChoice[]; choice: Choice }) {
  const { model, effort, pick } = choice;
  if (model === undefined) return <div className={styles.pickers} />;
  const own = model.defaultEffort;
  return (
    <div className={styles.pickers}>
      <label>
        <span className="unseen">Model</span>
        <select value={model.id} onChange={(event) => pick({ model: event.target.value })} title={model.description}>
          {models.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
      </label>
      {model.efforts.length > 0 && (
        <label>
          <span className="unseen">Thinking effort</span>
          <select
            value={effort ?? ""}
            onChange={(event) => pick({ effort: event.target.value || undefined })}
            title={
              own === undefined
                ? "How hard the model thinks"
                : `By itself this model thinks with effort ${effortName(own)}`
            }
          >
            <option value="">Thinking: auto</option>
            {model.efforts.map((name) => (
              <option key={name} value={name}>
                Thinking: {effortName(name)}
              </option>
            ))}
          </select>
        </label>
      )}
    </div>
  );
}
