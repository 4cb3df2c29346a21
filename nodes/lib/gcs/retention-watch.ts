/**
 * How long an object can be read for sure, milliseconds: 7 days. Source: Cortex XDR administrator guide, storage lifecycle
 * (forwarded data are purged after 7 days); the page on event forwarding says 14: the shorter one counts.
 */
export const RETENTION_MS = 7 * 86_400_000;
/** Parts of the retention at which to speak, the most urgent first. Ours. */
const ALARMS = [0.9, 0.6] as const;
const HOUR_MS = 3_600_000;

/** Warns before the bucket deletes what was not read yet. */
export class RetentionWatch {
  /** The highest part that was told; 0 = none. */
  #told = 0;

  /**
   * @param oldestCreatedMs creation of the oldest object not read to its end, on the service's clock; undefined = none
   * @param serviceNowMs now, on the same clock
   * @returns a sentence for the log, once for each of the two alarms until the age has fallen below it again
   */
  check(oldestCreatedMs: number | undefined, serviceNowMs: number): string | undefined {
    const ageMs = oldestCreatedMs === undefined ? 0 : serviceNowMs - oldestCreatedMs;
    const reached = ALARMS.find((part) => ageMs >= part * RETENTION_MS) ?? 0;
    const isNew = reached > this.#told;
    this.#told = reached;
    if (!isNew) return undefined;
    const urgency =
      reached === ALARMS[0] ? "Events are about to be lost" : "The reader is falling behind the bucket's retention";
    return (
      `${urgency}: the oldest object that was not read yet is ${inDays(ageMs)} old, and the bucket keeps objects for ` +
      `7 days. Read more objects at once, larger batches, or make the flow behind the node faster.`
    );
  }
}

/** "6 days 7 hours" */
export function inDays(ms: number): string {
  const hours = Math.floor(ms / HOUR_MS);
  return `${Math.floor(hours / 24)} days ${hours % 24} hours`;
}
