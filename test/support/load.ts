import { Agent, request } from "node:http";
import { threatLog } from "./relay-flow";

export interface Sent {
  readonly name: string;
  /** Status of the answer; 0 when none came. */
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly ms: number;
}

/** Posts one body and waits for the answer. Never rejects: no answer is status 0. */
export function post(
  url: string,
  body: string | Buffer,
  options: { agent?: Agent; headers?: Record<string, string>; timeoutMs?: number } = {},
): Promise<{ status: number; body: string; headers: Record<string, string | string[] | undefined> }> {
  const { agent, headers = { "content-type": "text/plain" }, timeoutMs = 20_000 } = options;
  return new Promise((resolve) => {
    const nothing = { status: 0, body: "", headers: {} };
    const outgoing = request(
      url,
      { method: "POST", headers, timeout: timeoutMs, ...(agent ? { agent } : {}) },
      (answer) => {
        let text = "";
        answer.setEncoding("utf8");
        answer.on("data", (chunk: string) => (text += chunk));
        answer.on("end", () => resolve({ status: answer.statusCode ?? 0, body: text, headers: answer.headers }));
        answer.on("error", () => resolve(nothing));
      },
    );
    outgoing.on("timeout", () => outgoing.destroy());
    outgoing.on("error", () => resolve(nothing));
    outgoing.end(body);
  });
}

export interface LoadOptions {
  readonly url: string;
  readonly connections: number;
  /** Alert names to post, each once. */
  readonly names: Iterable<string>;
  /** Looked at before each post. */
  readonly stop?: () => boolean;
}

/** Firewalls that post threat logs over a number of connections, each as fast as it is answered. */
export async function postThreatLogs(options: LoadOptions): Promise<Sent[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: options.connections });
  const names = options.names[Symbol.iterator]();
  const sent: Sent[] = [];
  const firewall = async (): Promise<void> => {
    while (options.stop?.() !== true) {
      const next = names.next();
      if (next.done === true) return;
      const started = performance.now();
      const { status, headers } = await post(options.url, threatLog(next.value), { agent, timeoutMs: 10_000 });
      const retryAfter = headers["retry-after"];
      sent.push({
        name: next.value,
        status,
        retryAfter: typeof retryAfter === "string" ? retryAfter : undefined,
        ms: performance.now() - started,
      });
      // A sender that nobody answers does not hammer.
      if (status === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  await Promise.all(Array.from({ length: options.connections }, firewall));
  agent.destroy();
  return sent;
}

export const namesFrom = (prefix: string, from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, index) => `${prefix}-${from + index}`);
