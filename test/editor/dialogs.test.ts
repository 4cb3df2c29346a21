import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";
import { Editor } from "./support/editor";
import { IDS, oneOfEach } from "./support/flow";

/** A catalogue key that was not translated. */
const RAW_KEY = /(?:cortex-xdr-\w+|pan-os-alert|label|note|option|tab|port|errors)\.[a-z]/i;
/** Text that is neither in a label nor a field's name for assistive technology. */
const UNNAMED = `$(".cortex-xdr-form").find("input:not([type=hidden]), select, textarea, button").toArray().filter((field) => {
  const label = field.labels?.length > 0 || field.getAttribute("aria-label") || field.getAttribute("aria-labelledby");
  return !label && field.textContent.trim() === "" && !/^node-(config-)?input-(btn|lookup)-/.test(field.id);
}).map((field) => field.outerHTML)`;

/** What a user might change, one that is refused and one that is taken. */
interface Change {
  readonly property: string;
  /** Button of the tab where it is. */
  readonly tab?: string;
  readonly bad: readonly string[];
  readonly good: readonly string[];
}

const TENANT_LIMITS = "cortex-xdr-tenant-tabs-tab-limits";
const PARSER_ADVANCED = "pan-os-alert-tabs-tab-advanced";
const DIALOGS: Readonly<Record<keyof typeof IDS & ("tenant" | "parser" | "insert"), readonly Change[]>> = {
  tenant: [
    {
      property: "host",
      bad: ["http://acme.example.com", "acme", "10.0.0.1", ""],
      good: [
        "http://127.0.0.1:8080",
        "${FQDN}",
        "api-${TENANT}.xdr.us.paloaltonetworks.com",
        "globex.xdr.us.paloaltonetworks.com",
      ],
    },
    { property: "keyId", bad: [""], good: ["${API_KEY_ID}", "23"] },
    { property: "quotaAlerts", tab: TENANT_LIMITS, bad: ["0", "1.5", "many"], good: ["", "${QUOTA}", "300"] },
    { property: "quotaSeconds", tab: TENANT_LIMITS, bad: ["0", "86401"], good: ["30"] },
    { property: "timeoutSeconds", tab: TENANT_LIMITS, bad: ["0", "301", "1e2"], good: ["12.5"] },
    {
      property: "proxy",
      tab: TENANT_LIMITS,
      bad: ["proxy.example", "socks5://proxy.example:1080"],
      good: ["http://proxy.example:3128"],
    },
  ],
  parser: [
    { property: "timezone", bad: ["Mars/Olympus", "+25:00"], good: ["+01:00", "", "${TZ}", "Europe/Madrid"] },
    {
      property: "internalNetworks",
      bad: ["10.0.0.0/33", "inside", "10.0.0.300/8", "fd00::/129"],
      good: ["", "192.0.2.7", "10.0.0.0/8, fd00::/8\n192.0.2.0/24"],
    },
    { property: "maxBytes", tab: PARSER_ADVANCED, bad: ["0", "-1", "5 MB"], good: ["", "1000000"] },
    { property: "product", tab: PARSER_ADVANCED, bad: [], good: ["Firewalls"] },
  ],
  insert: [
    { property: "updateSize", bad: ["0", "61", "x"], good: ["", "${UPDATE_SIZE}", "30"] },
    { property: "lingerMs", bad: ["-1", "1.5"], good: ["0", "500"] },
    { property: "maxQueued", bad: ["0", "10000001"], good: ["2000"] },
  ],
};

void describe("the dialogs", () => {
  let editor: Editor;
  before(async () => (editor = await Editor.open(oneOfEach())));
  after(() => editor.stop());
  afterEach(() => assert.deepEqual(editor.complaints.splice(0), []));

  void test("are of nodes that the palette shows under one translated category, with their icons", async () => {
    const category = editor.page.locator("#red-ui-palette-container-cortex_xdr");
    assert.match(await category.innerText(), /^\s*Cortex XDR/);
    for (const [type, icon] of [
      ["cortex-xdr-insert", "cortex-xdr-insert.svg"],
      ["pan-os-alert", "cortex-xdr-pan-os-alert.svg"],
    ] as const) {
      const entry = category.locator(`[data-palette-type="${type}"]`);
      assert.doesNotMatch(await entry.innerText(), RAW_KEY);
      const style = (await entry.locator(".red-ui-palette-icon").getAttribute("style")) ?? "";
      assert.ok(style.includes(icon), style);
    }
    for (const icon of ["cortex-xdr-insert", "cortex-xdr-pan-os-alert", "cortex-xdr-tenant"]) {
      const answer = await fetch(`${editor.red.url}/icons/@secops-flows/node-red-cortex-xdr/${icon}.svg`);
      assert.equal(answer.status, 200);
      assert.match(await answer.text(), /<svg/);
    }
  });

  void test("are of nodes whose ports tell what they are", async () => {
    for (const [id, count] of [
      [IDS.parser, 3],
      [IDS.insert, 4],
    ] as const) {
      const labels = await editor.read<string[]>(`(() => { const n = RED.nodes.node("${id}");
        return [n._def.inputLabels.call(n, 0), ...Array.from({ length: n.outputs }, (_, i) => n._def.outputLabels.call(n, i))]; })()`);
      assert.equal(new Set(labels).size, count);
      for (const label of labels) assert.doesNotMatch(label, RAW_KEY);
    }
  });

  for (const [kind, changes] of Object.entries(DIALOGS)) {
    const id = IDS[kind as keyof typeof DIALOGS];
    const prefix = kind === "tenant" ? "node-config-input-" : "node-input-";

    void test(`${kind}: shows translated labels, and names every control`, async () => {
      await editor.edit(id);
      const text = await editor.read<string>(`$(".cortex-xdr-form").closest("form")[0].textContent`);
      assert.doesNotMatch(text, RAW_KEY);
      const empty =
        await editor.read<number>(`$(".cortex-xdr-form [data-i18n]").filter((i, e) => e.textContent.trim() === "" &&
        !/placeholder|aria-label/.test(e.dataset.i18n)).length`);
      assert.equal(empty, 0);
      assert.deepEqual(await editor.read(UNNAMED), []);
      await editor.close("cancel");
    });

    void test(`${kind}: refuses bad values visibly and takes good ones`, async () => {
      await editor.edit(id);
      if (kind === "parser") await editor.page.selectOption("#node-input-orientation", "auto");
      for (const { property, tab, bad, good } of changes) {
        if (tab !== undefined) await editor.page.click(`#red-ui-tab-${tab}`);
        const field = `#${prefix}${property}`;
        for (const [value, isBad] of [...bad.map((v) => [v, true] as const), ...good.map((v) => [v, false] as const)]) {
          await editor.fill(field, value);
          await editor.page
            .waitForFunction(`$("${field}").attr("aria-invalid") === "${isBad}"`, null, { timeout: 5000 })
            .catch(() => {
              assert.fail(`${property} ${JSON.stringify(value)} should be ${isBad ? "refused" : "taken"}`);
            });
          assert.equal(await editor.read(`$("${field}").hasClass("input-error")`), isBad);
          const hint = await editor.page.innerText(`${field}-error`);
          if (isBad) assert.match(hint, /\S+ .*(?:must|missing)/);
          else assert.equal(hint, "");
          assert.doesNotMatch(hint, /errors\.|__/);
        }
      }
      await editor.close("ok");
    });

    void test(`${kind}: has kept the last good values, and shows them again`, async () => {
      await editor.edit(id);
      for (const { property, good } of changes) {
        const shown = await editor.read<string>(`String($("#${prefix}${property}").val())`);
        assert.equal(shown, good.at(-1), property);
        const isCredential = await editor.read<boolean>(
          `"${property}" in (RED.nodes.node("${id}")._def.credentials ?? {})`,
        );
        const kept = await editor.read<string>(
          `String(RED.nodes.node("${id}")${isCredential ? ".credentials" : ""}["${property}"])`,
        );
        assert.equal(kept, good.at(-1), property);
      }
      await editor.close("cancel");
      assert.equal(await editor.read(`RED.nodes.node("${id}").valid`), true);
    });

    void test(`${kind}: a bad value that is saved marks the node`, async () => {
      const change = changes.find(({ bad, tab }) => bad.length > 0 && tab === undefined)!;
      for (const [value, isValid] of [
        [change.bad[0]!, false],
        [change.good.at(-1)!, true],
      ] as const) {
        await editor.edit(id);
        if (kind === "parser") await editor.page.selectOption("#node-input-orientation", "auto");
        await editor.fill(`#${prefix}${change.property}`, value);
        await editor.close("ok");
        assert.equal(await editor.read(`RED.nodes.node("${id}").valid`), isValid);
      }
    });

    void test(`${kind}: its help is there, from the first paragraph to the error codes`, async () => {
      const type = await editor.read<string>(`RED.nodes.node("${id}").type`);
      await editor.page.evaluate(`RED.sidebar.help.show(${JSON.stringify(type)})`);
      const help = editor.page.locator(".red-ui-help").last();
      await help.getByText("Error codes").waitFor();
      assert.doesNotMatch(await help.innerText(), RAW_KEY);
    });
  }

  void test("an insert node without a tenant is marked", async () => {
    await editor.page.evaluate(
      `RED.nodes.node("${IDS.insert}").tenant = ""; RED.editor.validateNode(RED.nodes.node("${IDS.insert}"))`,
    );
    assert.equal(await editor.read(`RED.nodes.node("${IDS.insert}").valid`), false);
    assert.match(await editor.read<string>(`RED.nodes.node("${IDS.insert}").validationErrors.join()`), /Tenant/);
    await editor.page.evaluate(
      `RED.nodes.node("${IDS.insert}").tenant = "${IDS.tenant}"; RED.editor.validateNode(RED.nodes.node("${IDS.insert}"))`,
    );
  });

  void test("the Redis URL is asked for with Redis only, the networks with the automatic side only", async () => {
    await editor.edit(IDS.tenant);
    await editor.page.click(`#red-ui-tab-${TENANT_LIMITS}`);
    assert.equal(await editor.page.isVisible("#node-config-input-redisUrl"), false);
    await editor.page.selectOption("#node-config-input-state", "redis");
    assert.equal(await editor.page.isVisible("#node-config-input-redisUrl"), true);
    await editor.close("cancel");
    await editor.edit(IDS.parser);
    await editor.page.selectOption("#node-input-orientation", "auto");
    assert.equal(await editor.page.isVisible("#node-input-internalNetworks"), true);
    await editor.page.selectOption("#node-input-orientation", "flow");
    assert.equal(await editor.page.isVisible("#node-input-internalNetworks"), false);
    await editor.close("cancel");
  });

  void test("the payload template can be chosen and copied", async () => {
    await editor.edit(IDS.parser);
    await editor.page.click("#red-ui-tab-pan-os-alert-tabs-tab-template");
    assert.match(
      await editor.page.inputValue("#pan-os-alert-template"),
      /"sport": \$sport,[\s\S]*\n---annex---\n\$misc\n$/,
    );
    await editor.page.selectOption("#pan-os-alert-template-kind", "lines");
    assert.match(
      await editor.page.inputValue("#pan-os-alert-template"),
      /^PANXDR\/2\ntype=\$type\n[\s\S]*\nmisc=\$misc\n$/,
    );
    await editor.page.click("#pan-os-alert-template-copy");
    assert.match(await editor.page.innerText("#pan-os-alert-template-report"), /^Copied/);
    await editor.close("cancel");
  });
});
