/** A signal that aborts as soon as one of several does; `unlink` frees the sources, which may live for years. */
export interface AbortLink {
  readonly signal: AbortSignal;
  unlink(): void;
}

/** `AbortSignal.any` without its growth on sources that live as long as the node. */
export function linkSignals(...sources: readonly (AbortSignal | undefined)[]): AbortLink {
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  for (const source of sources) {
    if (source?.aborted === true) abort();
    else source?.addEventListener("abort", abort, { once: true });
  }
  return {
    signal: controller.signal,
    unlink: () => {
      for (const source of sources) source?.removeEventListener("abort", abort);
    },
  };
}
