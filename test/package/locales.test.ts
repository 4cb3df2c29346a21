import assert from "node:assert/strict";
import { describe, test } from "node:test";
import ts from "typescript";
import { ERROR_CODES, XdrError } from "../../nodes/lib/errors";
import type { OutboxStats } from "../../nodes/lib/outbox/outbox";
import type { EcsResult } from "../../nodes/lib/ecs/map-records";
import { EcsCounts } from "../../nodes/shared/ecs-status";
import { insertStatus } from "../../nodes/shared/insert-status";
import type { RunReport } from "../../nodes/lib/poll/poller-api";
import { pollStatus, problemStatus } from "../../nodes/shared/poll-status";
import {
  catalogueOf,
  definitionOf,
  descendants,
  dialogOf,
  helpOf,
  keysInHtml,
  literalValue,
  NODE_SETS,
  scriptOf,
  textOf,
  type Catalogue,
} from "./support/node-sets";

const textsOf = (catalogue: Catalogue): string[] =>
  Object.values(catalogue).flatMap((entry) => (typeof entry === "string" ? [entry] : textsOf(entry)));

for (const name of NODE_SETS) {
  void describe(`the texts of ${name}`, () => {
    const catalogue = catalogueOf(name);
    const own = catalogue[name] as Catalogue;

    void test("exist for each key of the dialog", () => {
      const keys = keysInHtml(dialogOf(name));
      assert.ok(keys.length > 0);
      assert.deepEqual(
        keys.filter((key) => textOf(catalogue, key) === undefined),
        [],
      );
    });

    void test("exist for each key of the script", () => {
      // Keys are built from nothing: whatever literal starts with a section of the catalogue is one.
      const sections = Object.keys(own).join("|");
      const isKey = new RegExp(`^(?:${name}\\.)?((?:${sections})\\.[\\w.-]+|palette-label)$`);
      const literals = descendants(scriptOf(name)).filter(ts.isStringLiteral);
      const keys = literals.flatMap(({ text }) => isKey.exec(text)?.[1] ?? []);
      assert.ok(keys.length > 5);
      assert.deepEqual(
        keys.filter((key) => textOf(own, key) === undefined),
        [],
      );
    });

    void test("stand in the catalogue only, not in the dialog's HTML", () => {
      const body = dialogOf(name).replace(/<script type="text\/javascript">[\s\S]*?<\/script>/, "");
      assert.equal(body.replace(/<[^>]*>/g, "").trim(), "");
      assert.doesNotMatch(body, / (?:title|aria-label|alt)="/);
    });

    void test("are none of them empty", () => assert.ok(textsOf(catalogue).every((text) => text.trim() !== "")));

    void test("name the palette's category", () => {
      const category = literalValue(definitionOf(name).members.get("category"));
      if (category === "config") return;
      assert.equal(textOf(catalogue, `palette.label.${String(category).replace(/ /g, "_")}`), "Cortex XDR");
    });

    void test("help with each property", () => {
      const { defaults, credentials } = definitionOf(name);
      for (const { name: property } of [...defaults, ...credentials]) {
        assert.ok(helpOf(name).includes(`<span class="property-type">${property}</span>`), property);
      }
    });

    void test("help under the labels that the dialog shows", () => {
      for (const label of textsOf(own["label"] as Catalogue)) assert.ok(helpOf(name).includes(`<dt>${label} `), label);
    });

    void test("open the help with one plain paragraph, which is the palette's tooltip", () => {
      assert.match(helpOf(name), new RegExp(`^<script type="text/html" data-help-name="${name}">\\s*<p>[^<]+</p>`));
    });
  });
}

void test("each error code is explained in some help", () => {
  const all = NODE_SETS.map(helpOf).join();
  assert.deepEqual(
    ERROR_CODES.filter((code) => !new RegExp(`\\b${code}\\b`).test(all)),
    [],
  );
});

void test("the insert node's help names its commands", () => {
  for (const command of ["stats", "flush", "replay", "discard"]) {
    assert.ok(helpOf("cortex-xdr-insert").includes(`<li><code>${command}</code>`), command);
  }
});

void test("each status of the insert node has a short text", () => {
  const catalogue = catalogueOf("cortex-xdr-insert");
  const translate = (key: string): string => {
    const text = textOf(catalogue, `cortex-xdr-insert.status.${key}`);
    assert.ok(text !== undefined && text.length <= 20, key);
    return text;
  };
  const quota = { alerts: 600, windowSeconds: 60, spent: 0 };
  for (const code of ERROR_CODES) {
    const error = new XdrError(code, "for the test");
    for (const action of ["retry", "locked-out"] as const) {
      const trouble = { error, action, failures: 1, sinceMs: 0 };
      insertStatus({ waiting: 0, inFlight: 0, quota, trouble } as unknown as OutboxStats, translate);
    }
    insertStatus({ waiting: 0, inFlight: 0, quota, problem: error } as unknown as OutboxStats, translate);
  }
  for (const key of ["no-tenant", "config"]) translate(key);
});

void test("the poll node's help names its topics", () => {
  for (const topic of ["sync", "full", "ack"]) {
    assert.ok(helpOf("cortex-xdr-poll").includes(`<li><code>${topic}</code>`), topic);
  }
});

void test("the poll node's help names each field of a run report", () => {
  const report: Record<keyof RunReport, true> = {
    resource: true,
    sync: true,
    from: true,
    to: true,
    pages: true,
    received: true,
    emitted: true,
    duplicates: true,
    filtered: true,
    removed: true,
    requests: true,
    lagSeconds: true,
    durationMs: true,
    error: true,
  };
  for (const field of Object.keys(report))
    assert.ok(helpOf("cortex-xdr-poll").includes(`<code>${field}</code>`), field);
});

void test("each status of the poll node has a short text", () => {
  const catalogue = catalogueOf("cortex-xdr-poll");
  const translate = (key: string, values: Readonly<Record<string, string>> = {}): string => {
    const text = textOf(catalogue, `cortex-xdr-poll.status.${key}`);
    assert.ok(text !== undefined, key);
    const filled = Object.entries(values).reduce((whole, [name, value]) => whole.replace(`__${name}__`, value), text);
    assert.ok(filled.length <= 24 && !filled.includes("__"), filled);
    return filled;
  };
  const last = { emitted: 1200, removed: 12 } as RunReport;
  for (const code of ERROR_CODES) {
    const error = new XdrError(code, "for the test");
    pollStatus({ phase: "failed", error, nextAtMs: 0 }, 0, 0, translate);
    problemStatus(error, translate);
  }
  problemStatus(new XdrError("XDR_CONFIG_INVALID", "for the test", { field: "tenant" }), translate);
  for (const sync of ["incremental", "full"] as const) {
    for (const total of [undefined, 99_999]) {
      pollStatus({ phase: "running", sync, done: 1200, total }, 0, 0, translate);
      pollStatus({ phase: "running", sync, done: 1200, total }, 100, 0, translate);
    }
  }
  for (const removed of [0, 12]) {
    pollStatus({ phase: "idle", last: { ...last, removed }, nextAtMs: 0 }, 0, 0, translate);
    pollStatus({ phase: "idle", last: { ...last, emitted: 0, removed }, nextAtMs: 0 }, 0, 0, translate);
  }
  pollStatus({ phase: "starting" }, 0, 0, translate);
});

void test("each status of the ECS node has a short text", () => {
  const catalogue = catalogueOf("cortex-xdr-ecs");
  const translate = (key: string, values: Readonly<Record<string, string>> = {}): string => {
    const text = textOf(catalogue, `cortex-xdr-ecs.status.${key}`);
    assert.ok(text !== undefined, key);
    const filled = Object.entries(values).reduce((whole, [name, value]) => whole.replace(`__${name}__`, value), text);
    assert.ok(filled.length <= 32 && !filled.includes("__"), filled);
    return filled;
  };
  const counts = new EcsCounts();
  counts.status(translate);
  counts.note(Array<EcsResult>(99_999).fill({ faults: [] } as unknown as EcsResult));
  counts.status(translate);
  counts.note(Array<EcsResult>(999).fill({ faults: ["one"] } as unknown as EcsResult));
  counts.status(translate);
  translate("config");
});
