import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type * as Clocks from "../../nodes/lib/clock";
import type * as PollOptionsModule from "../../nodes/lib/poll/poll-options";
import type * as PollerModule from "../../nodes/lib/poll/poller";
import type { RunReport } from "../../nodes/lib/poll/poller-api";
import type * as LevelStoreModule from "../../nodes/lib/store/level-store";
import type * as SharedStoreModule from "../../nodes/lib/store/shared-store";
import type * as ClientModule from "../../nodes/lib/tenant/client";
import type { TenantClient } from "../../nodes/lib/tenant/client-api";
import type * as PollOutputModule from "../../nodes/shared/poll-output";

// What ships is measured: tsx would run the sources with its own helpers in between.
const load = createRequire(__filename);
const { systemClock } = load("../../dist/nodes/lib/clock.js") as typeof Clocks;
const { parsePollOptions } = load("../../dist/nodes/lib/poll/poll-options.js") as typeof PollOptionsModule;
const { createPoller } = load("../../dist/nodes/lib/poll/poller.js") as typeof PollerModule;
const { openLevelStore } = load("../../dist/nodes/lib/store/level-store.js") as typeof LevelStoreModule;
const { openSharedStore } = load("../../dist/nodes/lib/store/shared-store.js") as typeof SharedStoreModule;
const { createTenantClient } = load("../../dist/nodes/lib/tenant/client.js") as typeof ClientModule;
const { PollOutput } = load("../../dist/nodes/shared/poll-output.js") as typeof PollOutputModule;

/** A first run that reaches a day back. */
const OPTIONS = parsePollOptions({ resource: "alerts", apiVersion: "v2", lookbackHours: 24, intervalSeconds: 86_400 });
const KEY = { keyType: "advanced", keyId: "1", key: "k".repeat(128) } as const;

const DAY_MS = 86_400_000;

/** A tenant in a process of its own. */
export interface AlertsServer {
  readonly url: string;
  /** Where its time stands still, epoch milliseconds: so every run asks the same. */
  readonly nowMs: number;
  end(): void;
}

/** Serves `count` alerts, stored evenly over the last 24 hours. */
export async function serveAlerts(count: number): Promise<AlertsServer> {
  const nowMs = Date.now();
  const child = fork(join(__dirname, "alerts-server.ts"), [count, nowMs - DAY_MS, nowMs].map(String));
  const failed = once(child, "exit").then(() => Promise.reject(new Error("the alerts' server ended before it began")));
  const [url] = (await Promise.race([once(child, "message"), failed])) as [string];
  return { url, nowMs, end: () => child.disconnect() };
}

/** The client that ships, without its limit of ten requests a second. */
export function unlimitedClient(url: string): TenantClient {
  const settings = { baseUrl: url, apiKey: KEY, timeoutMs: 60_000 };
  return createTenantClient(settings, { env: {}, limit: { requests: 1_000_000, windowMs: 1_000 } });
}

export interface PollTask {
  readonly server: AlertsServer;
  readonly client: Pick<TenantClient, "callRaw">;
  /** Told how many messages have gone out. */
  readonly onSent?: (messages: number) => void;
  /** Told when everything is ready, right before the run. */
  readonly onStart?: () => void;
  /** Told right after the run. */
  readonly onEnd?: () => void;
}

/** The first run of a new node in "emit" mode, on a store of its own. @throws Error when the run failed */
export async function pollOnce({ server, client, onSent, onStart, onEnd }: PollTask): Promise<RunReport> {
  const folder = mkdtempSync(join(tmpdir(), "cortex-xdr-bench-"));
  const store = openSharedStore({ open: () => openLevelStore(folder, Date.now()), onDamage: () => undefined });
  const output = new PollOutput({
    splitEvents: false,
    acknowledge: "emit",
    newId,
    send: ({ length }) => onSent?.(length),
    onWaiting: () => undefined,
  });
  await store.use();
  onStart?.();
  let finish: (report: RunReport) => void = () => undefined;
  const ended = new Promise<RunReport>((resolve) => (finish = resolve));
  const poller = createPoller({
    id: "bench",
    options: OPTIONS,
    tenantUrl: server.url,
    client: { clockSkewMs: 0, callRaw: (request) => client.callRaw(request) },
    openStore: () => store.use(),
    clock: { ...systemClock, now: () => server.nowMs },
    random: Math.random,
    emit: (page, closing) => output.emit(page, closing),
    emitExtra: (extra, closing) => output.emitExtra(extra, closing),
    onReport: (report) => {
      onEnd?.();
      finish(report);
    },
    onState: () => undefined,
    onNotice: () => undefined,
  });
  try {
    poller.start();
    const report = await ended;
    if (report.error !== undefined) throw new Error(`the run failed: ${report.error.message}`);
    return report;
  } finally {
    await poller.close();
    await store.close();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** As Node-RED makes the id of a message. */
function newId(): string {
  return Array.from({ length: 8 }, () =>
    Math.round(0xff * Math.random())
      .toString(16)
      .padStart(2, "0"),
  ).join("");
}
