import { testRows, type RowCase } from "./row-cases";

const CREATED = 1_700_000_000_000;
const CREATED_TEXT = "2023-11-14T22:13:20.000Z";

const cases: readonly RowCase[] = [
  {
    what: "the id moves and keeps its type",
    record: { incident_id: 77, creation_time: CREATED },
    document: { event: { id: 77, created: CREATED_TEXT }, panw_cortex: { xdr: { creation_time: CREATED_TEXT } } },
  },
];

testRows({
  kind: "incident",
  base: { ecs: { version: "8.11.0" }, event: { kind: "alert", category: ["malware"], type: ["info"] } },
  cases,
  stays: ["detection_time"],
  least: { creation_time: null },
});
