import type { NodeAPI } from "node-red";
import { failure, type ConnectionReport } from "../lib/tenant/test-connection";

/** What the editor submits in place of a stored password. */
export const PASSWORD_MASK = "__PWRD__";

/**
 * `POST <type>/test` under the admin root, for who may write nodes of this type: one test at a time. Answers 200 with a
 * report, also when the test fails.
 */
export function registerSingleTest(
  RED: NodeAPI,
  type: string,
  run: (submitted: unknown) => Promise<ConnectionReport>,
): void {
  let isBusy = false;
  RED.httpAdmin.post(`/${type}/test`, RED.auth.needsPermission(`${type}.write`), (request, response) => {
    if (isBusy) {
      const message = "Another test is running: wait until it has ended.";
      response.json({ ok: false, code: "XDR_RATE_LIMITED", message } satisfies ConnectionReport);
      return;
    }
    isBusy = true;
    void run(request.body)
      .catch(failure)
      .then((report) => response.json(report))
      .catch(() => undefined)
      .finally(() => (isBusy = false));
  });
}
