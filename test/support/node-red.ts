import { spawn, type ChildProcess } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { once } from "node:events";
import { join, resolve } from "node:path";
import { until } from "./until";

export const PACKAGE_NAME = "@secops-flows/node-red-cortex-xdr";

/** A flow as `POST /flows` takes it. */
export interface Flow {
  readonly flows: readonly object[];
  readonly credentials?: Readonly<Record<string, object>>;
}

export interface NodeRedOptions {
  /** The user directory; the package is linked into it unless it is installed there already. */
  readonly userDir: string;
  readonly install?: "link" | "none";
  readonly env?: Readonly<Record<string, string>>;
  /** Node.js that runs it. @default this one */
  readonly node?: string;
  /** `red.js` to run. @default the one of node_modules */
  readonly redJs?: string;
  /** More settings. */
  readonly settings?: object;
}

/** A real Node-RED in a child process, on a loopback port of its own, which it keeps over restarts. */
export class NodeRed {
  port = 0;
  /** All that it printed, over all its runs. */
  log = "";
  #child: ChildProcess | undefined;
  readonly #options: NodeRedOptions;

  private constructor(options: NodeRedOptions) {
    this.#options = options;
  }

  static async start(options: NodeRedOptions): Promise<NodeRed> {
    const red = new NodeRed(options);
    red.port = await freePort();
    red.#prepare();
    await red.start();
    return red;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  #prepare(): void {
    const { userDir, install = "link", settings = {} } = this.#options;
    const scope = join(userDir, "node_modules", "@secops-flows");
    if (install === "link") {
      mkdirSync(scope, { recursive: true });
      symlinkSync(resolve(__dirname, "../.."), join(userDir, "node_modules", PACKAGE_NAME));
    }
    const all = {
      uiHost: "127.0.0.1",
      uiPort: this.port,
      flowFile: "flows.json",
      credentialSecret: "test only",
      editorTheme: { tours: false, projects: { enabled: false } },
      telemetry: { enabled: false, updateNotification: false },
      logging: { console: { level: "info", metrics: false, audit: false } },
      ...settings,
    };
    writeFileSync(join(userDir, "settings.js"), `module.exports = ${JSON.stringify(all, null, 2)};\n`);
  }

  /** Starts it (again) and waits until its flows run. */
  async start(): Promise<void> {
    const { userDir, env = {}, node = process.execPath } = this.#options;
    const redJs = this.#options.redJs ?? require.resolve("node-red/red.js");
    const inherited = { ...process.env };
    delete inherited["NODE_OPTIONS"];
    const child = spawn(node, [redJs, "--userDir", userDir, "--settings", join(userDir, "settings.js")], {
      env: { ...inherited, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#child = child;
    // A test that fails on its way must leave nothing behind.
    const kill = (): void => void child.kill("SIGKILL");
    process.once("exit", kill);
    child.once("exit", () => process.removeListener("exit", kill));
    const from = this.log.length;
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk: Buffer) => (this.log += chunk.toString()));
    await until(
      "Node-RED has started",
      () => {
        if (child.exitCode !== null) throw new Error(`Node-RED ended: ${this.log.slice(from)}`);
        return /Started flows/.test(this.log.slice(from)) && /Server now running/.test(this.log.slice(from));
      },
      60_000,
    );
  }

  /** Ends it and waits until it is gone. */
  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    child.kill(signal);
    await gone;
    this.#child = undefined;
  }

  /** @param type what is restarted: everything, changed flows, or changed nodes */
  async deploy(flow: Flow, type: "full" | "flows" | "nodes" = "full"): Promise<void> {
    const from = this.log.length;
    const response = await fetch(`${this.url}/flows`, {
      method: "POST",
      headers: { "content-type": "application/json", "Node-RED-API-Version": "v2", "Node-RED-Deployment-Type": type },
      body: JSON.stringify(flow),
    });
    if (!response.ok) throw new Error(`Deploy answered ${response.status}: ${await response.text()}`);
    // The answer comes before the nodes are there.
    await until("the flows run", () => /Started (modified )?(flows|nodes)/.test(this.log.slice(from)), 60_000);
  }
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}
