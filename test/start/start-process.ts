import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import type { TestContext } from "node:test";
import { until } from "../support/until";

const ROOT = resolve(__dirname, "../..");

/** `node scripts/start.mjs` with exactly these variables (and what a process needs to run at all). */
export class StartProcess {
  /** All that it printed. */
  log = "";
  readonly #child: ChildProcess;

  constructor(t: TestContext, env: Readonly<Record<string, string>>) {
    const { PATH = "", HOME = "", TMPDIR } = process.env;
    const base = TMPDIR === undefined ? { PATH, HOME } : { PATH, HOME, TMPDIR };
    this.#child = spawn(process.execPath, ["scripts/start.mjs"], {
      cwd: ROOT,
      env: { ...base, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.on("data", (chunk: Buffer) => (this.log += chunk.toString()));
    t.after(() => this.end("SIGKILL"));
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Waits until the log has this. */
  async says(text: RegExp): Promise<RegExpExecArray> {
    await until(
      `the log has ${String(text)}`,
      () => {
        const found = text.test(this.log);
        if (!found && !this.isRunning) throw new Error(`It ended: ${this.log}`);
        return found;
      },
      30_000,
    );
    return text.exec(this.log)!;
  }

  /** Waits until it has ended by itself; gives the exit code. */
  async ended(): Promise<number | null> {
    if (this.isRunning) await once(this.#child, "close");
    return this.#child.exitCode;
  }

  async end(signal: NodeJS.Signals): Promise<number | null> {
    if (this.isRunning) this.#child.kill(signal);
    return this.ended();
  }
}
