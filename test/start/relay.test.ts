import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { once } from "node:events";
import { request, type IncomingMessage } from "node:http";
import { join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import { freePort } from "../support/node-red";
import { threatLog } from "../support/relay-flow";
import { ADVANCED_KEY } from "../support/simulated-tenant/keys";
import { SimulatedTenant } from "../support/simulated-tenant/tenant";
import { tempFolder } from "../support/temp-folder";
import { until } from "../support/until";
import { StartProcess } from "./start-process";

const PSK = "correct-horse-battery";
const LISTENS = /listening on port (\d+)/;
const TEMPLATE = [
  "{",
  '\t"src": "$src",',
  '\t"sport": $sport,',
  '\t"dst": "$dst",',
  '\t"dport": $dport,',
  '\t"time_generated": "$time_generated",',
  '\t"rule": "$rule",',
  '\t"serial": "$serial",',
  '\t"sender_sw_version": "$sender_sw_version",',
  '\t"subtype": "$subtype",',
  '\t"threat_name": "$threat_name",',
  '\t"severity": "$severity",',
  '\t"action": "$action"',
  "}",
  "---annex---",
  "$misc",
  "",
].join("\n");

async function tenantOf(t: TestContext, port = 0): Promise<SimulatedTenant> {
  const tenant = await SimulatedTenant.start({ port });
  t.after(() => tenant.stop());
  return tenant;
}

/** The variables of a relay; the linger is none, so that tests need not wait for it. */
function variables(fqdn: string, userDir: string, more: Readonly<Record<string, string>> = {}): Record<string, string> {
  const { id, secret } = ADVANCED_KEY;
  return { API_KEY: secret, API_KEY_ID: id, FQDN: fqdn, USER_DIR: userDir, PORT: "0", T1: "0", ...more };
}

async function urlOf(relay: StartProcess): Promise<string> {
  return `http://127.0.0.1:${(await relay.says(LISTENS))[1]!}`;
}

/** Posts as curl does, with its form content type. */
async function post(url: string, body: string, authorization?: string): Promise<Response> {
  const headers = { "content-type": "application/x-www-form-urlencoded", ...(authorization && { authorization }) };
  return fetch(`${url}/in`, { method: "POST", headers, body });
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

describe("npm start with API_KEY, API_KEY_ID and FQDN", () => {
  test("is the relay: alerts in, numbers and payload format out, secrets nowhere (relay defect 4)", async (t) => {
    const tenant = await tenantOf(t);
    const userDir = tempFolder(t);
    // An environment file with the line ends of Windows leaves a carriage return behind each value.
    const relay = new StartProcess(t, variables(tenant.url, userDir, { PSK: `${PSK}\r`, OFFSET: "-3", DEBUG: "" }));
    const url = await urlOf(relay);
    const get = async (path: string, authorization = PSK): Promise<Response> =>
      fetch(`${url}${path}`, { headers: { authorization } });

    const good = await post(url, threatLog("First"), PSK);
    assert.deepEqual([good.status, await good.text()], [200, ""]);
    await tenant.until(() => tenant.alerts.length === 1);
    const { alert } = tenant.alerts[0]!;
    assert.equal(alert["alert_name"], "First");
    assert.equal(alert["event_timestamp"], Date.UTC(2025, 2, 4, 13, 22, 40));
    const basic = `Basic ${Buffer.from(`firewall:${PSK}`).toString("base64")}`;
    assert.equal((await post(url, threatLog("Second"), basic)).status, 200);
    await tenant.until(() => tenant.alerts.length === 2);

    assert.equal((await post(url, "no alert", PSK)).status, 400);
    for (const wrong of ["", `${PSK}x`]) {
      const refused = await Promise.all([
        post(url, threatLog("Never"), wrong),
        get("/stats", wrong),
        get("/dump", wrong),
      ]);
      assert.deepEqual(await Promise.all(refused.map(async (answer) => `${answer.status} ${await answer.text()}`)), [
        "401 ",
        "401 ",
        "401 ",
      ]);
    }
    const wrongMethod = await get("/in");
    assert.deepEqual([wrongMethod.status, wrongMethod.headers.get("allow")], [405, "POST"]);
    assert.deepEqual(
      await Promise.all(["/", "/flows", "/IN", "/editor/"].map(async (path) => (await get(path)).status)),
      [404, 404, 404, 404],
    );

    const dump = await get("/dump");
    assert.match(dump.headers.get("content-type") ?? "", /^text\/plain/);
    assert.equal(await dump.text(), TEMPLATE);

    // The tenant counts a call when it decides, the relay when the answer is there.
    let stats: Record<string, unknown> = {};
    await until("both alerts are counted", async () => {
      stats = (await (await get("/stats")).json()) as Record<string, unknown>;
      return stats["AlertsSend"] === 2;
    });
    const { relay: own, ...counters } = stats;
    assert.deepEqual(Object.entries(counters), [
      ["ParseErrors", 2],
      ["EventsReceived", 6],
      ["PSKErrors", 2],
      ["POSTSend", 2],
      ["POSTFailures", 0],
      ["AlertsSend", 2],
      ["SendFailures", 0],
      ["UpdatesSend", 2],
      ["Discards", 0],
    ]);
    assert.equal((own as Record<string, unknown>)["delivered"], 2);
    assert.equal(tenant.alerts.length, 2);

    assert.equal(await relay.end("SIGTERM"), 0);
    for (const secret of [ADVANCED_KEY.secret, PSK]) {
      assert.ok(!relay.log.includes(secret), "a secret is in the log");
      const found = filesBelow(userDir).filter((file) => readFileSync(file).includes(secret));
      assert.deepEqual(found, []);
    }
    assert.equal(statSync(join(userDir, ".credential-secret")).mode & 0o777, 0o600);
  });

  test("delivers what was waiting when it was killed, after the next start", async (t) => {
    const port = await freePort();
    const userDir = tempFolder(t);
    const env = variables(`http://127.0.0.1:${port}`, userDir);
    const first = new StartProcess(t, env);
    const url = await urlOf(first);
    for (const name of ["One", "Two", "Three"]) assert.equal((await post(url, threatLog(name))).status, 200);
    await first.end("SIGKILL");

    const tenant = await tenantOf(t, port);
    const second = new StartProcess(t, env);
    const secondUrl = await urlOf(second);
    await tenant.until(() => tenant.alerts.length === 3);
    assert.deepEqual(
      tenant.alerts.map(({ alert }) => alert["alert_name"]),
      ["One", "Two", "Three"],
    );
    const stats = (await (await fetch(`${secondUrl}/stats`)).json()) as Record<string, unknown>;
    assert.equal(stats["EventsReceived"], 0);
    assert.equal(await second.end("SIGINT"), 0);
  });

  test("tells the sender when the buffer is full, and counts calls that fail", async (t) => {
    const port = await freePort();
    const env = variables(`http://127.0.0.1:${port}`, tempFolder(t), { BUFFER_SIZE: "1", EDITOR: "vim" });
    const relay = new StartProcess(t, env);
    const url = await urlOf(relay);
    assert.equal((await post(url, threatLog("Kept"))).status, 200);
    const full = await post(url, threatLog("Refused"));
    assert.equal(full.status, 503);
    assert.ok(Number(full.headers.get("retry-after")) > 0);
    await until("a failed call is counted", async () => {
      const stats = (await (await fetch(`${url}/stats`)).json()) as Record<string, number>;
      assert.deepEqual([stats["EventsReceived"], stats["Discards"], stats["POSTSend"]], [2, 1, 0]);
      return stats["POSTFailures"]! > 0 && stats["POSTFailures"] === stats["UpdatesSend"];
    });
    assert.match(relay.log, /editor +off/);

    const chunks = request(`${url}/in`, { method: "POST", headers: { "transfer-encoding": "chunked" } });
    // The relay hangs up on the rest.
    chunks.on("error", () => undefined).end(Buffer.alloc(6_000_000, "x"));
    const [large] = (await once(chunks, "response")) as [IncomingMessage];
    assert.equal(large.statusCode, 413);
  });

  test("shows the flow to those who know PSK when EDITOR asks for it, and lets nobody change it", async (t) => {
    const tenant = await tenantOf(t);
    const relay = new StartProcess(t, variables(tenant.url, tempFolder(t), { PSK, EDITOR: "1" }));
    const editor = `${await urlOf(relay)}/editor`;
    assert.equal((await fetch(`${editor}/flows`)).status, 401);
    const login = { client_id: "node-red-editor", grant_type: "password", scope: "*", username: "admin" };
    const token = async (password: string, scope = "read"): Promise<Response> =>
      fetch(`${editor}/auth/token`, { method: "POST", body: new URLSearchParams({ ...login, password, scope }) });
    assert.equal((await token("wrong")).status, 403);
    const { access_token } = (await (await token(PSK)).json()) as { access_token: string };
    const headers = { authorization: `Bearer ${access_token}`, "content-type": "application/json" };
    assert.equal((await fetch(`${editor}/flows`, { headers })).status, 200);
    assert.equal((await fetch(`${editor}/flows`, { method: "POST", headers, body: "[]" })).status, 401);
  });
});

describe("npm start with variables that cannot be used", () => {
  const fine = variables("acme.xdr.eu.paloaltonetworks.com", "");
  const cases: readonly [Record<string, string>, RegExp][] = [
    [{ API_KEY: "x", FQDN: "acme.xdr.eu.paloaltonetworks.com" }, /^API_KEY_ID is missing/],
    [{ API_KEY_ID: "7", API_KEY: "" }, /^API_KEY and FQDN are missing/],
    [{ ...fine, FQDN: "http://acme.xdr.eu.paloaltonetworks.com" }, /^FQDN: .*https/],
    [{ ...fine, API_KEY_ID: "not a number\n" }, /^API_KEY_ID: /],
    [{ ...fine, QUOTA_SIZE: "many" }, /^QUOTA_SIZE must be a whole number from 1 to/],
    [{ ...fine, UPDATE_SIZE: "61" }, /^UPDATE_SIZE must be a whole number from 1 to 60, not "61"/],
    [{ ...fine, OFFSET: "2.5" }, /^OFFSET must be/],
    [{ ...fine, EDITOR: "1" }, /^EDITOR needs PSK/],
  ];
  for (const [env, message] of cases) {
    test(`says ${String(message)} and ends with 1`, async (t) => {
      const start = new StartProcess(t, env);
      assert.equal(await start.ended(), 1);
      assert.match(start.log, message);
    });
  }
});
