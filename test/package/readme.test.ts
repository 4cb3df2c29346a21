import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, test } from "node:test";
import { ERROR_CODES, XdrError } from "../../nodes/lib/errors";
import type { EventKind } from "../../nodes/lib/gcs/event-kind";
import {
  MAX_BATCH_SIZE,
  MAX_INTERVAL_SECONDS as MAX_LISTING_SECONDS,
  MAX_LINE_BYTES,
  MAX_OBJECTS,
  MAX_TIMEOUT_SECONDS,
  MAX_UNACKNOWLEDGED,
} from "../../nodes/lib/gcs/gcs-limits";
import { parseEventsOptions } from "../../nodes/lib/gcs/events-options";
import type { ObjectReport, ReaderState } from "../../nodes/lib/gcs/reader-api";
import { MAX_BUCKET_TEST_MS } from "../../nodes/lib/gcs/test-bucket";
import { MAX_WAITING } from "../../nodes/lib/gcs/waiting-objects";
import { MAX_BACKOFF_MS } from "../../nodes/lib/outbox/backoff";
import { MAX_DEAD_LETTERS } from "../../nodes/lib/outbox/dead-letters";
import type { OutboxStats } from "../../nodes/lib/outbox/outbox";
import { MAX_BATCH_RECORDS } from "../../nodes/lib/pan-os/batch";
import { MAX_DESCRIPTION } from "../../nodes/lib/pan-os/description";
import { parsePanosOptions } from "../../nodes/lib/pan-os/options";
import { parsePanos } from "../../nodes/lib/pan-os/parse";
import { EXTRA_DATA_PATH } from "../../nodes/lib/poll/extra-data";
import {
  MAX_FULL_SYNC_DAYS,
  MAX_INTERVAL_SECONDS,
  MAX_LOOKBACK_HOURS,
  MAX_OVERLAP_SECONDS,
} from "../../nodes/lib/poll/poll-limits";
import type { PollState } from "../../nodes/lib/poll/poller-api";
import { PAGE_SIZE, ROW_CEILING } from "../../nodes/lib/poll/resources";
import { MAX_RETRY_MS } from "../../nodes/lib/poll/retry-delay";
import { Tally } from "../../nodes/lib/poll/tally";
import { MAX_ALERTS_PER_UPDATE, MAX_ALERT_BYTES } from "../../nodes/lib/tenant/alert-schema";
import { MAX_RESPONSE_BYTES } from "../../nodes/lib/tenant/client";
import { TENANT_REQUEST_LIMIT } from "../../nodes/lib/tenant/request-limiter";
import { CALL_LIMITS } from "../../nodes/lib/tenant/request-limits";
import {
  JSON_ANNEX_TEMPLATE,
  LINES_TEMPLATE,
  MAX_TEMPLATE_CHARACTERS,
} from "../../nodes/shared/editor/payload-templates";
import { eventsProblemStatus, eventsStatus } from "../../nodes/shared/events-status";
import { insertStatus } from "../../nodes/shared/insert-status";
import { pollStatus, problemStatus } from "../../nodes/shared/poll-status";
import type { TranslateStatus } from "../../nodes/shared/status-text";
import { examples } from "./support/examples";
import { catalogueOf, definitionOf, literalValue, NODE_SETS, textOf } from "./support/node-sets";
import { README, rows, section } from "./support/readme";

const ROOT = resolve(__dirname, "../..");
/** Starts the demo or the relay; plain JavaScript, so its types are told here. */
const VARIABLES_MODULE: string = join(ROOT, "scripts", "start", "variables.mjs");

/** What stands in the table of a node's commands. */
const COMMANDS: ReadonlyMap<string, readonly string[]> = new Map([
  ["cortex-xdr-insert", ["stats", "flush", "replay", "discard", "msg.topic"]],
  ["cortex-xdr-poll", ["sync", "full", "ack", "msg.topic"]],
  ["cortex-xdr-events", ["sync", "ack", "msg.topic"]],
]);

/** A fenced block after its mark, byte for byte. */
function block(mark: string): string {
  const match = new RegExp(`<!-- template:${mark} -->\n\n\`\`\`text\n([^]*?)\`\`\`\n`).exec(README);
  return match?.[1] ?? "";
}

/** GitHub's anchor of a heading. */
function anchor(heading: string): string {
  const words = heading.toLowerCase().replace(/[^\w\- ]/g, "");
  return words.replaceAll(" ", "-");
}

describe("the README's properties", () => {
  for (const name of NODE_SETS) {
    test(`${name}: each one with its default, and no other`, () => {
      const { defaults, credentials } = definitionOf(name);
      const table = rows(section(name));
      for (const { name: property, members } of [...defaults, ...credentials]) {
        const value = literalValue(members.get("value")) ?? "";
        const isRequired = literalValue(members.get("required")) === true;
        const isEmpty = value === "" || Array.isArray(value);
        const expected = isEmpty ? (isRequired ? "required" : "empty") : `\`${String(value)}\``;
        assert.equal(table.get(property)?.at(-1), expected, property);
      }
      const properties = new Set([...defaults, ...credentials].map((property) => property.name));
      const commands = COMMANDS.get(name) ?? [];
      const others = [...table.keys()].filter((key) => !properties.has(key) && !commands.includes(key));
      assert.deepEqual(others, []);
    });
  }

  test("relay: each variable with its default", async () => {
    const module = (await import(VARIABLES_MODULE)) as {
      readVariables: (env: Record<string, string>) => { relay: Record<string, unknown> };
    };
    const table = rows(section("Relay without an editor, and container"));
    const required = ["API_KEY", "API_KEY_ID", "FQDN"];
    const { relay } = module.readVariables(Object.fromEntries(required.map((name) => [name, "x"])));
    const shown: Readonly<Record<string, unknown>> = {
      PORT: relay["port"],
      OFFSET: Number(String(relay["timezone"]).slice(0, 3)),
      QUOTA_SIZE: relay["quotaAlerts"],
      QUOTA_SECONDS: relay["quotaSeconds"],
      UPDATE_SIZE: relay["updateSize"],
      BUFFER_SIZE: relay["maxQueued"],
      T1: Number(relay["lingerMs"]) / 1000,
      USER_DIR: relay["userDir"],
    };
    for (const [name, value] of Object.entries(shown))
      assert.equal(table.get(name)?.at(-1), `\`${String(value)}\``, name);
    for (const name of required) assert.equal(table.get(name)?.at(-1), "required", name);
    const source = readFileSync(VARIABLES_MODULE, "utf8");
    const read = [...source.matchAll(/(?:text|number)\(env, "(\w+)"\)|env\.([A-Z]\w*)/g)].map(
      (match) => match[1] ?? match[2]!,
    );
    assert.deepEqual([...new Set([...read, ...required])].sort(), [...table.keys()].sort());
  });
});

describe("the README's tables", () => {
  test("have each error code, and no other", () => {
    assert.deepEqual([...rows(section("Error codes")).keys()].sort(), [...ERROR_CODES].sort());
    const named = new Set(README.match(/\b(?:XDR|GCS|PANOS|STORE|OUTBOX)_[A-Z_]+\b/g));
    assert.deepEqual([...named].sort(), [...ERROR_CODES].sort());
  });

  test("have each status of the insert node", () => {
    const text = section("cortex-xdr-insert");
    const translate = (key: string): string =>
      textOf(catalogueOf("cortex-xdr-insert"), `cortex-xdr-insert.status.${key}`) ?? key;
    const base = { waiting: 0, inFlight: 0, quota: { alerts: 600, windowSeconds: 60, spent: 60 } };
    const statuses = [insertStatus(base as unknown as OutboxStats, translate)];
    for (const error of ERROR_CODES.map((code) => new XdrError(code, "for the test"))) {
      for (const action of ["retry", "locked-out"] as const) {
        const trouble = { error, action, failures: 1, sinceMs: 0 };
        statuses.push(insertStatus({ ...base, trouble } as unknown as OutboxStats, translate));
      }
      statuses.push(insertStatus({ ...base, problem: error } as unknown as OutboxStats, translate));
    }
    const shown = statuses.map((status) => String(status.text).replace(/ · 0$/, ""));
    for (const status of new Set([...shown, translate("no-tenant"), translate("config")])) {
      assert.ok(text.includes(`\`${status}\``), status);
    }
  });

  test("have each status of the poll node", () => {
    const text = section("cortex-xdr-poll");
    const translate: TranslateStatus = (key, values = {}) => {
      const found = textOf(catalogueOf("cortex-xdr-poll"), `cortex-xdr-poll.status.${key}`) ?? key;
      return found.replace(/__(\w+)__/g, (_mark, name: string) => values[name] ?? "");
    };
    const nowMs = new Date(2026, 0, 1, 14, 5, 30).getTime();
    const report = { emitted: 12, removed: 0 };
    const running = { phase: "running", done: 312, total: 2400 };
    const states = [
      { phase: "starting" },
      { ...running, sync: "incremental" },
      { ...running, sync: "full" },
      ...[report, { emitted: 12, removed: 3 }, { emitted: 0, removed: 0 }].map((last) => ({ phase: "idle", last })),
      ...ERROR_CODES.map((code) => ({ phase: "failed", error: new XdrError(code, "for the test"), nextAtMs: nowMs })),
    ];
    const statuses = states.map((state) => pollStatus(state as unknown as PollState, 0, nowMs, translate));
    statuses.push(pollStatus({ ...running, sync: "full" } as PollState, 3, nowMs, translate));
    for (const code of ERROR_CODES) statuses.push(problemStatus(new XdrError(code, "for the test"), translate));
    statuses.push(problemStatus(new XdrError("XDR_CONFIG_INVALID", "none", { field: "tenant" }), translate));
    for (const status of statuses.map((one) => String(one.text))) assert.ok(text.includes(`\`${status}\``), status);
  });

  test("have each status of the events node", () => {
    const text = section("cortex-xdr-events");
    const translate: TranslateStatus = (key, values = {}) => {
      const found = textOf(catalogueOf("cortex-xdr-events"), `cortex-xdr-events.status.${key}`) ?? key;
      return found.replace(/__(\w+)__/g, (_mark, name: string) => values[name] ?? "");
    };
    const nowMs = new Date(2026, 0, 1, 14, 5, 30).getTime();
    const idle: ReaderState = { hasListed: true, waitingObjects: 0, openObjects: 0, events: 0, trouble: undefined };
    const busy = { ...idle, waitingObjects: 10, openObjects: 2 };
    const errors = ERROR_CODES.map((code) => new XdrError(code, "for the test"));
    const statuses = [
      eventsStatus({ ...idle, hasListed: false }, { rate: 0, unacknowledged: 0 }, nowMs, translate),
      eventsStatus(idle, { rate: 0, unacknowledged: 0 }, nowMs, translate),
      eventsStatus({ ...idle, events: 1 }, { rate: 0, unacknowledged: 0 }, nowMs, translate),
      eventsStatus(busy, { rate: 3480, unacknowledged: 7 }, nowMs, translate),
      eventsStatus(busy, { rate: 0, unacknowledged: 1000 }, nowMs, translate),
      ...errors.map((error) =>
        eventsStatus(
          { ...idle, trouble: { error, nextAtMs: nowMs } },
          { rate: 0, unacknowledged: 0 },
          nowMs,
          translate,
        ),
      ),
      ...errors.map((error) => eventsProblemStatus(error, translate)),
      eventsProblemStatus(new XdrError("XDR_CONFIG_INVALID", "none", { field: "account" }), translate),
    ];
    for (const status of statuses.map((one) => String(one.text))) assert.ok(text.includes(`\`${status}\``), status);
  });

  test("have each field of an object's report, and each kind", () => {
    const fields: Readonly<Record<keyof ObjectReport, true>> = {
      lines: true,
      events: true,
      bad: true,
      bytes: true,
      storedBytes: true,
      error: true,
    };
    const kinds: Readonly<Record<EventKind, true>> = { endpoint: true, log: true, mixed: true };
    const text = section("cortex-xdr-events");
    for (const name of [...Object.keys(fields), ...Object.keys(kinds)]) assert.ok(text.includes(`\`${name}\``), name);
  });

  test("have each field of a run's report, and each change", () => {
    const report = new Tally("alerts", "full").report(0, 0, new XdrError("XDR_TIMEOUT", "for the test"));
    const text = section("cortex-xdr-poll");
    for (const field of Object.keys(report)) assert.ok(text.includes(`\`${field}\``), field);
    for (const change of ["new", "updated", "removed"])
      assert.match(section("New, updated, removed"), RegExp(`^\\| ${change} `, "m"));
  });

  test("have the limits of the code", () => {
    const text = section("Limits");
    const limits: Readonly<Record<string, number>> = {
      "alerts per update": MAX_ALERTS_PER_UPDATE,
      "requests to a tenant, all calls": TENANT_REQUEST_LIMIT.requests,
      "one alert": MAX_ALERT_BYTES,
      description: MAX_DESCRIPTION,
      "records in one message": MAX_BATCH_RECORDS,
      "dead letters kept per tenant": MAX_DEAD_LETTERS,
      "wait between two attempts": MAX_BACKOFF_MS / 1000,
      "payload template": MAX_TEMPLATE_CHARACTERS,
      "records on a page": PAGE_SIZE,
      "extra data of incidents": CALL_LIMITS.get(EXTRA_DATA_PATH)?.requests ?? 0,
      "records of one millisecond": ROW_CEILING,
      "objects that wait, kept in memory": MAX_WAITING,
      "one line of an object": parseEventsOptions({ bucket: "bucket" }).maxLineBytes,
    };
    assert.equal(MAX_RETRY_MS, MAX_BACKOFF_MS);
    const poll = rows(section("cortex-xdr-poll"));
    const longest = {
      intervalSeconds: MAX_INTERVAL_SECONDS,
      lookbackHours: MAX_LOOKBACK_HOURS,
      overlapSeconds: MAX_OVERLAP_SECONDS,
      fullSyncDays: MAX_FULL_SYNC_DAYS,
    };
    for (const [name, limit] of Object.entries(longest))
      assert.ok(poll.get(name)?.[1]?.includes(` to ${limit.toLocaleString("en-US")}`), name);
    const events = rows(section("cortex-xdr-events"));
    const most = {
      intervalSeconds: MAX_LISTING_SECONDS,
      batchSize: MAX_BATCH_SIZE,
      maxUnacknowledged: MAX_UNACKNOWLEDGED,
      maxObjects: MAX_OBJECTS,
      timeoutSeconds: MAX_TIMEOUT_SECONDS,
      maxLineBytes: MAX_LINE_BYTES,
    };
    for (const [name, limit] of Object.entries(most))
      assert.ok(events.get(name)?.[1]?.includes(` to ${limit.toLocaleString("en-US")}`), name);
    assert.match(section("cortex-xdr-gcs-account"), RegExp(`within ${MAX_BUCKET_TEST_MS / 1000}\\sseconds`));
    for (const [what, limit] of Object.entries(limits)) {
      const row = text.split("\n").find((line) => line.replace(/^\| /, "").startsWith(`${what} `));
      assert.ok(row?.split("|")[2]?.trim().startsWith(limit.toLocaleString("en-US")), what);
    }
    assert.ok(README.includes(`${MAX_RESPONSE_BYTES.toLocaleString("en-US")} bytes`));
  });

  test("have each example", () => {
    const table = rows(section("Examples"));
    assert.deepEqual(
      [...table.keys()],
      examples().map(({ file }) => file.replace(/\.json$/, "")),
    );
  });

  test("have each command of package.json that they name", () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
      scripts: Record<string, string>;
    };
    const named = [...README.matchAll(/npm run ([\w:]+)/g)].map((match) => match[1]!);
    for (const name of [...named, "start", "test"]) assert.ok(name in scripts, name);
  });
});

describe("the README's payload templates", () => {
  test("are those of the dialog, byte for byte", () => {
    assert.equal(block("json"), JSON_ANNEX_TEMPLATE);
    assert.equal(block("lines"), LINES_TEMPLATE);
  });

  test("are what GET /dump of example and relay answers", async () => {
    const relay = examples().find(({ file }) => file.startsWith("01"));
    assert.equal(relay?.nodes.find(({ type }) => type === "template")?.["template"], block("json"));
    const module: string = join(ROOT, "scripts", "start", "relay-flow.mjs");
    const { PAYLOAD_TEMPLATE } = (await import(module)) as { PAYLOAD_TEMPLATE: string };
    assert.equal(PAYLOAD_TEMPLATE, block("json"));
  });
});

describe("what the README has users do", () => {
  /** The template as a firewall fills it that does not know some of the variables. */
  const fill = (template: string, unknown: readonly string[]): string => {
    const values: Readonly<Record<string, string>> = {
      src: "10.1.2.3",
      dst: "203.0.113.80",
      threatid: "Sample(86999)",
    };
    return template.replace(/\$([\w-]+)/g, (literal, name: string) => {
      if (unknown.includes(name)) return literal;
      return values[name] ?? (name.endsWith("port") ? "443" : "");
    });
  };

  test("the log sent by hand becomes an alert", () => {
    const body = /--data-binary \\\n {2}'([^']+)'/.exec(README)?.[1];
    const [found] = parsePanos(body, parsePanosOptions({}), Date.now()).alerts;
    assert.equal(found?.alert.alert_name, "Relay test");
  });

  test("the templates as changed for PAN-OS 9.1 give alerts without a warning about a variable", () => {
    assert.ok(README.includes('`"threatid": "$threatid",`'));
    const json = block("json").replace('"threat_name": "$threat_name",', '"threatid": "$threatid",');
    const lines = block("lines").replace(/^(?:high_res|threat_name)=.*\n/gm, "");
    for (const template of [json, lines]) {
      const filled = fill(template, ["threat_name", "high_res_timestamp"]);
      const [found] = parsePanos(filled, parsePanosOptions({}), Date.now()).alerts;
      assert.equal(found?.alert.alert_name, "Sample");
      assert.ok(!found.parse.warnings.some((warning) => warning.includes("$")));
    }
  });

  test("an unchanged template on PAN-OS 9.1 is named after its subtype or threat id, with a warning", () => {
    for (const template of [block("json"), block("lines")]) {
      const filled = fill(template.replace("$subtype", "spyware"), ["threat_name", "high_res_timestamp"]);
      const [found] = parsePanos(filled, parsePanosOptions({}), Date.now()).alerts;
      assert.ok(["PAN-OS spyware", "Sample"].includes(found?.alert.alert_name ?? ""));
      assert.ok(found?.parse.warnings.some((warning) => warning.includes("$threat_name")));
    }
  });
});

describe("the links", () => {
  for (const file of ["README.md", "CHANGELOG.md"]) {
    test(`of ${file} lead to files and headings that exist`, () => {
      const text = readFileSync(join(ROOT, file), "utf8");
      const prose = text.replace(/```[^]*?```/g, "");
      const anchors = new Set([...prose.matchAll(/^#+ (.+)$/gm)].map((match) => anchor(match[1]!.replaceAll("`", ""))));
      for (const [, target] of prose.matchAll(/\]\(([^)]+)\)/g)) {
        if (/^[a-z]+:/.test(target!)) continue;
        const isThere = target!.startsWith("#") ? anchors.has(target!.slice(1)) : existsSync(join(ROOT, target!));
        assert.ok(isThere, target);
      }
    });
  }

  test("the bench script finds its place", () => {
    assert.match(README, /<!-- bench:start -->[^]*<!-- bench:end -->/);
  });
});
