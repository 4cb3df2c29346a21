import type { Node } from "node-red";

/** Longest wait for users and hooks together, milliseconds: Node-RED gives up on a node after 15 s, users after 5. */
export const CLOSE_CAP_MS = 4_500;
/** What hooks that wait for the users to leave have left of it at least, milliseconds. */
const RESERVE_MS = 500;

/**
 * Something to close with the tenant, while its client still works.
 * @param gone resolves when all users have left, or have had their time
 */
export type CloseHook = (gone: Promise<void>) => Promise<void>;

/** Users of a tenant node and what has to end before its client does. */
export class TenantUsers {
  /** Plain object of nodes by id: Node-RED reads it. */
  readonly users: Record<string, Node> = {};
  readonly #hooks: CloseHook[] = [];
  #allGone: (() => void) | undefined;

  register(user: Node): void {
    this.users[user.id] = user;
  }

  deregister(user: Node): void {
    // A node that was restarted under the same id may already be in its place.
    if (this.users[user.id] === user) Reflect.deleteProperty(this.users, user.id);
    if (Object.keys(this.users).length === 0) this.#allGone?.();
  }

  onClose(hook: CloseHook): void {
    this.#hooks.push(hook);
  }

  /** Runs the hooks and waits for them and for all users to leave, at most `capMs`. Never rejects. */
  async closed(capMs = CLOSE_CAP_MS): Promise<void> {
    const gone = new Promise<void>((resolve) => {
      this.#allGone = resolve;
      if (Object.keys(this.users).length === 0) resolve();
    });
    const timers: NodeJS.Timeout[] = [];
    const after = (ms: number): Promise<void> => new Promise((resolve) => timers.push(setTimeout(resolve, ms)));
    const goneOrLate = Promise.race([gone, after(Math.max(0, capMs - RESERVE_MS))]);
    const hooks = this.#hooks.splice(0).map(async (hook) => hook(goneOrLate));
    await Promise.race([Promise.allSettled([gone, ...hooks]), after(capMs)]);
    for (const timer of timers) clearTimeout(timer);
  }
}
