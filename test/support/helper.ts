import { once } from "node:events";
import type { Node } from "node-red";
import { createRequire } from "node:module";
import { resolve } from "node:path";

const load = createRequire(__filename);
const DIST = resolve(__dirname, "../../dist/nodes");

/** The parts of node-red-node-test-helper that we use; it ships no types. */
interface Helper {
  init(runtime: string, settings?: object): void;
  load(nodes: unknown[], flow: object[], credentials?: object): Promise<void>;
  unload(): Promise<void>;
  getNode(id: string): Node;
  startServer(done?: () => void): void;
  stopServer(done?: () => void): void;
  setFlows(flow: object[], type?: string): Promise<void>;
  log(): { args: unknown[][] };
  settings(settings?: object): object;
}
export const helper = load("node-red-node-test-helper") as Helper;

/** Gives the nodes of tabs a place: without one, Node-RED takes a node for a config node and Catch never hears of it. */
export const placed = (flow: object[]): object[] => flow.map((node) => ("z" in node ? { x: 1, y: 1, ...node } : node));

/** The built node files, as Node-RED loads them. */
export const builtNode = (name: string): unknown => load(resolve(DIST, `${name}.js`));

/** Points the helper at a user directory. To be called before each load. */
export function useUserDir(userDir: string): void {
  helper.init(load.resolve("node-red"), { userDir });
}

export interface Received {
  payload?: unknown;
  topic?: string;
  statusCode?: number;
  headers?: Record<string, string>;
  error?: { code: string; message: string; [key: string]: unknown };
  [key: string]: unknown;
}

/** Collects what a helper node receives. */
export class Probe {
  readonly messages: Received[] = [];
  readonly #node: Node;
  constructor(id: string) {
    this.#node = helper.getNode(id);
    this.#node.on("input", (msg, _send, done) => {
      this.messages.push(msg as Received);
      done();
    });
  }
}

export const startServer = (): Promise<void> => new Promise((done) => helper.startServer(done));
export const stopServer = (): Promise<void> => new Promise((done) => helper.stopServer(done));
export { once };
