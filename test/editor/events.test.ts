import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";
import { until } from "../support/until";
import { BUCKET, BucketService } from "./support/bucket-service";
import { Editor } from "./support/editor";
import { testPictures } from "./support/pictures";

const TAB = "00000000000e0031";
const ACCOUNT = "00000000000e0032";
const EVENTS = "00000000000e0033";
/** A node as somebody writes it by hand: much is missing, some is a variable. */
const BARE = "00000000000e0034";
const NODE = `RED.nodes.node("${EVENTS}")`;
/** A catalogue key that was not translated. */
const RAW_KEY = /(?:cortex-xdr-\w+|label|note|option|tab|port|errors|sync)\.[a-z]/i;
const UNNAMED = `$(".cortex-xdr-form").find("input:not([type=hidden]), select, button").toArray().filter((e) =>
  !(e.labels?.length > 0) && e.textContent.trim() === "" && !/^node-input-(btn|lookup)-/.test(e.id)).map((e) => e.outerHTML)`;
const TABS = ["delivery", "reading"] as const;
const ALWAYS = ["name", "account", "bucket", "prefix", "intervalSeconds", "start"];
const DELIVERY = ["batchSize", "acknowledge", "rawLines"];
const READING = ["maxObjects", "timeoutSeconds", "maxLineBytes", "maxObjectBytes"];

void describe("the events node in the editor", () => {
  let editor: Editor;
  let service: BucketService;

  before(async () => {
    service = await BucketService.start();
    const place = { z: TAB, type: "cortex-xdr-events", wires: [[], [], []] };
    editor = await Editor.open({
      flows: [
        { id: TAB, type: "tab", label: "events" },
        { id: ACCOUNT, type: "cortex-xdr-gcs-account", name: "simulated", bucket: "", apiEndpoint: service.url },
        {
          ...place,
          id: EVENTS,
          x: 300,
          y: 100,
          name: "",
          account: ACCOUNT,
          bucket: BUCKET,
          prefix: "",
          intervalSeconds: 3600,
          start: "all",
          batchSize: 1,
          maxObjects: 2,
          acknowledge: "emit",
          maxUnacknowledged: 1000,
          timeoutSeconds: 60,
          maxLineBytes: 16777216,
          maxObjectBytes: 0,
          rawLines: false,
        },
        {
          ...place,
          id: BARE,
          x: 300,
          y: 200,
          name: "by hand",
          account: ACCOUNT,
          bucket: "gs://${BUCKET}/internal/",
          acknowledge: "${EVENTS_ACK}",
          rawLines: "${EVENTS_RAW}",
          d: true,
        },
      ],
    });
  });
  after(async () => {
    await editor.stop();
    await service.stop();
  });
  afterEach(() => assert.deepEqual(editor.complaints.splice(0), []));

  async function tab(name: (typeof TABS)[number]): Promise<void> {
    // Two quick clicks are a double click to Node-RED's tabs, also when they hit two of them.
    await editor.page.waitForTimeout(450);
    await editor.page.click(`#red-ui-tab-cortex-xdr-events-tabs-tab-${name}`);
    await editor.page.waitForSelector(`#cortex-xdr-events-tabs-${name}`, { state: "visible" });
  }
  const notified = (text: RegExp): Promise<void> =>
    editor.page.locator(".red-ui-notification", { hasText: text }).last().waitFor();
  const kept = (name: string): Promise<unknown> => editor.read(`${NODE}[${JSON.stringify(name)}]`);
  /** Properties whose rows can be seen now. */
  const rows = (): Promise<string[]> =>
    editor.read(
      `$(".cortex-xdr-form [id^=node-input-]:visible").toArray().map((e) => e.id.slice(11)).filter((n) => n in ${NODE}._def.defaults)`,
    );

  void test("asks for what it needs first, and names every control", async () => {
    await editor.edit(EVENTS);
    assert.deepEqual((await rows()).sort(), [...ALWAYS, ...DELIVERY].sort());
    await tab("reading");
    assert.deepEqual((await rows()).sort(), [...ALWAYS, ...READING].sort());
    assert.doesNotMatch(await editor.read<string>(`$(".cortex-xdr-form").closest("form")[0].textContent`), RAW_KEY);
    assert.deepEqual(await editor.read(UNNAMED), []);
    await editor.close("cancel");
  });

  void test("refuses bad values, says why, and takes good ones", async () => {
    await editor.edit(EVENTS);
    await editor.page.selectOption("#node-input-acknowledge", "message");
    for (const [property, where, bad, good] of [
      ["bucket", undefined, ["", "gs://", "no bucket!"], [`gs://${BUCKET}/internal/`, "${BUCKET}", BUCKET]],
      ["intervalSeconds", undefined, ["0", "86401", "soon"], ["", "${EVERY}", "1.5", "1800"]],
      ["batchSize", "delivery", ["0", "10001", "1.5"], ["", "500", "10000"]],
      ["maxUnacknowledged", "delivery", ["0", "100001"], ["1", "5000"]],
      ["maxObjects", "reading", ["0", "33"], ["32", "4"]],
      ["timeoutSeconds", "reading", ["0", "601"], ["1", "600"]],
      ["maxLineBytes", "reading", ["0", "268435457", "16 MB"], ["268435456", "1000"]],
      ["maxObjectBytes", "reading", ["-1", "1.5"], ["${MAX}", "0"]],
    ] as const) {
      if (where !== undefined) await tab(where);
      const field = `#node-input-${property}`;
      for (const [value, isBad] of [...bad.map((v) => [v, true] as const), ...good.map((v) => [v, false] as const)]) {
        await editor.fill(field, value);
        await editor.page
          .waitForFunction(`$("${field}").attr("aria-invalid") === "${isBad}"`, null, { timeout: 5000 })
          .catch(() => assert.fail(`${property} ${JSON.stringify(value)} should be ${isBad ? "refused" : "taken"}`));
        const hint = await editor.page.innerText(`${field}-error`);
        assert.match(hint, isBad ? /must be a|is missing/ : /^$/);
        assert.doesNotMatch(hint, /__/);
      }
    }
    await editor.close("ok");
    const names = [
      "bucket",
      "intervalSeconds",
      "batchSize",
      "maxUnacknowledged",
      "maxObjects",
      "maxLineBytes",
      "valid",
    ];
    const found: unknown[] = [];
    for (const name of names) found.push(await kept(name));
    assert.deepEqual(found, [BUCKET, "1800", "10000", "5000", "4", "1000", true]);
  });

  void test("speaks of acknowledging only when messages are acknowledged", async () => {
    await editor.edit(EVENTS);
    assert.equal(await editor.page.inputValue("#node-input-acknowledge"), "message");
    assert.equal(await editor.page.isVisible("#node-input-maxUnacknowledged"), true);
    assert.match(await editor.page.innerText("#cortex-xdr-events-acknowledging"), /ack/);
    await editor.page.selectOption("#node-input-acknowledge", "emit");
    assert.equal(await editor.page.isVisible("#node-input-maxUnacknowledged"), false);
    assert.equal(await editor.page.isVisible("#cortex-xdr-events-acknowledging"), false);
    await editor.page.selectOption("#node-input-start", "now");
    await editor.page.check("#node-input-rawLines");
    await editor.fill("#node-input-prefix", "internal/a");
    await editor.close("ok");
    const found: unknown[] = [];
    for (const name of ["acknowledge", "start", "rawLines", "prefix", "maxUnacknowledged"])
      found.push(await kept(name));
    assert.deepEqual(found, ["emit", "now", true, "internal/a", "5000"]);
  });

  void test("is marked without an account and without a bucket", async () => {
    const valid = (property: string, value: string): Promise<boolean> =>
      editor.read(`(() => { const n = ${NODE}; const before = n.${property}; n.${property} = ${JSON.stringify(value)};
        RED.editor.validateNode(n); const v = n.valid; n.${property} = before; RED.editor.validateNode(n); return v; })()`);
    assert.equal(await valid("account", ""), false);
    assert.equal(await valid("bucket", ""), false);
    assert.equal(await valid("bucket", "no bucket!"), false);
    assert.equal(await valid("bucket", BUCKET), true);
  });

  void test("keeps what only the runtime can read", async () => {
    await editor.edit(BARE);
    assert.equal(await editor.page.inputValue("#node-input-acknowledge"), "${EVENTS_ACK}");
    assert.equal(await editor.page.isVisible("#node-input-maxUnacknowledged"), true);
    assert.equal(await editor.page.inputValue("#node-input-start"), "all");
    assert.equal(await editor.read(`$("#node-input-rawLines").prop("indeterminate")`), true);
    await editor.close("ok");
    const bare = await editor.read<Record<string, unknown>>(
      `(({bucket, acknowledge, rawLines, start, valid}) => ({bucket, acknowledge, rawLines, start, valid}))(RED.nodes.node("${BARE}"))`,
    );
    assert.deepEqual(bare, {
      bucket: "gs://${BUCKET}/internal/",
      acknowledge: "${EVENTS_ACK}",
      rawLines: "${EVENTS_RAW}",
      start: "all",
      valid: true,
    });
  });

  void test("cannot be asked to list while it is not deployed, and says so", async () => {
    await editor.edit(EVENTS);
    await tab("reading");
    assert.equal(await editor.page.isDisabled("#cortex-xdr-events-sync"), true);
    assert.match(await editor.page.innerText("#cortex-xdr-events-undeployed"), /^Deploy first/);
    await editor.close("cancel");
    await editor.page.evaluate(`${NODE}._def.button.onclick.call(${NODE})`);
    await notified(/^Deploy first/);
  });

  void test("lists when its button is pressed, and from the dialog", async () => {
    await editor.page.click("#red-ui-header-button-deploy");
    await editor.page.waitForFunction(`${NODE}.changed === false`);
    await editor.page.waitForTimeout(500);
    const asksToList = async (press: () => Promise<void>): Promise<void> => {
      const requests = service.requests.length;
      const asked = editor.page.waitForRequest((request) => request.method() === "POST");
      await press();
      const request = await asked;
      assert.ok(request.url().endsWith(`/cortex-xdr-events/${EVENTS}/sync`), request.url());
      assert.deepEqual(request.postDataJSON(), { sync: "incremental" });
      await notified(/^Listing asked for/);
      await until("a listing", () => service.requests.slice(requests).includes(`/storage/v1/b/${BUCKET}/o`));
    };
    await asksToList(() => editor.page.locator(`[id="${EVENTS}"] .red-ui-flow-node-button-button`).click());
    await editor.edit(EVENTS);
    await tab("reading");
    assert.equal(await editor.page.isVisible("#cortex-xdr-events-undeployed"), false);
    await asksToList(() => editor.page.click("#cortex-xdr-events-sync"));
    await editor.close("cancel");
  });

  void test("tells when Node-RED does not know it", async () => {
    // Disabled, hence deployed but not running.
    await editor.page.evaluate(`RED.nodes.node("${BARE}")._def.button.onclick.call(RED.nodes.node("${BARE}"))`);
    await notified(/does not know this node/);
    // The browser itself reports the 404.
    assert.equal(editor.complaints.splice(0).filter((text) => !/404/.test(text)).length, 0);
  });

  void test("tells why a node cannot list, as the node says it", async () => {
    const message = "The setting <b>bucket</b> cannot be used.";
    await editor.page.route(/\/cortex-xdr-events\/\w+\/sync$/, (route) =>
      route.fulfill({ status: 409, json: { ok: false, code: "XDR_CONFIG_INVALID", message } }),
    );
    await editor.page.evaluate(`${NODE}._def.button.onclick.call(${NODE})`);
    await notified(/^The node cannot list: The setting <b>bucket<\/b> cannot be used\.$/);
    await editor.page.unroute(/\/cortex-xdr-events\/\w+\/sync$/);
    assert.equal(editor.complaints.splice(0).filter((text) => !/409/.test(text)).length, 0);
  });

  void test("is in the palette with its icon, has labelled ports, and help down to the error codes", async () => {
    const entry = editor.page.locator('#red-ui-palette-container-cortex_xdr [data-palette-type="cortex-xdr-events"]');
    assert.match(await entry.innerText(), /xdr events/);
    const labels = await editor.read<string[]>(
      `[${NODE}._def.inputLabels.call(${NODE}, 0), ...[0, 1, 2].map((i) => ${NODE}._def.outputLabels.call(${NODE}, i))]`,
    );
    assert.equal(new Set(labels).size, 4);
    for (const label of labels) assert.doesNotMatch(label, RAW_KEY);
    const icon = await fetch(`${editor.red.url}/icons/@secops-flows/node-red-cortex-xdr/cortex-xdr-events.svg`);
    assert.match(await icon.text(), /<svg/);
    await editor.page.evaluate(`RED.sidebar.help.show("cortex-xdr-events")`);
    const help = editor.page.locator(".red-ui-help").last();
    await help.getByText("Error codes").waitFor();
    assert.doesNotMatch(await help.innerText(), RAW_KEY);
    await editor.screenshot("events-help");
  });

  testPictures(
    () => editor,
    async (take) => {
      await take("events-canvas");
      await editor.edit(EVENTS);
      await editor.page.selectOption("#node-input-acknowledge", "message");
      for (const name of TABS) {
        await tab(name);
        await take(`events-${name}`);
      }
      await editor.close("cancel");
    },
  );
});
