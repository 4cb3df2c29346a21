// What the dialogs and the runtime have to agree on. Without imports: the dialogs' bundles take it in.

/** Longest `intervalSeconds`: a day. */
export const MAX_INTERVAL_SECONDS = 86_400;
/** Most events in one message. */
export const MAX_BATCH_SIZE = 10_000;
/** Most objects read at once. */
export const MAX_OBJECTS = 32;
/** Most events that may be out. */
export const MAX_UNACKNOWLEDGED = 100_000;
/** Longest `timeoutSeconds`. */
export const MAX_TIMEOUT_SECONDS = 600;
/** Longest line that may be allowed, bytes. */
export const MAX_LINE_BYTES = 268_435_456;
