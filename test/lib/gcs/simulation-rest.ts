import { createHook } from "node:async_hooks";
import zlib from "node:zlib";

/** What is looked at of a zlib stream: its native half. */
interface NativeHandle {
  getAsyncId(): number;
  write(...args: unknown[]): unknown;
}

const inflaters = new Set<number>();
/** Pieces that are being inflated in another thread. */
let inflating = 0;
let steps = 0;

/** Turns of the event loop in which nothing happens before all is taken to rest. */
const QUIET_TURNS = 4;
const MAX_TURNS = 2_000_000;

/** Notes that something has happened. */
export function stepped(): void {
  steps += 1;
}

/**
 * Resolves when all has come to rest that virtual time can wake. Inflating goes on in real threads: without knowing when
 * these are done, the same seed would not play the same.
 */
export async function atRest(): Promise<void> {
  let seen = -1;
  let quiet = 0;
  for (let turn = 0; quiet < QUIET_TURNS; turn += 1) {
    if (turn > MAX_TURNS) throw new Error("It does not come to rest.");
    await new Promise((resolve) => setImmediate(resolve));
    quiet = inflating === 0 && seen === steps ? quiet + 1 : 0;
    seen = steps;
  }
}

/** Follows the inflaters that are made from now on. @returns ends that */
export function watchInflaters(): () => void {
  const hook = createHook({
    before: (id) => {
      if (!inflaters.has(id)) return;
      inflating -= 1;
      steps += 1;
    },
    destroy: (id) => void inflaters.delete(id),
  }).enable();
  const real = zlib.createInflateRaw;
  const watched: typeof real = (options) => {
    const inflater = real(options);
    const handle = (inflater as unknown as { _handle: NativeHandle })._handle;
    inflaters.add(handle.getAsyncId());
    const write = handle.write.bind(handle);
    handle.write = (...args) => {
      inflating += 1;
      steps += 1;
      return write(...args);
    };
    return inflater;
  };
  Object.defineProperty(zlib, "createInflateRaw", { configurable: true, enumerable: true, value: watched });
  return () => {
    hook.disable();
    Object.defineProperty(zlib, "createInflateRaw", { configurable: true, enumerable: true, value: real });
  };
}
