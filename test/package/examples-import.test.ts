import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, test } from "node:test";
import { freePort, NodeRed, PACKAGE_NAME } from "../support/node-red";
import { createSimulatedBucket } from "../support/simulated-bucket/bucket";
import { ADVANCED_KEY } from "../support/simulated-tenant/keys";
import { SimulatedTenant } from "../support/simulated-tenant/tenant";
import { tempFolder } from "../support/temp-folder";
import { until } from "../support/until";
import { examples, withApiEndpoint, withFilesIn, type ExampleNode } from "./support/examples";

const ROOT = resolve(__dirname, "../..");
/** What a user would have to look at. */
const TROUBLE = /\[(?:warn|error)\].*/g;
/** Of the runtime itself: nothing to do with us. */
const HARMLESS = /Encrypted credentials not found|Projects disabled|generated key/;

/** Installs the package as users get it. */
function install(userDir: string): void {
  const env = { ...process.env };
  // The test runner's loader is of no use to npm, which runs elsewhere.
  delete env["NODE_OPTIONS"];
  const npm = (args: string[], cwd: string): unknown =>
    execFileSync("npm", args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  npm(["pack", "--ignore-scripts", "--pack-destination", userDir], ROOT);
  const tarball = readdirSync(userDir).find((file) => file.endsWith(".tgz"));
  assert.ok(tarball !== undefined);
  npm(
    ["install", "--prefer-offline", "--ignore-scripts", "--omit=dev", "--no-audit", "--no-fund", `./${tarball}`],
    userDir,
  );
}

void describe("the examples in a fresh Node-RED with the packed package", () => {
  /** The examples with what their comments ask for. */
  const prepared = (port: number, syslogPort: number): ExampleNode[] =>
    examples()
      .flatMap(({ nodes }) => nodes)
      .map((node) => {
        if (node["host"] === "http://127.0.0.1:1880") return { ...node, host: `http://127.0.0.1:${port}` };
        return node["port"] === "5514" ? { ...node, port: String(syslogPort) } : node;
      });

  void test("import and start without a warning, and the one with a stand-in delivers an alert", async (t) => {
    const userDir = tempFolder(t);
    install(userDir);
    assert.ok(existsSync(join(userDir, "node_modules", PACKAGE_NAME, "examples")), "examples are packed");
    const tenant = await SimulatedTenant.start({ requestsPerSecond: Infinity });
    t.after(() => tenant.stop());
    const bucket = await createSimulatedBucket();
    t.after(() => bucket.close());
    const env = {
      ...{ FQDN: tenant.url, GCS_BUCKET: `gs://${bucket.name}`, EVENTS_WEBHOOK_URL: bucket.url },
      ...{ ELASTIC_URL: bucket.url, ELASTIC_API_KEY: "key" },
    };
    const red = await NodeRed.start({ userDir, install: "none", env });
    t.after(() => red.stop());
    const flows = withApiEndpoint(bucket.url, withFilesIn(userDir, prepared(red.port, await freePort())));
    const { id: keyId, secret: key } = ADVANCED_KEY;
    const secrets: Readonly<Record<string, object>> = {
      "cortex-xdr-tenant": { keyId, key },
      "cortex-xdr-gcs-account": { serviceAccount: JSON.stringify(bucket.serviceAccount) },
    };
    const credentials = Object.fromEntries(
      flows.flatMap(({ id, type }) => (type in secrets ? [[id, secrets[type]!]] : [])),
    );
    const from = red.log.length;
    await red.deploy({ flows, credentials });
    await until("the flows have started", () => red.log.slice(from).includes("Started flows"));

    const button = flows.find(({ type, name }) => type === "inject" && name === "threat log");
    const pressed = await fetch(`${red.url}/inject/${String(button?.id)}`, { method: "POST" });
    assert.equal(pressed.status, 200);
    let delivered: unknown;
    await until("the stand-in has an alert", async () => {
      delivered = await (await fetch(`${red.url}/stand-in/alerts`)).json().catch(() => undefined);
      return Array.isArray(delivered) && delivered.length === 1;
    });
    const [alert] = delivered as [Record<string, unknown>];
    assert.match(String(alert["alert_name"]), /^Sample C2 Beacon/);

    await until("all resources were asked for", () => new Set(tenant.requests.map(({ path }) => path)).size >= 3);
    const sources = flows.filter(({ type }) => type === "cortex-xdr-events");
    assert.ok(sources.length > 0);
    const listings = (): number => bucket.requests.filter(({ kind }) => kind === "list").length;
    await until("each reader has listed the bucket", () => listings() >= sources.length);
    const troubles = (red.log.slice(from).match(TROUBLE) ?? []).filter((line) => !HARMLESS.test(line));
    assert.deepEqual(troubles, []);
  });
});
