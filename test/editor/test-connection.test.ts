import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { after, afterEach, before, describe, test } from "node:test";
import { freePort } from "../support/node-red";
import { Editor } from "./support/editor";
import { IDS, oneOfEach } from "./support/flow";

const REPORT = "#cortex-xdr-tenant-report";

void describe("the Test connection button", () => {
  let editor: Editor;
  let tenant: Server;
  let url: string;
  /** How the tenant answers, and when. */
  let status = 401;
  let mayAnswer = Promise.resolve();

  before(async () => {
    tenant = createServer((_request, response) => {
      void mayAnswer.then(() => {
        response.writeHead(status, { "content-type": "application/json" });
        const refusal = { reply: { err_code: status, err_msg: "Public API request unauthorized", err_extra: null } };
        response.end(JSON.stringify(status === 200 ? { status: "available" } : refusal));
      });
    });
    tenant.listen(0, "127.0.0.1");
    await once(tenant, "listening");
    url = `http://127.0.0.1:${(tenant.address() as AddressInfo).port}`;
    editor = await Editor.open(oneOfEach());
  });
  after(async () => {
    await editor.stop();
    tenant.closeAllConnections();
    tenant.close();
  });
  afterEach(() => assert.deepEqual(editor.complaints.splice(0), []));

  /** Tests a host with a typed key and gives what the dialog then says. */
  async function report(host: string): Promise<{ text: string; state: string | null }> {
    await editor.edit(IDS.tenant);
    await editor.fill("#node-config-input-host", host);
    await editor.fill("#node-config-input-key", "typed-key");
    await editor.page.click("#cortex-xdr-tenant-test");
    await editor.page.waitForSelector(`${REPORT}[data-state="ok"], ${REPORT}[data-state="failed"]`, {
      timeout: 20_000,
    });
    const found = {
      text: await editor.page.innerText(REPORT),
      state: await editor.page.getAttribute(REPORT, "data-state"),
    };
    await editor.screenshot(`test-connection-${found.text.split(" ").at(-1) ?? ""}`);
    await editor.close("cancel");
    return found;
  }

  void test("names a key that the tenant refuses", async () => {
    status = 401;
    const { text, state } = await report(url);
    assert.equal(state, "failed");
    assert.match(text, /key/i);
    assert.match(text, /XDR_UNAUTHORIZED$/);
  });

  void test("names a tenant that is not there", async () => {
    const { text, state } = await report(`http://127.0.0.1:${await freePort()}`);
    assert.equal(state, "failed");
    assert.match(text, /XDR_CONNECTION_REFUSED$/);
  });

  void test("names a host that cannot be one", async () => {
    const { text } = await report("http://acme.example.com");
    assert.match(text, /XDR_HOST_INVALID$/);
  });

  void test("says so when all is well", async () => {
    status = 200;
    const { text, state } = await report(url);
    assert.equal(state, "ok");
    assert.match(text, /127\.0\.0\.1/);
  });

  void test("is busy, and says so to everybody, until the answer is there; a change then clears the verdict", async () => {
    status = 200;
    let release = (): void => undefined;
    mayAnswer = new Promise((resolve) => (release = resolve));
    await editor.edit(IDS.tenant);
    await editor.fill("#node-config-input-host", url);
    await editor.fill("#node-config-input-key", "typed-key");
    await editor.page.click("#cortex-xdr-tenant-test");
    await editor.page.waitForSelector("#cortex-xdr-tenant-test:disabled .fa-spinner");
    assert.match(await editor.page.innerText(REPORT), /Testing/);
    assert.equal(await editor.page.getAttribute(REPORT, "role"), "status");
    release();
    await editor.page.waitForSelector("#cortex-xdr-tenant-test:enabled .fa-plug");
    await editor.fill("#node-config-input-keyId", "18");
    assert.equal(await editor.page.innerText(REPORT), "");
    await editor.close("cancel");
  });
});
