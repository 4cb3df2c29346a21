import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { mapperOf, type Mapped } from "../../../nodes/lib/ecs/mapper";
import { testRows, type RowCase } from "./row-cases";

const CREATED = 1_700_000_000_000;
const CREATED_TEXT = "2023-11-14T22:13:20.000Z";
const CHANGED = 1_700_000_000_500;
const CHANGED_TEXT = "2023-11-14T22:13:20.500Z";
const FRAMEWORK = "MITRE ATT&CK";

/** A null creation time lets the mapping go on and writes nothing. */
const LEAST = { creation_time: null };

const vendor = (fields: object): object => ({ panw_cortex: { xdr: fields } });

const plain = {
  detection_time: { start: 1, end: 2 },
  original_tags: ["EG:east"],
  incident_name: "a name",
  status: "under_investigation",
  assigned_user_mail: "lee@example.com",
  assigned_user_pretty_name: "Lee",
  alert_count: 4,
  low_severity_alert_count: 0,
  med_severity_alert_count: 1,
  high_severity_alert_count: 2,
  critical_severity_alert_count: 1,
  user_count: 2,
  host_count: 2,
  notes: "seen before",
  resolve_comment: "closed",
  manual_severity: "high",
  manual_description: "by hand",
  manual_score: 90,
  rule_based_score: 30,
  predicted_score: 77,
  aggregated_score: 90,
  xdr_url: "https://tenant.example/incident-view?caseId=77",
  starred: false,
  incident_sources: ["XDR Agent"],
  wildfire_hits: 0,
  alerts_grouping_status: "Enabled",
  alert_categories: ["Malware", "Malware"],
};

const times: readonly RowCase[] = [
  {
    what: "the id moves and keeps its type",
    record: { incident_id: 77, creation_time: CREATED },
    document: { event: { id: 77, created: CREATED_TEXT }, ...vendor({ creation_time: CREATED_TEXT }) },
  },
  {
    what: "an id that is text stays text",
    record: { ...LEAST, incident_id: "0077" },
    document: { event: { id: "0077" } },
  },
  {
    what: "an id of 0 is one",
    record: { ...LEAST, incident_id: 0 },
    document: { event: { id: 0 } },
  },
  {
    what: "an id that is empty text is none",
    record: { ...LEAST, incident_id: "" },
    document: {},
  },
  {
    what: "times become text in place; creation and change get fields of their own",
    record: { creation_time: CREATED, modification_time: CHANGED, resolved_timestamp: 0 },
    document: {
      "@timestamp": CHANGED_TEXT,
      event: { created: CREATED_TEXT },
      ...vendor({
        creation_time: CREATED_TEXT,
        modification_time: CHANGED_TEXT,
        resolved_timestamp: "1970-01-01T00:00:00.000Z",
      }),
    },
  },
  {
    what: "times may be digits",
    record: { creation_time: `${CREATED}`, modification_time: `${CHANGED}`, resolved_timestamp: "1" },
    document: {
      "@timestamp": CHANGED_TEXT,
      event: { created: CREATED_TEXT },
      ...vendor({
        creation_time: CREATED_TEXT,
        modification_time: CHANGED_TEXT,
        resolved_timestamp: "1970-01-01T00:00:00.001Z",
      }),
    },
  },
  {
    what: "times that are null are none",
    record: { creation_time: null, modification_time: null, resolved_timestamp: null, status: "new" },
    document: vendor({ status: "new" }),
  },
  {
    what: "only the creation time has to be there",
    record: { creation_time: CREATED },
    document: { event: { created: CREATED_TEXT }, ...vendor({ creation_time: CREATED_TEXT }) },
  },
  {
    what: "the time of detection is not converted",
    record: { ...LEAST, detection_time: CREATED },
    document: vendor({ detection_time: CREATED }),
  },
];

const severities: readonly RowCase[] = [
  ...Object.entries({ unknown: 0, informational: 1, low: 2, medium: 3, high: 4, critical: 5 }).map(
    ([severity, number]) => ({
      what: `severity ${severity} is ${number}`,
      record: { ...LEAST, severity },
      document: { event: { severity: number } },
    }),
  ),
  ...["Critical", "HIGH", "low ", "severe", "", 3, ["low"], { low: 1 }].map((severity) => ({
    what: `severity ${JSON.stringify(severity)} has no number and goes all the same`,
    record: { ...LEAST, severity },
    document: {},
  })),
];

const texts: readonly RowCase[] = [
  {
    what: "a description that is text moves",
    record: { ...LEAST, description: "what happened" },
    document: { event: { reason: "what happened" } },
  },
  ...[["what", "happened"], { what: "happened" }, 7, false].map((description) => ({
    what: `a description that is no text stays: ${JSON.stringify(description)}`,
    record: { ...LEAST, description },
    document: vendor({ description }),
  })),
  {
    what: "an empty description is none",
    record: { ...LEAST, description: "" },
    document: {},
  },
  {
    what: "hosts lose what follows their first colon; repeats stay, as the field itself does",
    record: { ...LEAST, hosts: ["pine:77aa", "yew", "pine:88bb", "fe80::1", "a:b:c"] },
    document: {
      related: { hosts: ["pine", "yew", "pine", "fe80", "a"] },
      ...vendor({ hosts: ["pine:77aa", "yew", "pine:88bb", "fe80::1", "a:b:c"] }),
    },
  },
  {
    what: "a host of which nothing is left goes",
    record: { ...LEAST, hosts: [":77aa", "yew"] },
    document: { related: { hosts: ["yew"] }, ...vendor({ hosts: [":77aa", "yew"] }) },
  },
  {
    what: "users lose all up to their last back slash; repeats stay, as the field itself does",
    record: { ...LEAST, users: ["east\\bo", "x\\y\\lee", "bo", "lee@example.com", "west\\bo"] },
    document: {
      related: { user: ["bo", "lee", "bo", "lee@example.com", "bo"] },
      ...vendor({ users: ["east\\bo", "x\\y\\lee", "bo", "lee@example.com", "west\\bo"] }),
    },
  },
  {
    what: "a user of whom nothing is left goes",
    record: { ...LEAST, users: ["east\\"] },
    document: vendor({ users: ["east\\"] }),
  },
  {
    what: "empty lists of hosts and users give nothing",
    record: { ...LEAST, hosts: [], users: [] },
    document: {},
  },
];

const threats: readonly RowCase[] = [
  {
    what: "techniques give ids and names, each without repeats, and stay",
    record: {
      ...LEAST,
      mitre_techniques_ids_and_names: ["T1 - Scripts", "T2 - Scripts", "T1 - Shell - of a kind", "T3.001 - A-B"],
    },
    document: {
      threat: {
        framework: FRAMEWORK,
        technique: { id: ["T1", "T2", "T3.001"], name: ["Scripts", "Shell", "A-B"] },
      },
      ...vendor({
        mitre_techniques_ids_and_names: ["T1 - Scripts", "T2 - Scripts", "T1 - Shell - of a kind", "T3.001 - A-B"],
      }),
    },
  },
  {
    what: "tactics give ids and names, each without repeats, and stay",
    record: { ...LEAST, mitre_tactics_ids_and_names: ["TA1 - Impact", "TA1 - Impact", "TA2 - Impact"] },
    document: {
      threat: { framework: FRAMEWORK, tactic: { id: ["TA1", "TA2"], name: ["Impact"] } },
      ...vendor({ mitre_tactics_ids_and_names: ["TA1 - Impact", "TA1 - Impact", "TA2 - Impact"] }),
    },
  },
  {
    what: "the alerts' spellings of techniques and tactics have no rule",
    record: { ...LEAST, mitre_technique_id_and_name: ["T1 - A"], mitre_tactic_id_and_name: "no separator" },
    document: vendor({ mitre_technique_id_and_name: ["T1 - A"], mitre_tactic_id_and_name: "no separator" }),
  },
  {
    what: "empty lists of techniques and tactics name no framework",
    record: { ...LEAST, mitre_techniques_ids_and_names: [], mitre_tactics_ids_and_names: [] },
    document: {},
  },
  {
    what: "techniques and tactics that are null name no framework",
    record: { ...LEAST, mitre_techniques_ids_and_names: null, mitre_tactics_ids_and_names: null },
    document: {},
  },
];

const tags: readonly RowCase[] = [
  {
    what: "tags go to the top, without repeats",
    record: { ...LEAST, tags: ["b", "a", "b"] },
    document: { tags: ["b", "a"] },
  },
  {
    what: "original tags stay where they are",
    record: { ...LEAST, tags: ["a"], original_tags: ["a", "c"] },
    document: { tags: ["a"], ...vendor({ original_tags: ["a", "c"] }) },
  },
  {
    what: "an empty list of tags gives none",
    record: { ...LEAST, tags: [] },
    document: {},
  },
  {
    what: "severity and tags stay when duplicates are kept; what has moved has moved",
    preserveDuplicates: true,
    record: { ...LEAST, incident_id: 1, description: "text", severity: "critical", tags: ["a", "a"] },
    document: {
      event: { id: 1, reason: "text", severity: 5 },
      tags: ["preserve_duplicate_custom_fields", "a"],
      ...vendor({ severity: "critical", tags: ["a", "a"] }),
    },
  },
  {
    what: "a severity without a number stays when duplicates are kept",
    preserveDuplicates: true,
    record: { ...LEAST, severity: "Critical" },
    document: { tags: ["preserve_duplicate_custom_fields"], ...vendor({ severity: "Critical" }) },
  },
];

const others: readonly RowCase[] = [
  { what: "fields without a rule stay as they came", record: { ...LEAST, ...plain }, document: vendor(plain) },
  {
    what: "fields that are not known stay as they came",
    record: { ...LEAST, new_field: [{ a: 1 }], host: "pine", "dotted.name": 1, message: "m", event: { kind: "x" } },
    document: vendor({ new_field: [{ a: 1 }], host: "pine", "dotted.name": 1, message: "m", event: { kind: "x" } }),
  },
  {
    what: "what is empty goes at every depth, and what becomes empty by it",
    record: { ...LEAST, notes: "", status: null, manual_score: {}, alert_categories: [], x: { y: [null, "", [{}]] } },
    document: {},
  },
  {
    what: "0, false and blanks are not empty",
    record: { ...LEAST, alert_count: 0, starred: false, notes: " ", x: [0, "", false, null, { y: [], z: " " }] },
    document: vendor({ alert_count: 0, starred: false, notes: " ", x: [0, false, { z: " " }] }),
  },
];

testRows({
  kind: "incident",
  base: { ecs: { version: "8.11.0" }, event: { kind: "alert", category: ["malware"], type: ["info"] } },
  cases: [...times, ...severities, ...texts, ...threats, ...tags, ...others],
  stays: Object.keys(plain),
  least: LEAST,
});

const mapped = (record: object, preserveOriginal = false): Mapped =>
  mapperOf("incident", { preserveOriginal, preserveDuplicates: false, wrapSingles: false })(record);

interface Failed {
  readonly event: { readonly kind: string; readonly original: string };
  readonly tags: readonly string[];
  readonly error: { readonly message: readonly string[] };
  readonly panw_cortex: { readonly xdr: Record<string, unknown> };
}

describe("an incident that cannot be mapped", () => {
  const bad: readonly (readonly [field: string, value: unknown])[] = [
    ...["creation_time", "modification_time", "resolved_timestamp"].flatMap((field) =>
      ["", "soon", CREATED_TEXT, 1.5, "1.5", " 1", true, [], [CREATED], { ms: CREATED }].map(
        (value) => [field, value] as const,
      ),
    ),
    ...["mitre_techniques_ids_and_names", "mitre_tactics_ids_and_names"].flatMap((field) =>
      [["T1"], ["T1 - A", "T2-B"], ["T1 -B"], [""]].map((value) => [field, value] as const),
    ),
    ...["hosts", "users"].flatMap((field) => [[7], ["yew", true], [{ name: "yew" }]].map((v) => [field, v] as const)),
  ];
  for (const [field, value] of bad) {
    test(`says so and stops: ${field} is ${JSON.stringify(value)}`, () => {
      const record = { ...LEAST, [field]: value };
      const { document, faults } = mapped(record);
      const { event, tags: marks, error, panw_cortex } = document as unknown as Failed;
      assert.equal(event.kind, "pipeline_error");
      assert.deepEqual(marks, ["preserve_original_event"]);
      assert.equal(error.message.length, 1);
      assert.match(error.message[0]!, new RegExp(field));
      assert.deepEqual(faults, error.message);
      assert.deepEqual(JSON.parse(event.original), record);
      assert.deepEqual(panw_cortex.xdr[field], value);
    });
  }

  test("has no key for its creation time", () => {
    const { document, faults, id } = mapped({ incident_id: "77", status: "new" });
    const { event, tags: marks, error, panw_cortex } = document as unknown as Failed;
    assert.equal(event.kind, "pipeline_error");
    assert.deepEqual(marks, ["preserve_original_event"]);
    assert.equal(error.message.length, 1);
    assert.deepEqual(faults, error.message);
    assert.equal(panw_cortex.xdr["status"], "new");
    assert.equal(typeof id, "string");
  });

  test("has the mark once where it was asked for, too", () => {
    const { document } = mapped({ creation_time: "" }, true);
    assert.deepEqual(document["tags"], ["preserve_original_event"]);
  });
});

test("an incident's id comes of its raw times and id, and changes with the time of change", () => {
  const record = { creation_time: CREATED, incident_id: "77", modification_time: CHANGED };
  assert.equal(mapped(record).id, "IWQ5nU7eaan/L2pLTz5zgLYtl/g=");
  assert.notEqual(mapped({ ...record, modification_time: CHANGED + 1 }).id, mapped(record).id);
  assert.equal(mapped({ ...record, status: "new", incident_name: "other" }).id, mapped(record).id);
  assert.equal(mapped({ creation_time: null, status: "new" }).id, undefined);
});
