import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { DATASETS, ECS_KINDS, kindOf } from "../../../nodes/lib/ecs/ecs-kinds";

describe("kinds of records", () => {
  test("are four, and the alerts share a data set", () => {
    assert.deepEqual([...ECS_KINDS], ["alert-v1", "alert-v2", "incident", "event"]);
    assert.deepEqual(DATASETS, {
      "alert-v1": "panw_cortex_xdr.alerts",
      "alert-v2": "panw_cortex_xdr.alerts",
      incident: "panw_cortex_xdr.incidents",
      event: "panw_cortex_xdr.event",
    });
  });

  const kinds: readonly (readonly [record: object, kind: string | undefined])[] = [
    [{ alert_id: "1", events: [{ event_id: 1 }] }, "alert-v1"],
    [{ alert_id: "1", events: { event_id: 1 } }, "alert-v1"],
    [{ alert_id: "1", events: [] }, "alert-v1"],
    [{ alert_id: "1", events: null }, "alert-v1"],
    [{ alert_id: "1" }, "alert-v2"],
    [{ alert_id: 1, event_id: ["1"], event_type: ["Process"], event_timestamp: [1] }, "alert-v2"],
    [{ alert_id: null }, "alert-v2"],
    [{ alert_id: "1", incident_id: "2" }, "alert-v2"],
    [{ alert_id: "1", incident_id: "2", events: [] }, "alert-v1"],
    [{ incident_id: "2" }, "incident"],
    [{ incident_id: 0, events: [] }, "incident"],
    [{ incident_id: "2", event_type: "x", event_id: "3" }, "incident"],
    [{ event_type: 1 }, "event"],
    [{ event_sub_type: 1 }, "event"],
    [{ event_timestamp: 1 }, "event"],
    [{ event_id: "3" }, "event"],
    [{ event_id: null, events: [] }, "event"],
    [{}, undefined],
    [{ events: [{ alert_id: "1" }] }, undefined],
    [{ alert: "1", Alert_id: "1", incident: "2", event: {} }, undefined],
    [{ reply: { result_count: 0 } }, undefined],
    [JSON.parse('{"__proto__": {"alert_id": "1"}}') as object, undefined],
    [{ constructor: { alert_id: "1" } }, undefined],
    [Object.assign(Object.create(null) as object, { alert_id: "1" }), "alert-v2"],
  ];
  for (const [record, kind] of kinds) {
    test(`${JSON.stringify(record)} is ${kind ?? "none of them"}`, () => assert.equal(kindOf(record), kind));
  }
});
