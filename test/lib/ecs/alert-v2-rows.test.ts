import { alertV2, BASE_V2 } from "./alert-least";
import { STAYS_V2 } from "./alert-stays";
import { ALERT_CASES } from "./alert-v2-alert-cases";
import { DUPLICATE_CASES } from "./alert-v2-duplicate-cases";
import { EVENT_CASES } from "./alert-v2-event-cases";
import { USER_CASES } from "./alert-v2-user-cases";
import { WHOLE_CASE } from "./alert-v2-whole-case";
import { testRows } from "./row-cases";

testRows({
  kind: "alert-v2",
  base: BASE_V2,
  cases: [...ALERT_CASES, ...EVENT_CASES, ...USER_CASES, ...DUPLICATE_CASES, WHOLE_CASE],
  stays: STAYS_V2,
  least: alertV2({}),
});
