import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";

const CORE = join(dirname(require.resolve("@node-red/nodes/package.json")), "core");

/**
 * Settings of a Node-RED without its editor and with no core nodes but these, named as their files are: it starts in half
 * the time, which tests that start it often need.
 */
export function leanSettings(...used: readonly string[]): object {
  const files = readdirSync(CORE, { recursive: true, withFileTypes: true });
  const nodes = files.filter((file) => file.isFile() && /^(\d\d-|rbe)/.test(file.name) && file.name.endsWith(".js"));
  const missing = used.filter((name) => !nodes.some((file) => file.name === `${name}.js`));
  if (missing.length > 0) throw new Error(`Node-RED has no ${missing.join(", ")}`);
  const unused = nodes.map(({ name }) => name).filter((name) => !used.includes(name.slice(0, -".js".length)));
  return { nodesExcludes: unused, disableEditor: true };
}
