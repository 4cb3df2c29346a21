import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { NodeRed } from "../support/node-red";
import { ADVANCED_KEY } from "../support/simulated-tenant/keys";
import { SimulatedTenant } from "../support/simulated-tenant/tenant";
import { until } from "../support/until";
import { examples, withFilesIn, type ExampleNode } from "./support/examples";

const EVIL = '<script>alert(1)</script> & "quotes" @here';

/** The mirror's file, in a folder that comes into being late: till then it cannot be written. */
const FINDINGS = join("later", "findings.json");

/** A chat's webhook, which first has no time. */
class Chat {
  readonly texts: string[] = [];
  #failures = 1;
  readonly #server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      const isBusy = this.#failures > 0;
      this.#failures -= 1;
      if (!isBusy) this.texts.push((JSON.parse(body) as { text: string }).text);
      response.writeHead(isBusy ? 503 : 200, { "content-type": "text/plain" }).end("ok");
    });
  });

  async start(): Promise<string> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/hook`;
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

void describe("the examples that read from a tenant", () => {
  const chat = new Chat();
  let tenant: SimulatedTenant;
  let red: NodeRed;
  let folder: string;
  let nodes: ExampleNode[];

  const file = (name: string): string => join(folder, name);
  const text = (name: string): string => (existsSync(file(name)) ? readFileSync(file(name), "utf8") : "");
  /** The tenant's clock is known to about a second: what is newer leaves with the next run only. */
  const aSecond = (): Promise<unknown> => new Promise((resolve) => setTimeout(resolve, 1500));
  const press = async (example: string, name: string): Promise<void> => {
    const tab = examples().find((one) => one.file.startsWith(example))?.nodes[0]?.id;
    const button = nodes.find((node) => node.z === tab && node.type === "inject" && node["name"] === name);
    const { status } = await fetch(`${red.url}/inject/${String(button?.id)}`, { method: "POST" });
    assert.equal(status, 200);
  };

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "cortex-xdr-test-"));
    tenant = await SimulatedTenant.start({ requestsPerSecond: Infinity });
    const { world } = tenant;
    for (let index = 0; index < 130; index += 1) world.addAlert({ source: "XDR BIOC", severity: "low" });
    world.addAlert({ source: "XDR IOC", name: EVIL, severity: "critical" });
    world.addAlert({ source: "PAN NGFW", name: "no finding" });
    world.addIncident({ description: EVIL });
    world.addEndpoint({ name: "=cmd|x", tags: ["VIP", "lab"] });
    world.addEndpoint({ name: "srv, 1", tags: ["server"] });
    world.addEndpoint({ name: "other", tags: [] });
    const hook = await chat.start();
    red = await NodeRed.start({ userDir: folder, env: { FQDN: tenant.url, CHAT_WEBHOOK_URL: hook } });
    const all = examples().filter(({ file: name }) => /^0[5-8]/.test(name));
    const inFolder = withFilesIn(
      folder,
      all.flatMap((example) => example.nodes),
    );
    // Waits before another try are long for a test.
    nodes = inFolder.map((node) => {
      if (/^again/.test(String(node["name"]))) return { ...node, timeout: "100", timeoutUnits: "milliseconds" };
      const isMirror = JSON.stringify(node["env"] ?? []).includes("FINDINGS_FILE");
      return isMirror ? { ...node, env: [{ name: "FINDINGS_FILE", type: "str", value: file(FINDINGS) }] } : node;
    });
    const { id: keyId, secret: key } = ADVANCED_KEY;
    const tenants = nodes.filter(({ type }) => type === "cortex-xdr-tenant");
    await red.deploy({ flows: nodes, credentials: Object.fromEntries(tenants.map(({ id }) => [id, { keyId, key }])) });
  });
  after(async () => {
    await red.stop();
    await tenant.stop();
    chat.stop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  void test("05 writes each alert as a line, once", async () => {
    const lines = (): string[] => text("cortex-xdr-alerts.jsonl").split("\n").slice(0, -1);
    await until("all lines are there", () => lines().length >= 132);
    const ids = lines().map((line) => (JSON.parse(line) as { alert_id: string }).alert_id);
    assert.deepEqual([ids.length, new Set(ids).size], [132, 132]);
    tenant.world.changeAlert(1, { severity: "high" });
    tenant.world.addAlert();
    await aSecond();
    await press("05", "full sync");
    await until("two more lines", () => lines().length >= 134);
    // A run by the clock may have found the new one before the full sync found the change.
    const added = lines().slice(132);
    assert.deepEqual(added.map((line) => (JSON.parse(line) as { alert_id: string }).alert_id).sort(), ["1", "133"]);
  });

  void test("06 sends short messages, again after a failure, and what a change replaced", async () => {
    await until("the chat has the incident", () => chat.texts.length === 1);
    assert.match(
      chat.texts[0] ?? "",
      /^New incident 1001 · medium · new\n&lt;script&gt;.* &amp; .*@\u200bhere\nhttps:/,
    );
    tenant.world.changeIncident("1001", { status: "under_investigation", assigneeMail: "a@b.example" });
    await aSecond();
    await press("06", "sync now");
    await until("the chat has the change", () => chat.texts.length === 2);
    assert.match(chat.texts[1] ?? "", /^Changed incident 1001 · medium · under_investigation\n/);
    assert.match(chat.texts[1] ?? "", /\nstatus: new → under_investigation\n/);
    assert.match(chat.texts[1] ?? "", /\nassigned_user_mail: none → a@\u200bb\.example\n/);
  });

  void test("07 mirrors the open findings, shows them, and takes out what was resolved", async () => {
    const findings = (): Record<string, unknown> => JSON.parse(text(FINDINGS) || "{}") as Record<string, unknown>;
    mkdirSync(file("later"));
    await until("the mirror has all", () => Object.keys(findings()).length === 131);
    const page = async (): Promise<string> => (await fetch(`${red.url}/xdr-findings`)).text();
    await until("the card is there", async () => (await page()).includes("Last full sync"));
    const html = await page();
    assert.ok(html.includes("131 open"));
    assert.ok(
      html.includes("<td>critical</td><td>&lt;script&gt;alert(1)&lt;&#x2F;script&gt; &amp; &quot;quotes&quot;"),
    );
    assert.ok(!html.includes("<script>"));

    tenant.world.changeAlert(2, { status: "resolved_other" });
    tenant.world.removeAlert(3);
    tenant.world.addAlert({ source: "XDR IOC" });
    await aSecond();
    await press("07", "sync now");
    await until("the new one is there", () => Object.keys(findings()).length === 132);
    await press("07", "full sync");
    await until("two are out", () => Object.keys(findings()).length === 130);
    assert.ok(!("2" in findings()) && !("3" in findings()));
    await until("both cards are there", async () => /removed<\/dt><dd>2</.test(await page()));
    assert.ok((await page()).includes("Last incremental run"));
  });

  void test("08 writes a table by tag", async () => {
    const rows = (): string[] => text("cortex-xdr-endpoints-by-tag.csv").split("\r\n").slice(0, -1);
    await until("the table is there", () => rows().length === 4);
    assert.deepEqual(
      rows().map((row) => row.split(",", 2).join()),
      ["tag,name", "lab,'=cmd|x", 'server,"srv', "VIP,'=cmd|x"],
    );
    const [id] = [...tenant.world.endpoints.values()].map((endpoint) => endpoint.id);
    tenant.world.removeEndpoint(String(id));
    await press("08", "full sync");
    await until("it is out", () => rows().length === 2);
    for (const one of tenant.world.endpoints.values()) tenant.world.changeEndpoint(one.id, { tags: [] });
    await press("08", "full sync");
    await until("only the headings are left", () => rows().length === 1);
  });

  void test("the mirror is taken up again after a restart", async () => {
    await red.stop();
    await red.start();
    const html = await (await fetch(`${red.url}/xdr-findings`)).text();
    assert.ok(html.includes("130 open"));
  });

  void test("nothing of them complains", () => {
    const lines = red.log.match(/\[(?:warn|error)\].*/g) ?? [];
    assert.deepEqual(
      lines.filter((line) => !/Encrypted credentials|Projects disabled|generated key/.test(line)),
      [],
    );
  });
});
