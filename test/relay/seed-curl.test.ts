import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { post } from "../support/load";
import { startRelay } from "../support/relay";
import { until } from "../support/until";

/** What users of the container relay type to try it: curl's own form content type, no newline around the annex mark. */
const BODY =
  '{"src": "10.1.2.3", "sport": 12345, "dst": "203.0.113.7", "dport": 443, "time_generated": "2021/01/06 20:44:34", "rule": "test_rule", "serial": "9999", "sender_sw_version": "10.0.4", "subtype": "wildfire", "threat_name": "dummy threat", "severity": "high", "action": "alert"}---annex---"dummy annex data"';

/** What curl sends with `-H "Authorization: hello" -d ...`. */
const CURL_HEADERS = {
  authorization: "hello",
  "user-agent": "curl/7.64.1",
  accept: "*/*",
  "content-type": "application/x-www-form-urlencoded",
};

describe("the container relay's own curl", () => {
  test("is answered 200 with an empty body, and its alert arrives", async (t) => {
    const { red, tenant } = await startRelay(t, { record: "all" }, { psk: "hello" });
    const answer = await post(`${red.url}/in`, BODY, { headers: CURL_HEADERS });
    assert.deepEqual([answer.status, answer.body], [200, ""]);
    await until("arrived", () => tenant.alerts.length === 1);
    const { alert_description: description, ...alert } = tenant.alerts[0]!.alert;
    // The relay's own fields in its order, so that saved searches go on working; more follow.
    assert.ok(
      String(description).startsWith(
        "dummy annex data;serial=9999;version=10.0.4;action=alert;rule=test_rule;type=wildfire;",
      ),
    );
    assert.deepEqual(alert, {
      product: "PAN-OS",
      vendor: "Palo Alto Networks",
      local_ip: "10.1.2.3",
      local_port: 12345,
      remote_ip: "203.0.113.7",
      remote_port: 443,
      event_timestamp: Date.UTC(2021, 0, 6, 20, 44, 34),
      severity: "High",
      alert_name: "dummy threat",
      action_status: "Reported",
    });
  });
});
