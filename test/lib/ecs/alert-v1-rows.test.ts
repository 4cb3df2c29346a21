import { alertV1, BASE_V1 } from "./alert-least";
import { STAYS_V1 } from "./alert-stays";
import { ALERT_CASES } from "./alert-v1-alert-cases";
import { EVENT_CASES } from "./alert-v1-event-cases";
import { USER_CASES } from "./alert-v1-user-cases";
import { WHOLE_CASE } from "./alert-v1-whole-case";
import { testRows } from "./row-cases";

testRows({
  kind: "alert-v1",
  base: BASE_V1,
  cases: [...ALERT_CASES, ...EVENT_CASES, ...USER_CASES, WHOLE_CASE],
  stays: STAYS_V1,
  least: alertV1({}),
});
