import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ECS_KINDS, kindOf, type EcsKind } from "../../nodes/lib/ecs/ecs-kinds";
import { parseEcsOptions } from "../../nodes/lib/ecs/ecs-options";
import { MAX_SPLIT_VALUES, recordsMapper, type EcsResult } from "../../nodes/lib/ecs/map-records";
import type { Row } from "../../nodes/lib/ecs/row";
import type { Table } from "../../nodes/lib/ecs/table";
import { TABLES } from "../../nodes/lib/ecs/tables/tables";
import { putDocuments, type EcsMessage } from "../../nodes/shared/ecs-message";
import { EcsCounts } from "../../nodes/shared/ecs-status";
import type { TranslateStatus } from "../../nodes/shared/status-text";
import { catalogueOf, helpOf, textOf } from "./support/node-sets";
import { README, rows, section } from "./support/readme";

const GUIDE = section("Normalise to ECS");
const NODE = section("cortex-xdr-ecs");
const HELP = helpOf("cortex-xdr-ecs");
const map = recordsMapper(parseEcsOptions({}));

/** A record of each kind with a value that cannot be converted, and one behind it. */
const FAULTY: Readonly<Record<EcsKind, object>> = {
  "alert-v1": { alert_id: "1", events: { event_timestamp: "now" }, name: "later" },
  "alert-v2": { alert_id: "1", detection_timestamp: "now", name: "later" },
  incident: { incident_id: "1", creation_time: "now", severity: "high" },
  event: { event_type: 1, action_file_size: "big", event_id: "later" },
};

interface Document {
  message?: string;
  tags?: string[];
  error?: { message: string[] };
  event: { kind: string; original?: string; severity?: number; id?: string };
  panw_cortex?: { xdr: Record<string, unknown> };
}

/** A fenced block of JSON after its mark. */
function sample(mark: string): unknown {
  const match = new RegExp(`<!-- ecs:${mark} -->\n\n\`\`\`json\n([^]*?)\`\`\`\n`).exec(README);
  return JSON.parse(match?.[1] ?? "");
}

/** The cells of the row that has this in a cell of its own. */
function rowWith(text: string, cell: string): readonly string[] {
  const found = text
    .split("\n")
    .filter((line) => line.startsWith("|"))
    .map((line) => line.split("|").map((each) => each.trim()))
    .find((cells) => cells.includes(cell));
  assert.ok(found !== undefined, `a table has ${cell}`);
  return found.slice(1, -1);
}

const inCode = (text: string): string[] => [...text.matchAll(/`([^`]+)`/g)].map((match) => match[1]!);

/** Fields of the record that have a rule: in a table that keeps all fields, those to which something happens. */
function fieldsWithRule({ rows: all, vendorFields }: Table): Set<string> {
  const probes = [{}, ["1"], "x", "1", 1, true];
  const stays = ({ convert, copies, isDuplicate }: Row): boolean =>
    copies.length === 0 && !isDuplicate && probes.every((probe) => convert(probe, () => undefined) === probe);
  const fields = all.filter(({ from }) => from === "record");
  return new Set(fields.filter((row) => vendorFields === "listed" || !stays(row)).map(({ source }) => source));
}

/** ECS fields that are filled from lists only. */
function fieldsFromLists(kind: EcsKind): string[] {
  const fromLists = TABLES[kind].rows.filter(
    ({ copies }) => copies.length > 0 && copies.every(({ rule }) => rule === "addEach"),
  );
  return [...new Set(fromLists.flatMap(({ copies }) => copies.map(({ field }) => field)))].sort();
}

void describe("what the README tells of ECS", () => {
  void test("its sample is what becomes of the record before it", () => {
    const msg: EcsMessage = { payload: sample("before") };
    assert.equal(putDocuments(msg, map(msg.payload)), true);
    assert.deepEqual(msg, sample("after"));
    // In the order of the text, too, ECS fields first: as people read it.
    assert.match(GUIDE, /<!-- ecs:before -->[^]*<!-- ecs:after -->/);
  });

  for (const kind of ECS_KINDS) {
    void test(`${kind}: data set, number of fields, what becomes of all others, and what the id is made of`, () => {
      const [, , dataset, count, others, id] = rowWith(section("What is mapped"), `\`${kind}\``);
      const table = TABLES[kind];
      assert.equal(dataset, `\`${map(FAULTY[kind]).results[0]!.dataset}\``);
      assert.ok(HELP.includes(`<dt>${map(FAULTY[kind]).results[0]!.dataset}</dt>`));
      assert.equal(Number(count), fieldsWithRule(table).size);
      assert.equal(
        others,
        table.vendorFields === "all" ? `stay below \`${table.namespace}\`` : "are left out, as Elastic does",
      );
      assert.deepEqual(inCode(id!), table.idFields);
    });
  }

  void test("auto knows a record by the fields that it names", () => {
    const known = rows(NODE).get("kind")?.[1] ?? "";
    const named = inCode(known).filter((name) => /_|^events$/.test(name));
    assert.deepEqual(named, [
      "alert_id",
      "events",
      "incident_id",
      "event_type",
      "event_sub_type",
      "event_timestamp",
      "event_id",
    ]);
    for (const [name, kind] of [
      ["alert_id", "alert-v2"],
      ["incident_id", "incident"],
      ...named.slice(3).map((mark) => [mark, "event"] as const),
    ] as const) {
      assert.equal(kindOf({ [name]: 1 }), kind, name);
      assert.ok(HELP.includes(`<code>${name}</code>`), name);
    }
    assert.equal(kindOf({ alert_id: 1, events: [] }), "alert-v1");
    assert.equal(kindOf({ incident_id: 1, event_type: 1 }), "incident");
    assert.equal(kindOf({ alert_id: 1, incident_id: 1 }), "alert-v2");
  });

  void test("endpoints, text and answers without records are as it says", () => {
    const documentOf = (payload: unknown): Document => map(payload).results[0]!.document as unknown as Document;
    for (const payload of [{ endpoint_id: "e", endpoint_name: "n", last_seen: 1 }, "no JSON"]) {
      assert.match(documentOf(payload).error!.message.join(), /cannot be mapped/);
    }
    const reply = /`(\{"reply".*?\})`/.exec(NODE)?.[1];
    assert.equal(map(reply).results.length, 0);
    assert.ok(HELP.includes(reply!));
    assert.equal(recordsMapper(parseEcsOptions({ kind: "event" }))(reply).results.length, 1);
  });

  void test("single values fill the fields that it names, and no others", () => {
    const named = inCode(rows(NODE).get("wrapSingles")?.[1] ?? "");
    const ofEvents = named.slice(0, fieldsFromLists("event").length);
    assert.deepEqual(ofEvents.toSorted(), fieldsFromLists("event"));
    assert.deepEqual(named.slice(ofEvents.length).toSorted(), fieldsFromLists("alert-v2"));
    assert.deepEqual([fieldsFromLists("alert-v1"), fieldsFromLists("incident")], [[], []]);
    for (const field of named) assert.ok(HELP.includes(`<code>${field}</code>`), field);
  });

  void test("nothing writes what it says is not written", () => {
    const text = section("What is not written");
    const absent = inCode(text).filter(
      (name) => !["geo", "as", "@timestamp", "event.category", "event.type"].includes(name),
    );
    assert.deepEqual(absent, ["event.dataset", "event.module", "data_stream", "input", "log.offset", "gcs"]);
    for (const kind of ECS_KINDS) {
      const constants = Object.entries(TABLES[kind].constants()).flatMap(([name, value]) =>
        Object.keys(value as object).map((member) => `${name}.${member}`),
      );
      const written = [...constants, ...TABLES[kind].rows.flatMap(({ copies }) => copies.map(({ field }) => field))];
      const hidden = kind === "event" ? [...absent, "event.category", "event.type"] : absent;
      for (const field of written) {
        assert.doesNotMatch(field, /(?:^|\.)(?:geo|as)(?:\.|$)/);
        for (const name of hidden) assert.ok(!`${field}.`.startsWith(`${name}.`), field);
      }
      if (kind !== "event") assert.ok(written.includes("event.category") && written.includes("event.type"));
    }
    for (const name of absent) assert.ok(HELP.includes(`<code>${name}</code>`), name);
    assert.ok(!("@timestamp" in map({ event_type: 1 }).results[0]!.document));
  });

  for (const kind of ECS_KINDS) {
    void test(`${kind}: what follows from a value that cannot be converted`, () => {
      const text = section("Records with faults");
      const record = {
        "alert-v1": "alert v1, incident",
        "alert-v2": "alert v2",
        incident: "alert v1, incident",
        event: "event",
      };
      const [, then, eventKind] = rowWith(text, record[kind]);
      const document = map(FAULTY[kind]).results[0]!.document as unknown as Document;
      assert.equal(eventKind, `\`${document.event.kind}\``);
      assert.equal(document.error?.message.length, 1);
      const isMarked =
        document.event.original !== undefined && document.tags?.includes("preserve_original_event") === true;
      assert.equal(isMarked, document.event.kind === "pipeline_error");
      // The value behind the bad one.
      const isMapped = [document.message, document.event.severity, document.event.id].some(
        (value) => value === "later" || value === 4,
      );
      assert.equal(isMapped, then!.includes("the rest is mapped"));
      if (!isMapped) assert.ok(["name", "severity"].some((name) => name in (document.panw_cortex?.xdr ?? {})));
      assert.doesNotMatch(document.error.message[0]!, /now|big/);
    });
  }

  void test("a bad MITRE ATT&CK entry ends the mapping of an alert v2, too", () => {
    const document = map({ alert_id: "1", mitre_technique_id_and_name: ["T1071"] }).results[0]!.document;
    assert.equal((document as unknown as Document).event.kind, "pipeline_error");
  });

  void test("ids are the same for the same record, and others once an incident has changed", () => {
    const idOf = (record: object): string | undefined => map(record).results[0]!.id;
    const incident = { incident_id: "1", creation_time: 1, modification_time: 2 };
    assert.equal(idOf(incident), idOf({ ...incident, status: "new" }));
    assert.notEqual(idOf(incident), idOf({ ...incident, modification_time: 3 }));
    assert.equal(idOf({ event_type: 1, event_id: "e" }), undefined);
  });

  void test("the original keeps the digits that a payload loses", () => {
    const text = '{"event_type":1,"event_id":9007199254740993}';
    const { results } = recordsMapper(parseEcsOptions({ preserveOriginal: true }))(JSON.parse(text), text);
    assert.equal((results[0]!.document as unknown as Document).event.original, text);
    assert.match(GUIDE, /9,007,199,254,740,991 lose digits/);
  });

  void test("has each status of the node", () => {
    const translate: TranslateStatus = (key, values = {}) => {
      const found = textOf(catalogueOf("cortex-xdr-ecs"), `cortex-xdr-ecs.status.${key}`) ?? key;
      return found.replace(/__(\w+)__/g, (_mark, name: string) => values[name] ?? "");
    };
    const counts = new EcsCounts();
    const shown = [counts.status(translate)];
    counts.note(Array<EcsResult>(12_333).fill({ faults: [] } as unknown as EcsResult));
    counts.note(Array<EcsResult>(12).fill({ faults: [] } as unknown as EcsResult));
    shown.push(counts.status(translate));
    const faulty = new EcsCounts();
    faulty.note(Array<EcsResult>(12_333).fill({ faults: [] } as unknown as EcsResult));
    faulty.note(Array<EcsResult>(12).fill({ faults: ["one"] } as unknown as EcsResult));
    shown.push(faulty.status(translate), { fill: "red", text: translate("config") });
    for (const { fill, text } of shown) assert.equal(rowWith(NODE, `\`${text}\``)[0], fill);
  });
});

void test("README and help name the most values of an alert's documents", () => {
  const limit = `more than ${MAX_SPLIT_VALUES.toLocaleString("en-US")} values`;
  assert.ok(section("Records with faults").includes(limit));
  assert.ok(HELP.includes(limit));
});
