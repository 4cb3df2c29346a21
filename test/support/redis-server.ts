import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { Redis } from "ioredis";
import { tempFolder } from "./temp-folder";
import { until } from "./until";

export const TLS_FIXTURES = join(__dirname, "../fixtures/tls");

/** A redis-server of one test: own port, own folder, everything on disk before the answer. */
export class RedisServer {
  readonly #port: number;
  readonly #args: readonly string[];
  #process: ChildProcess | undefined;

  private constructor(
    port: number,
    args: readonly string[],
    readonly tlsUrl: string,
  ) {
    this.#port = port;
    this.#args = args;
  }

  /** Ends with the test. */
  static async start(
    t: TestContext,
    options: { appendfsync?: string; password?: string; tls?: boolean } = {},
  ): Promise<RedisServer> {
    const { appendfsync = "always", password, tls = false } = options;
    const port = await freePort();
    const args = ["--port", String(port), "--bind", "127.0.0.1", "--dir", tempFolder(t), "--save", ""];
    args.push("--appendonly", "yes", "--appendfsync", appendfsync);
    if (password !== undefined) args.push("--requirepass", password);
    const tlsPort = tls ? await freePort() : 0;
    const file = (name: string): string => join(TLS_FIXTURES, name);
    if (tls) {
      args.push("--tls-port", String(tlsPort), "--tls-auth-clients", "no", "--tls-ca-cert-file", file("ca.crt.pem"));
      args.push("--tls-cert-file", file("server.crt.pem"), "--tls-key-file", file("server.key.pem"));
    }
    const server = new RedisServer(port, args, `rediss://127.0.0.1:${tlsPort}`);
    await server.start();
    t.after(() => server.kill());
    return server;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.#port}`;
  }

  async start(): Promise<void> {
    this.#process = spawn("redis-server", this.#args, { stdio: "ignore" });
    // Also NOAUTH is an answer of a server that is up.
    await until("redis-server answers", async () => (await this.#ask().catch(String)) !== "down");
  }

  /** `kill -9` of this server's process. */
  async kill(): Promise<void> {
    const process = this.#process;
    this.#process = undefined;
    if (process === undefined) return;
    const exited = once(process, "exit");
    process.kill("SIGKILL");
    await exited;
  }

  /** Connections besides the one that asks. */
  async connections(): Promise<number> {
    const list = await this.command((redis) => redis.client("LIST"));
    return String(list).trim().split("\n").length - 1;
  }

  /** Runs `action` on a connection of its own. */
  async command<T>(action: (redis: Redis) => Promise<T>): Promise<T> {
    const redis = new Redis(this.url, { retryStrategy: () => null });
    redis.on("error", () => undefined);
    try {
      return await action(redis);
    } finally {
      redis.disconnect();
    }
  }

  async #ask(): Promise<string> {
    try {
      const answer = await this.command((redis) => redis.ping());
      return answer;
    } catch (error) {
      const message = error instanceof Error ? error.message : "";
      return /NOAUTH/.test(message) ? message : "down";
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}
