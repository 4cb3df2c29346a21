import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { describe, test } from "node:test";
import { freePort } from "../support/node-red";
import { tempFolder } from "../support/temp-folder";
import { StartProcess } from "./start-process";

const UP = /Stop:\s+Ctrl-C/;

describe("npm start without variables", () => {
  test("shows the alert that the tenant received, stays up, and takes the printed curl command", async (t) => {
    const TMPDIR = tempFolder(t);
    const port = await freePort();
    const demo = new StartProcess(t, { TMPDIR, PORT: String(port) });
    await demo.says(UP);
    const url = `http://127.0.0.1:${port}`;
    assert.match(demo.log, /Answer: 200/);
    const received = /The tenant received:\n(\{[^}]*\})/.exec(demo.log)?.[1] ?? "";
    const alert = JSON.parse(received) as Record<string, unknown>;
    assert.match(String(alert["alert_name"]), /^Sample C2 Beacon/);
    assert.equal(alert["severity"], "High");
    assert.match(String(alert["alert_description"]), /^c2\.example\.net\/gate\.php\?id=7;serial=019901000123;/);
    assert.ok(Math.abs(Number(alert["event_timestamp"]) - Date.now()) < 60_000);
    const body = /curl -i \S+ -d '(.*)'/.exec(demo.log)?.[1] ?? "";
    assert.match(body, /\}---annex---"/);

    const editor = await fetch(`${url}/`);
    assert.match(await editor.text(), /Node-RED/);
    const again = await fetch(`${url}/in`, {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: body.replace("Sample C2 Beacon", "Another one"),
    });
    assert.equal(again.status, 200);
    await demo.says(/The tenant received "Another one/);

    // A second one beside it finds another port and says so.
    const second = new StartProcess(t, { TMPDIR, PORT: String(port) });
    const taken = await second.says(/Port (\d+) is taken: using (\d+)/);
    await second.says(UP);
    assert.deepEqual([Number(taken[1]), Number(taken[2]) > port], [port, true]);

    assert.deepEqual(await Promise.all([demo.end("SIGINT"), second.end("SIGTERM")]), [0, 0]);
    const left = readdirSync(TMPDIR).filter((name) => name.startsWith("cortex-xdr-demo-"));
    assert.deepEqual(left, []);
  });
});
