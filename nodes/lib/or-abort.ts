/**
 * What `answer` becomes, or a rejection with what `reason` makes as soon as `signal` aborts. Unlike `Promise.race` with a
 * promise that lives long, it leaves nothing behind on the signal.
 */
export function orAbort<T>(answer: Promise<T>, signal: AbortSignal, reason: () => Error): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const onAbort = (): void => reject(reason());
    const leave = (): void => signal.removeEventListener("abort", onAbort);
    signal.addEventListener("abort", onAbort, { once: true });
    if (signal.aborted) onAbort();
    answer.then(resolve, reject).finally(leave);
  });
}
