import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";
import { ADVANCED_KEY } from "../support/simulated-tenant/keys";
import { SimulatedTenant } from "../support/simulated-tenant/tenant";
import { until } from "../support/until";
import { Editor } from "./support/editor";
import { testPictures } from "./support/pictures";

const TENANT = "00000000000e0012";
const POLL = "00000000000e0013";
/** A node as somebody writes it by hand: much is missing, some is a variable. */
const BARE = "00000000000e0014";
const NODE = `RED.nodes.node("${POLL}")`;
/** A catalogue key that was not translated. */
const RAW_KEY = /(?:cortex-xdr-\w+|label|note|option|tab|port|errors|known|sync)\.[a-z]/i;
const TABS = { filters: "filters", sync: "sync", delivery: "delivery" } as const;

void describe("the poll node in the editor", () => {
  let editor: Editor;
  let tenant: SimulatedTenant;

  before(async () => {
    tenant = await SimulatedTenant.start({ requestsPerSecond: Infinity });
    const place = { z: "00000000000e0011", type: "cortex-xdr-poll", wires: [[], []] };
    editor = await Editor.open({
      flows: [
        { id: "00000000000e0011", type: "tab", label: "poll" },
        { id: TENANT, type: "cortex-xdr-tenant", name: "simulated", host: tenant.url, keyType: "advanced" },
        {
          ...place,
          id: POLL,
          x: 300,
          y: 100,
          name: "",
          tenant: TENANT,
          resource: "alerts",
          apiVersion: "v2",
          intervalSeconds: 3600,
          lookbackHours: 24,
          overlapSeconds: 900,
          fullSyncDays: 0,
          severities: [],
          statuses: [],
          sources: [],
          tags: [],
          splitEvents: false,
          extraData: false,
          acknowledge: "emit",
        },
        {
          ...place,
          id: BARE,
          x: 300,
          y: 200,
          name: "by hand",
          tenant: TENANT,
          resource: "${POLL_RESOURCE}",
          extraData: "${POLL_EXTRA}",
          severities: "high, critical",
          d: true,
        },
      ],
      credentials: { [TENANT]: { keyId: ADVANCED_KEY.id, key: ADVANCED_KEY.secret } },
    });
  });
  after(async () => {
    await editor.stop();
    await tenant.stop();
  });
  afterEach(() => assert.deepEqual(editor.complaints.splice(0), []));

  async function tab(name: keyof typeof TABS): Promise<void> {
    // Two quick clicks are a double click to Node-RED's tabs, also when they hit two of them.
    await editor.page.waitForTimeout(450);
    await editor.page.click(`#red-ui-tab-cortex-xdr-poll-tabs-tab-${name}`);
    await editor.page.waitForSelector(`#cortex-xdr-poll-tabs-${name}`, { state: "visible" });
  }
  const notified = (text: RegExp): Promise<void> =>
    editor.page.locator(".red-ui-notification", { hasText: text }).last().waitFor();
  const kept = (name: string): Promise<unknown> => editor.read(`${NODE}[${JSON.stringify(name)}]`);
  /** Properties whose rows can be seen, over all tabs. */
  async function rows(): Promise<string[]> {
    const found: string[] = [];
    for (const name of Object.keys(TABS) as (keyof typeof TABS)[]) {
      await tab(name);
      found.push(
        ...(await editor.read<string[]>(
          `$(".cortex-xdr-form [id^=node-input-]:visible").toArray().map((e) => e.id.slice(11)).filter((n) => n in ${NODE}._def.defaults)`,
        )),
      );
    }
    return [...new Set(found)];
  }
  const COMMON = ["name", "tenant", "resource", "intervalSeconds", "fullSyncDays", "acknowledge"];

  for (const [resource, version, more] of [
    ["alerts", "v2", ["apiVersion", "lookbackHours", "severities", "statuses", "sources", "tags", "overlapSeconds"]],
    ["alerts", "v1", ["apiVersion", "lookbackHours", "severities", "sources", "overlapSeconds", "splitEvents"]],
    [
      "incidents",
      undefined,
      ["lookbackHours", "severities", "statuses", "sources", "tags", "overlapSeconds", "extraData"],
    ],
    ["endpoints", undefined, ["statuses", "tags"]],
  ] as const) {
    void test(`asks for ${resource} ${version ?? ""} what these have`, async () => {
      await editor.edit(POLL);
      await editor.page.selectOption("#node-input-resource", resource);
      if (version !== undefined) await editor.page.selectOption("#node-input-apiVersion", version);
      assert.deepEqual((await rows()).sort(), [...COMMON, ...more].sort());
      const text = await editor.read<string>(`$(".cortex-xdr-form").closest("form")[0].textContent`);
      assert.doesNotMatch(text, RAW_KEY);
      const unnamed = await editor.read<string[]>(
        `$(".cortex-xdr-form").find("input:not([type=hidden]), select, button").toArray().filter((e) =>
          !(e.labels?.length > 0) && e.textContent.trim() === "" && !/^node-input-(btn|lookup)-/.test(e.id)).map((e) => e.outerHTML)`,
      );
      assert.deepEqual(unnamed, []);
      await editor.close("cancel");
    });
  }

  void test("refuses numbers out of range and takes good ones", async () => {
    await editor.edit(POLL);
    for (const [property, where, bad, good] of [
      ["intervalSeconds", undefined, ["0", "86401", "soon"], ["", "${EVERY}", "1.5", "3600"]],
      ["lookbackHours", undefined, ["-1", "87601"], ["0", "72"]],
      ["overlapSeconds", "sync", ["-1", "604801"], ["0", "1800"]],
      ["fullSyncDays", "sync", ["366", "x"], ["0.5", "7"]],
    ] as const) {
      if (where !== undefined) await tab(where);
      for (const [value, isBad] of [...bad.map((v) => [v, true] as const), ...good.map((v) => [v, false] as const)]) {
        await editor.fill(`#node-input-${property}`, value);
        await editor.page
          .waitForFunction(`$("#node-input-${property}").attr("aria-invalid") === "${isBad}"`, null, { timeout: 5000 })
          .catch(() => assert.fail(`${property} ${value} should be ${isBad ? "refused" : "taken"}`));
        const hint = await editor.page.innerText(`#node-input-${property}-error`);
        assert.match(hint, isBad ? /must be a number from \d+ to \d+/ : /^$/);
      }
    }
    await editor.close("ok");
    assert.deepEqual([await kept("lookbackHours"), await kept("fullSyncDays")], ["72", "7"]);
  });

  void test("takes lists from clicks and typing, and keeps arrays", async () => {
    await editor.edit(POLL);
    const known = (name: string, value: string) =>
      editor.page
        .getByRole("button", { name: value, exact: true })
        .and(editor.page.locator(`#cortex-xdr-poll-known-${name} button`));
    await known("severities", "high").click();
    await known("severities", "critical").click();
    await known("severities", "high").click();
    await editor.fill("#node-input-tags", " EMEA ,, servers,EMEA");
    await editor.fill("#node-input-statuses", "new, ${MORE_STATUSES}");
    assert.equal(await known("severities", "critical").getAttribute("aria-pressed"), "true");
    assert.equal(await known("severities", "high").getAttribute("aria-pressed"), "false");
    assert.equal(await known("statuses", "new").getAttribute("aria-pressed"), "true");
    await editor.close("ok");
    assert.deepEqual(await kept("severities"), ["critical"]);
    assert.deepEqual(await kept("tags"), ["EMEA", "servers"]);
    assert.deepEqual(await kept("statuses"), ["new", "${MORE_STATUSES}"]);
    assert.deepEqual([await kept("sources"), await kept("valid")], [[], true]);
    await editor.edit(POLL);
    assert.equal(await editor.page.inputValue("#node-input-tags"), "EMEA, servers");
    assert.equal(await editor.page.inputValue("#node-input-severities"), "critical");
    await editor.close("cancel");
  });

  void test("clears on save what the records do not have, and nothing else", async () => {
    await editor.edit(POLL);
    await editor.page.selectOption("#node-input-resource", "incidents");
    await tab("delivery");
    await editor.page.check("#node-input-extraData");
    await editor.close("ok");
    assert.deepEqual([await kept("extraData"), await kept("tags")], [true, ["EMEA", "servers"]]);
    await editor.edit(POLL);
    await editor.page.selectOption("#node-input-resource", "endpoints");
    await editor.page.selectOption("#node-input-resource", "incidents");
    await editor.close("ok");
    assert.deepEqual([await kept("extraData"), await kept("severities")], [true, ["critical"]]);
    await editor.edit(POLL);
    await editor.page.selectOption("#node-input-resource", "endpoints");
    await editor.close("ok");
    assert.deepEqual(
      [await kept("extraData"), await kept("severities"), await kept("tags"), await kept("lookbackHours")],
      [false, [], ["EMEA", "servers"], "72"],
    );
    await editor.edit(POLL);
    await editor.page.selectOption("#node-input-resource", "alerts");
    await editor.page.selectOption("#node-input-apiVersion", "v1");
    await tab("delivery");
    await editor.page.check("#node-input-splitEvents");
    await editor.page.selectOption("#node-input-acknowledge", "message");
    assert.match(await editor.page.innerText("#cortex-xdr-poll-acknowledging"), /ack/);
    await editor.close("ok");
    assert.deepEqual(
      [await kept("splitEvents"), await kept("tags"), await kept("acknowledge"), await kept("valid")],
      [true, [], "message", true],
    );
  });

  void test("marks a node whose filter its records do not have", async () => {
    const valid = (statuses: string): Promise<boolean> =>
      editor.read(`(() => { const n = ${NODE}; const before = n.statuses; n.statuses = ${statuses};
        RED.editor.validateNode(n); const v = n.valid; n.statuses = before; RED.editor.validateNode(n); return v; })()`);
    assert.equal(await valid(`["new"]`), false);
    assert.equal(await valid(`"new"`), false);
    assert.equal(await valid("[]"), true);
    assert.equal(await valid("7"), false);
  });

  void test("keeps what only the runtime can read", async () => {
    await editor.edit(BARE);
    assert.equal(await editor.page.inputValue("#node-input-resource"), "${POLL_RESOURCE}");
    assert.equal(await editor.page.inputValue("#node-input-apiVersion"), "v2");
    assert.equal(await editor.page.inputValue("#node-input-severities"), "high, critical");
    assert.equal(await editor.read(`$("#node-input-extraData").prop("indeterminate")`), true);
    await editor.close("ok");
    const bare = await editor.read<Record<string, unknown>>(
      `(({resource, extraData, splitEvents, severities, valid}) => ({resource, extraData, splitEvents, severities, valid}))(RED.nodes.node("${BARE}"))`,
    );
    assert.deepEqual(bare, {
      resource: "${POLL_RESOURCE}",
      extraData: "${POLL_EXTRA}",
      splitEvents: false,
      severities: ["high", "critical"],
      valid: true,
    });
  });

  void test("cannot be asked to sync while it is not deployed, and says so", async () => {
    await editor.edit(POLL);
    await tab("sync");
    for (const kind of ["incremental", "full"]) {
      assert.equal(await editor.page.isDisabled(`#cortex-xdr-poll-sync-${kind}`), true);
    }
    assert.match(await editor.page.innerText("#cortex-xdr-poll-undeployed"), /^Deploy first/);
    await editor.close("cancel");
    await editor.page.evaluate(`${NODE}._def.button.onclick.call(${NODE})`);
    await notified(/^Deploy first/);
  });

  void test("syncs when its button is pressed", async () => {
    await editor.page.click("#red-ui-header-button-deploy");
    await editor.page.waitForFunction(`${NODE}.changed === false`);
    await editor.page.waitForTimeout(500);
    const requests = tenant.requests.length;
    await editor.page.locator(`[id="${POLL}"] .red-ui-flow-node-button-button`).click();
    await notified(/^Sync asked for/);
    await until("a run", () => tenant.requests.length > requests);
  });

  void test("syncs, and syncs in full, from the dialog", async () => {
    await editor.edit(POLL);
    await tab("sync");
    assert.equal(await editor.page.isVisible("#cortex-xdr-poll-undeployed"), false);
    for (const [kind, said] of [
      ["incremental", /^Sync asked for/],
      ["full", /^Full sync asked for/],
    ] as const) {
      const requests = tenant.requests.length;
      await editor.page.click(`#cortex-xdr-poll-sync-${kind}`);
      await notified(said);
      await until("a run", () => tenant.requests.length > requests);
    }
    await editor.close("cancel");
  });

  void test("tells when Node-RED does not know it", async () => {
    // Disabled, hence deployed but not running.
    await editor.page.evaluate(`RED.nodes.node("${BARE}")._def.button.onclick.call(RED.nodes.node("${BARE}"))`);
    await notified(/does not know this node/);
    // The browser itself reports the 404.
    assert.equal(editor.complaints.splice(0).filter((text) => !/404/.test(text)).length, 0);
  });

  void test("has labelled ports, an icon, and help from the first paragraph to the error codes", async () => {
    const labels = await editor.read<string[]>(
      `[${NODE}._def.inputLabels.call(${NODE}, 0), ${NODE}._def.outputLabels.call(${NODE}, 0), ${NODE}._def.outputLabels.call(${NODE}, 1)]`,
    );
    assert.equal(new Set(labels).size, 3);
    for (const label of labels) assert.doesNotMatch(label, RAW_KEY);
    const icon = await fetch(`${editor.red.url}/icons/@secops-flows/node-red-cortex-xdr/cortex-xdr-poll.svg`);
    assert.match(await icon.text(), /<svg/);
    await editor.page.evaluate(`RED.sidebar.help.show("cortex-xdr-poll")`);
    const help = editor.page.locator(".red-ui-help").last();
    await help.getByText("Error codes").waitFor();
    assert.doesNotMatch(await help.innerText(), RAW_KEY);
    await editor.screenshot("poll-help");
  });

  testPictures(
    () => editor,
    async (take) => {
      await take("poll-canvas");
      await editor.edit(POLL);
      await editor.page.selectOption("#node-input-resource", "alerts");
      await editor.page.selectOption("#node-input-apiVersion", "v2");
      await editor.fill("#node-input-severities", "high, critical");
      for (const name of Object.keys(TABS) as (keyof typeof TABS)[]) {
        if (name === "delivery") await editor.page.selectOption("#node-input-resource", "incidents");
        await tab(name);
        await take(`poll-${name}`);
      }
      await editor.close("cancel");
    },
  );
});
