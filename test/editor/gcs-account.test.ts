import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { after, afterEach, before, describe, test } from "node:test";
import { freePort } from "../support/node-red";
import { BUCKET, BucketService } from "./support/bucket-service";
import { Editor } from "./support/editor";
import { testPictures } from "./support/pictures";

const TAB = "00000000000e0021";
/** Has no key, and an endpoint that wants none. */
const ANONYMOUS = "00000000000e0022";
/** Has a stored key. */
const KEYED = "00000000000e0023";
const node = (id: string): string => `RED.nodes.node("${id}")`;
const FIELD = "#node-config-input-";
const KEY = `${FIELD}serviceAccount`;
const REPORT = "#cortex-xdr-gcs-account-report";
const FILE_REPORT = "#cortex-xdr-gcs-account-file-report";
const CHOOSER = "#cortex-xdr-gcs-account-file-chooser";
const MASK = "__PWRD__";
/** A catalogue key that was not translated. */
const RAW_KEY = /(?:cortex-xdr-\w+|label|note|option|tab|file|errors|test)\.[a-z]/i;
const UNNAMED = `$(".cortex-xdr-form").find("input:not([type=hidden]), select, textarea, button").toArray().filter((e) =>
  !(e.labels?.length > 0 || e.getAttribute("aria-label")) && e.textContent.trim() === "" &&
  !/^node-config-input-(btn|lookup)-/.test(e.id)).map((e) => e.outerHTML)`;

const { privateKey } = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
  publicKeyEncoding: { type: "spki", format: "pem" },
});
const keyFile = (account: string, changes: object = {}): string =>
  JSON.stringify(
    {
      type: "service_account",
      project_id: `project-of-${account}`,
      private_key_id: "0123456789abcdef",
      private_key: privateKey,
      client_email: `${account}@example-project.iam.gserviceaccount.com`,
      token_uri: "http://127.0.0.1:9/token",
      ...changes,
    },
    null,
    2,
  );
const emailOf = (account: string): string => `${account}@example-project.iam.gserviceaccount.com`;

void describe("the GCS account in the editor", () => {
  let editor: Editor;
  let service: BucketService;

  before(async () => {
    service = await BucketService.start();
    const empty = { type: "cortex-xdr-gcs-account", name: "", projectId: "", clientEmail: "", proxy: "", tls: "" };
    editor = await Editor.open({
      flows: [
        { id: TAB, type: "tab", label: "account" },
        { ...empty, id: ANONYMOUS, bucket: BUCKET, apiEndpoint: service.url },
        {
          ...empty,
          id: KEYED,
          bucket: "",
          apiEndpoint: "",
          projectId: "project-of-stored",
          clientEmail: emailOf("stored"),
        },
      ],
      credentials: { [KEYED]: { serviceAccount: keyFile("stored") } },
    });
  });
  after(async () => {
    await editor.stop();
    await service.stop();
  });
  afterEach(() => assert.deepEqual(editor.complaints.splice(0), []));

  async function tab(name: "key" | "network"): Promise<void> {
    // Two quick clicks are a double click to Node-RED's tabs.
    await editor.page.waitForTimeout(450);
    await editor.page.click(`#red-ui-tab-cortex-xdr-gcs-account-tabs-tab-${name}`);
    await editor.page.waitForSelector(`#cortex-xdr-gcs-account-tabs-${name}`, { state: "visible" });
  }
  const shown = async (): Promise<(string | undefined)[]> => {
    const values: (string | undefined)[] = [];
    for (const name of ["projectId", "clientEmail"]) {
      const isVisible = await editor.page.isVisible(FIELD + name);
      values.push(isVisible ? await editor.page.inputValue(FIELD + name) : undefined);
    }
    return values;
  };
  const concealment = (): Promise<string> =>
    editor.read(`getComputedStyle($("${KEY}")[0]).getPropertyValue("-webkit-text-security")`);
  const expectValidity = (field: string, value: string, isBad: boolean): Promise<unknown> =>
    editor.page
      .waitForFunction(`$("${field}").attr("aria-invalid") === "${isBad}"`, null, { timeout: 5000 })
      .catch(() => assert.fail(`${field} ${JSON.stringify(value)} should be ${isBad ? "refused" : "taken"}`));

  void test("shows translated labels, and names every control", async () => {
    await editor.edit(ANONYMOUS);
    assert.doesNotMatch(await editor.read<string>(`$(".cortex-xdr-form").closest("form")[0].textContent`), RAW_KEY);
    assert.deepEqual(await editor.read(UNNAMED), []);
    await editor.close("cancel");
  });

  void test("refuses bad values, says why, and takes good ones", async () => {
    await editor.edit(ANONYMOUS);
    for (const [property, where, bad, good] of [
      ["bucket", "key", ["gs://", "no bucket!"], ["", "${BUCKET}", `gs://${BUCKET}/internal/`, BUCKET]],
      [
        "apiEndpoint",
        "network",
        ["http://storage.example.com", "ftp://127.0.0.1", "127.0.0.1:80", "https://a:b@c.example"],
        ["", "${ENDPOINT}", "storage.example.com", "https://storage.example.com/base", "http://127.0.0.1:4443"],
      ],
      ["proxy", "network", ["proxy.example", "socks5://p.example:1080"], ["", "http://proxy.example:3128"]],
    ] as const) {
      await tab(where);
      for (const [value, isBad] of [...bad.map((v) => [v, true] as const), ...good.map((v) => [v, false] as const)]) {
        await editor.fill(FIELD + property, value);
        await expectValidity(FIELD + property, value, isBad);
        assert.match(await editor.page.innerText(`${FIELD}${property}-error`), isBad ? /^\S.* must be / : /^$/);
      }
    }
    await editor.close("cancel");
  });

  void test("says what a pasted key lacks", async () => {
    await editor.edit(ANONYMOUS);
    for (const [key, reason] of [
      ["secret words", /must be the whole JSON text/],
      [keyFile("cut").slice(0, 300), /must be the whole JSON text/],
      ["[]", /must be the whole JSON text/],
      ["{}", /lacks type, client_email, private_key\.$/],
      [keyFile("x", { private_key: undefined }), /lacks private_key\.$/],
      [keyFile("x", { client_email: " " }), /lacks client_email\.$/],
      [keyFile("x", { type: "authorized_user" }), /must be service_account/],
      ["${GCS_KEY}", undefined],
      ["", undefined],
      [keyFile("good"), undefined],
    ] as const) {
      await editor.fill(KEY, key);
      await expectValidity(KEY, key, reason !== undefined);
      const hint = await editor.page.innerText(`${KEY}-error`);
      assert.match(hint, reason ?? /^$/);
      assert.doesNotMatch(hint, /secret words|PRIVATE KEY|__/);
    }
    await editor.close("cancel");
  });

  void test("shows whose key was pasted, hides the key, and keeps both without telling the key", async () => {
    await editor.edit(KEYED);
    assert.equal(await editor.page.inputValue(KEY), MASK);
    assert.equal(await concealment(), "disc");
    assert.deepEqual(await shown(), ["project-of-stored", emailOf("stored")]);
    await editor.fill(KEY, "${GCS_KEY}");
    assert.equal(await concealment(), "none");
    assert.deepEqual(await shown(), [undefined, undefined]);
    await editor.fill(KEY, keyFile("pasted"));
    assert.equal(await concealment(), "disc");
    assert.deepEqual(await shown(), ["project-of-pasted", emailOf("pasted")]);
    await editor.close("ok");
    assert.deepEqual(
      await editor.read(`[${node(KEYED)}.projectId, ${node(KEYED)}.clientEmail, ${node(KEYED)}.valid]`),
      ["project-of-pasted", emailOf("pasted"), true],
    );
    assert.equal(await editor.read(`RED.utils.getNodeLabel(${node(KEYED)})`), emailOf("pasted"));
    await editor.page.click("#red-ui-header-button-deploy");
    await editor.page.waitForFunction(`${node(KEYED)}.changed === false`);
    const flows = await (await fetch(`${editor.red.url}/flows`)).text();
    assert.match(flows, /project-of-pasted/);
    assert.doesNotMatch(flows, /PRIVATE KEY|private_key/);
    const stored = (await (
      await fetch(`${editor.red.url}/credentials/cortex-xdr-gcs-account/${KEYED}`)
    ).json()) as object;
    assert.deepEqual(stored, { has_serviceAccount: true });
  });

  void test("keeps the stored key's mask apart from what is typed", async () => {
    await editor.edit(KEYED);
    await tab("key");
    await editor.page.focus(KEY);
    await editor.page.waitForFunction(`$("${KEY}")[0].selectionEnd - $("${KEY}")[0].selectionStart === ${MASK.length}`);
    await editor.page.keyboard.press("End");
    await editor.page.keyboard.insertText(keyFile("next"));
    assert.equal(await editor.page.inputValue(KEY), keyFile("next"));
    assert.deepEqual(await shown(), ["project-of-next", emailOf("next")]);
    await editor.close("cancel");
    await editor.edit(KEYED);
    await editor.page.focus(KEY);
    await editor.page.keyboard.press("End");
    await editor.page.keyboard.press("Backspace");
    assert.equal(await editor.page.inputValue(KEY), "");
    assert.deepEqual(await shown(), [undefined, undefined]);
    // It is the field's own text now, which may be shortened.
    await editor.page.keyboard.type("${KEYS");
    await editor.page.keyboard.press("Backspace");
    assert.equal(await editor.page.inputValue(KEY), "${KEY");
    await editor.close("cancel");
  });

  void test("says what happens without a key", async () => {
    await editor.edit(KEYED);
    const notes = async (): Promise<boolean[]> =>
      Promise.all(["default", "anonymous"].map((name) => editor.page.isVisible(`#cortex-xdr-gcs-account-${name}`)));
    assert.deepEqual(await notes(), [false, false]);
    await editor.fill(KEY, "");
    assert.deepEqual(await notes(), [true, false]);
    await tab("network");
    await editor.fill(`${FIELD}apiEndpoint`, "http://127.0.0.1:4443");
    await tab("key");
    assert.deepEqual(await notes(), [false, true]);
    await editor.close("cancel");
  });

  void test("reads a key file in the browser", async () => {
    await editor.edit(ANONYMOUS);
    assert.equal(await editor.page.isVisible(CHOOSER), false, "there is one button, not two");
    const choosing = editor.page.waitForEvent("filechooser");
    await editor.page.click("#cortex-xdr-gcs-account-file-button");
    const file = (name: string, content: string) => ({
      name,
      mimeType: "application/json",
      buffer: Buffer.from(content),
    });
    await (await choosing).setFiles(file("key.json", `\uFEFF${keyFile("file")}\n`));
    await editor.page.getByText("Read from key.json.").waitFor();
    assert.equal(await editor.page.inputValue(KEY), keyFile("file"));
    assert.deepEqual(await shown(), ["project-of-file", emailOf("file")]);
    await expectValidity(KEY, "the file", false);
    await editor.page.setInputFiles(CHOOSER, file("logs.json", " ".repeat(65_537)));
    await editor.page.getByText("logs.json is too large").waitFor();
    assert.equal(await editor.page.inputValue(KEY), keyFile("file"));
    await editor.page.setInputFiles(CHOOSER, file("other.json", "no key"));
    await expectValidity(KEY, "no key", true);
    // Else a browser would not tell of the same file once more.
    await editor.page.waitForFunction(`$("${CHOOSER}").val() === ""`);
    await editor.page.setInputFiles(CHOOSER, file("other.json", keyFile("again")));
    await expectValidity(KEY, "the same file", false);
    assert.deepEqual(await shown(), ["project-of-again", emailOf("again")]);
    await editor.page.fill(KEY, "");
    assert.equal(await editor.page.innerText(FILE_REPORT), "");
    await editor.close("cancel");
  });

  /** Presses Test connection and gives what was sent, and what the dialog then says. */
  async function probe(): Promise<{ sent: unknown; text: string; state: string | null }> {
    await tab("key");
    const asked = editor.page.waitForRequest((request) => request.url().endsWith("/cortex-xdr-gcs-account/test"));
    await editor.page.click("#cortex-xdr-gcs-account-test");
    const sent: unknown = (await asked).postDataJSON();
    await editor.page.waitForSelector(`${REPORT}[data-state="ok"], ${REPORT}[data-state="failed"]`, {
      timeout: 20_000,
    });
    const text = await editor.page.innerText(REPORT);
    return { sent, text, state: await editor.page.getAttribute(REPORT, "data-state") };
  }

  void test("tests the connection with what is on the screen", async () => {
    await editor.edit(ANONYMOUS);
    const { sent, state } = await probe();
    assert.deepEqual(sent, {
      id: ANONYMOUS,
      serviceAccount: "",
      apiEndpoint: service.url,
      proxy: "",
      tls: "",
      bucket: BUCKET,
    });
    assert.equal(state, "ok");
    assert.ok(service.requests.includes(`/storage/v1/b/${BUCKET}/o`));
    await editor.fill(`${FIELD}bucket`, "another-bucket");
    assert.equal(await editor.page.innerText(REPORT), "");
    const other = await probe();
    assert.equal(other.state, "failed");
    assert.match(other.text, /GCS_BUCKET_NOT_FOUND$/);
    await tab("network");
    await editor.fill(`${FIELD}apiEndpoint`, `http://127.0.0.1:${await freePort()}`);
    assert.match((await probe()).text, /XDR_CONNECTION_REFUSED$/);
    await editor.close("cancel");
  });

  void test("sends a stored key as its mask only", async () => {
    await editor.edit(KEYED);
    await tab("network");
    await editor.fill(`${FIELD}apiEndpoint`, `http://127.0.0.1:${await freePort()}`);
    const { sent } = await probe();
    assert.equal((sent as { serviceAccount: string }).serviceAccount, MASK);
    assert.doesNotMatch(await editor.page.innerText(".cortex-xdr-form"), /PRIVATE KEY/);
    await editor.close("cancel");
  });

  void test("is busy, and says so to everybody, until the answer is there", async () => {
    let release = (): void => undefined;
    service.mayAnswer = new Promise((resolve) => (release = resolve));
    await editor.edit(ANONYMOUS);
    await editor.page.click("#cortex-xdr-gcs-account-test");
    await editor.page.waitForSelector("#cortex-xdr-gcs-account-test:disabled .fa-spinner");
    assert.match(await editor.page.innerText(REPORT), /Testing/);
    assert.equal(await editor.page.getAttribute(REPORT, "role"), "status");
    release();
    await editor.page.waitForSelector("#cortex-xdr-gcs-account-test:enabled .fa-plug");
    await editor.close("cancel");
  });

  void test("has an icon, and help from the first paragraph to the error codes", async () => {
    const icon = await fetch(`${editor.red.url}/icons/@secops-flows/node-red-cortex-xdr/cortex-xdr-gcs-account.svg`);
    assert.match(await icon.text(), /<svg/);
    await editor.page.evaluate(`RED.sidebar.help.show("cortex-xdr-gcs-account")`);
    const help = editor.page.locator(".red-ui-help").last();
    await help.getByText("Error codes").waitFor();
    assert.doesNotMatch(await help.innerText(), RAW_KEY);
    await editor.screenshot("gcs-account-help");
  });

  testPictures(
    () => editor,
    async (take) => {
      for (const [id, name] of [
        [KEYED, "key"],
        [ANONYMOUS, "key"],
        [ANONYMOUS, "network"],
      ] as const) {
        await editor.edit(id);
        if (id === KEYED) await editor.fill(KEY, keyFile("x", { type: "authorized_user" }));
        if (id === KEYED) await editor.fill(KEY, keyFile("pasted"));
        else if (name === "key") await probe();
        await tab(name);
        await take(`gcs-account-${id === KEYED ? "stored" : name}`);
        await editor.close("cancel");
      }
    },
  );
});
