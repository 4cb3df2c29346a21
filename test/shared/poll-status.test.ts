import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { XdrError, type ErrorCode } from "../../nodes/lib/errors";
import type { PollState, RunReport } from "../../nodes/lib/poll/poller-api";
import { CauseReport } from "../../nodes/shared/cause-report";
import { pollStatus, problemStatus } from "../../nodes/shared/poll-status";

const translate = (key: string, values: Readonly<Record<string, string>> = {}): string =>
  [key, ...Object.values(values)].join(" ");
const at = new Date(2026, 0, 2, 14, 5, 9).getTime();
const shown = (state: PollState, waiting = 0): string => {
  const { fill = "", shape = "", text = "" } = pollStatus(state, waiting, at, translate);
  return `${fill} ${shape} ${text}`;
};
const failed = (code: ErrorCode): PollState => ({ phase: "failed", error: new XdrError(code, "why"), nextAtMs: at });
const idle = (emitted: number, removed: number): PollState => ({
  phase: "idle",
  last: { emitted, removed } as RunReport,
  nextAtMs: at,
});

void describe("the poll node's status", () => {
  for (const [what, state, expected, waiting] of [
    ["starting", { phase: "starting" }, "grey ring starting"],
    ["a run", { phase: "running", sync: "incremental", done: 312, total: 2400 }, "blue dot progress 312 2,400"],
    ["a run without total", { phase: "running", sync: "incremental", done: 1312, total: undefined }, "blue dot 1,312"],
    ["a run past the total", { phase: "running", sync: "incremental", done: 12, total: 9 }, "blue dot 12"],
    ["a run with nothing to read", { phase: "running", sync: "incremental", done: 0, total: 0 }, "blue dot 0"],
    ["a full sync", { phase: "running", sync: "full", done: 1, total: 2 }, "blue dot full progress 1 2"],
    ["acknowledgements", { phase: "running", sync: "full", done: 1, total: 2 }, "blue ring waiting 1,200", 1200],
    ["a run that brought some", idle(1200, 0), "green dot sent 1,200 · 14:05"],
    ["a run that removed some", idle(0, 3), "green dot removed 3 · 14:05"],
    ["a run that did both", idle(1, 3), "green dot sent 1, removed 3 · 14:05"],
    ["a run that brought nothing", idle(0, 0), "green dot up-to-date · 14:05"],
    ["extra data to acknowledge", idle(1, 0), "blue ring waiting 1", 1],
    ["a server error", failed("XDR_SERVER_ERROR"), "yellow ring retrying · 14:05:09"],
    ["a rate limit", failed("XDR_RATE_LIMITED"), "yellow ring retrying · 14:05:09"],
    ["a wrong key", failed("XDR_UNAUTHORIZED"), "red ring unauthorized"],
    ["a clock that is off", failed("XDR_CLOCK_SKEW"), "red ring clock"],
    ["no licence", failed("XDR_LICENCE_MISSING"), "red ring licence"],
    ["no permission", failed("XDR_FORBIDDEN"), "red ring forbidden"],
    ["a request that is refused", failed("XDR_REJECTED"), "red ring tenant"],
    ["a store of a newer version", failed("STORE_VERSION"), "red ring unavailable"],
    ["a standby", failed("STORE_LOCKED"), "grey ring standby"],
  ] as readonly (readonly [string, PollState, string, number?])[]) {
    void test(`shows ${what}`, () => assert.equal(shown(state, waiting), expected));
  }

  void test("names what keeps the node from running at all", () => {
    const text = (code: ErrorCode, field?: string): string | undefined =>
      problemStatus(new XdrError(code, "why", { field }), translate).text;
    assert.equal(text("XDR_CONFIG_INVALID", "tenant"), "no-tenant");
    assert.equal(text("XDR_CONFIG_INVALID", "statuses"), "config");
    assert.equal(text("XDR_CREDENTIALS_MISSING"), "credentials");
    assert.equal(text("XDR_HOST_INVALID"), "tenant");
  });
});

void describe("the report of causes", () => {
  function listen() {
    const told: string[] = [];
    const note =
      (level: string) =>
      (text: unknown): void =>
        void told.push(`${level} ${String(text)}`);
    const errors: { code?: string }[] = [];
    const node = {
      log: note("log"),
      warn: note("warn"),
      error: (error: unknown) => {
        errors.push(error as { code?: string });
        note("error")(error);
      },
    };
    return { told, errors, report: new CauseReport(node, "well again") };
  }
  const denied = new XdrError("XDR_FORBIDDEN", "No.");
  const limited = new XdrError("XDR_RATE_LIMITED", "Slower.");

  void test("tells each change once, with a code that Catch can route on", () => {
    const { told, errors, report } = listen();
    report.tell(undefined);
    for (const error of [denied, denied, limited, limited, undefined, undefined, denied]) report.tell(error);
    assert.deepEqual(told, [
      "error No. (XDR_FORBIDDEN)",
      "error Slower. (XDR_RATE_LIMITED)",
      "log well again",
      "error No. (XDR_FORBIDDEN)",
    ]);
    assert.ok(Object.hasOwn(errors[0]!, "code"));
    assert.equal(errors[0]!.code, "XDR_FORBIDDEN");
  });

  void test("does not tell what was told by other means, but that it is over", () => {
    const { told, report } = listen();
    report.isTold(denied);
    report.tell(denied);
    report.tell(undefined);
    assert.deepEqual(told, ["log well again"]);
  });

  void test("warns where nobody has to act", () => {
    const { told, report } = listen();
    report.tell(limited, "warn");
    assert.deepEqual(told, ["warn Slower. (XDR_RATE_LIMITED)"]);
  });
});
