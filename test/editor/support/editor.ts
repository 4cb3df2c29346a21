import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { chromium, type Browser, type Page } from "playwright-core";
import { NodeRed, type Flow } from "../../support/node-red";

/** Where screenshots go; git ignores it. */
export const OUTPUT = resolve(__dirname, "../../../test-output");

/** Browser, and Node-RED other than the locked one. */
const {
  CHROMIUM = "/usr/bin/chromium",
  NODE_RED_JS: redJs,
  NODE_RED_NODE: node,
} = process.env as Partial<Record<string, string>>;

const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Offline, the palette manager cannot read its catalogue. Nothing else may complain. */
const CATALOGUE = /catalogue/i;

/** A user who wants no tips: Node-RED 5 shows the first one before its panel is there when the machine is slow, and fails. */
const USERS = { _: { editor: { view: { "view-show-tips": false } } } };

/** A Node-RED with our nodes and a flow, opened in a browser. */
export class Editor {
  /** What the page complained about. */
  readonly complaints: string[] = [];

  private constructor(
    readonly red: NodeRed,
    readonly page: Page,
    private readonly browser: Browser,
    private readonly userDir: string,
  ) {}

  static async open(flow: Flow): Promise<Editor> {
    const userDir = mkdtempSync(join(tmpdir(), "cortex-xdr-editor-"));
    writeFileSync(join(userDir, ".config.users.json"), JSON.stringify(USERS));
    const red = await NodeRed.start({
      userDir,
      ...(redJs === undefined ? {} : { redJs }),
      ...(node === undefined ? {} : { node }),
    });
    await red.deploy(flow);
    const browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
    const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
    const editor = new Editor(red, page, browser, userDir);
    page.on("console", (message) => {
      const isCatalogue = CATALOGUE.test(message.text()) || CATALOGUE.test(message.location().url);
      if (message.type() === "error" && !isCatalogue) editor.complaints.push(message.text());
    });
    page.on("pageerror", (error) => editor.complaints.push(error.message));
    await page.route(
      (url) => url.origin !== red.url,
      (route) => route.abort(),
    );
    await page.goto(red.url);
    const first = (flow.flows as readonly { id: string; type: string }[]).find(({ type }) => type !== "tab");
    await page.waitForFunction(`typeof RED !== "undefined" && RED.nodes?.node(${JSON.stringify(first?.id)}) != null`);
    await page.waitForFunction(
      `$("#red-ui-loading-progress").length === 0 || !$("#red-ui-loading-progress").is(":visible")`,
    );
    return editor;
  }

  /** The value of an expression in the page. */
  read<T>(expression: string): Promise<T> {
    return this.page.evaluate<T>(expression);
  }

  /** Opens the dialog of a node on the canvas, or of a configuration node. */
  async edit(id: string): Promise<void> {
    const node = `RED.nodes.node(${JSON.stringify(id)})`;
    const isConfig = await this.read<boolean>(`${node}._def.category === "config"`);
    const open = isConfig ? `RED.editor.editConfig("", ${node}.type, ${node}.id)` : `RED.editor.edit(${node})`;
    await this.page.evaluate(`void ${open}`);
    await this.page.waitForSelector(".cortex-xdr-form", { state: "visible" });
    await this.settle();
  }

  /** Presses Done, or another button of the dialog. */
  async close(button: "ok" | "cancel" = "ok"): Promise<void> {
    await this.page.click(`[id^="node-"][id$="dialog-${button}"]:visible`);
    await this.page.waitForSelector(".cortex-xdr-form", { state: "detached" });
    await this.settle();
  }

  /** Types into a field and leaves it. */
  async fill(selector: string, value: string): Promise<void> {
    await this.page.fill(selector, value);
    await this.page.dispatchEvent(selector, "change");
  }

  /** Waits for the end of the tray's movement. */
  async settle(): Promise<void> {
    await this.page.waitForFunction(`!$(".red-ui-tray").is(":animated") && $(".ui-effects-wrapper").length === 0`);
    await this.page.waitForTimeout(350);
  }

  async screenshot(name: string): Promise<void> {
    await this.page.screenshot({ path: join(OUTPUT, `${name}.png`) });
  }

  async stop(): Promise<void> {
    await this.browser.close();
    await this.red.stop();
    rmSync(this.userDir, { recursive: true, force: true, maxRetries: 5 });
  }
}
