import type { ActionStatus } from "../tenant/alert-schema";

/**
 * What each action of the firewall did to the traffic. `sinkhole`, `syncookie-sent` and `forward` are Reported as in Cortex's own
 * labels: the client is probably infected, or the traffic went on.
 * Source: PAN-OS Administrator's Guide, "Threat Log Fields" and "Traffic Log Fields", field Action; Cortex XDR alert actions.
 */
const BLOCKED =
  "deny drop drop-all drop-all-packets drop-packet reset-client reset-server reset-both block block-url block-ip random-drop " +
  "block-continue block-override override-lockout drop-icmp silent-drop drop-silent";
const REPORTED =
  "alert allow sinkhole syncookie-sent continue override forward wildfire-upload-success wildfire-upload-fail wildfire-upload-skip";

const STATUS: ReadonlyMap<string, ActionStatus> = new Map<string, ActionStatus>([
  ...BLOCKED.split(" ").map((word) => [word, "Blocked"] as const),
  ...REPORTED.split(" ").map((word) => [word, "Reported"] as const),
]);

/**
 * Whether traffic was stopped, as far as the action's word proves it; undefined for words we do not know. Case and
 * blanks do not matter (`Reset-Both`, `drop ICMP`).
 */
export function actionStatus(action: string): ActionStatus | undefined {
  return STATUS.get(action) ?? STATUS.get(action.trim().toLowerCase().replace(/[ _]/g, "-"));
}
