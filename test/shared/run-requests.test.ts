import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { XdrError } from "../../nodes/lib/errors";
import type { SyncKind } from "../../nodes/lib/poll/poller-api";
import { MAX_WAITING, PAUSE_MS, RunRequests } from "../../nodes/shared/run-requests";

/** Runs that end when the test says so, and a clock that only the test moves. */
function start() {
  const runs: { kind: SyncKind; end: () => void; fail: () => void }[] = [];
  let nowMs = 0;
  let wake = (): void => undefined;
  const requests = new RunRequests(
    {
      sync: (kind) =>
        new Promise((resolve, reject) => {
          const fail = (): void => reject(new XdrError("XDR_UNAUTHORIZED", "no"));
          runs.push({ kind, end: () => resolve({}), fail });
        }),
    },
    {
      monotonicMs: () => nowMs,
      sleep: (ms, signal) =>
        new Promise((resolve) => {
          wake = (): void => {
            nowMs += ms;
            resolve();
          };
          signal?.addEventListener("abort", () => resolve(), { once: true });
        }),
    },
  );
  return { requests, runs, wake: () => wake() };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

void describe("the runs that messages ask for", () => {
  void test("are one at once and one to follow, shared by all that ask meanwhile", async () => {
    const { requests, runs } = start();
    const ended: number[] = [];
    for (let ask = 0; ask < 50; ask += 1) void requests.ask("incremental")?.then(() => ended.push(ask));
    await turn();
    assert.equal(runs.length, 1);
    runs[0]!.end();
    await turn();
    assert.deepEqual([ended, runs.length], [[0], 2]);
    runs[1]!.end();
    await turn();
    assert.deepEqual([ended.length, runs.length], [50, 2]);
  });

  void test("do not wait for those of the other kind", async () => {
    const { requests, runs } = start();
    void requests.ask("incremental");
    void requests.ask("full");
    await turn();
    assert.deepEqual(
      runs.map(({ kind }) => kind),
      ["incremental", "full"],
    );
  });

  void test("keep a bounded number waiting, however long a run takes", () => {
    const { requests } = start();
    const asked = Array.from({ length: 5000 }, () => requests.ask("incremental"));
    assert.equal(asked.filter((ended) => ended !== undefined).length, 1 + MAX_WAITING);
  });

  void test("pause after a failure, which all that asked for it are told", async () => {
    const { requests, runs, wake } = start();
    const first = requests.ask("incremental");
    const [second, third] = [requests.ask("incremental"), requests.ask("incremental")];
    await turn();
    runs[0]!.fail();
    await assert.rejects(first!, { code: "XDR_UNAUTHORIZED" });
    await turn();
    assert.equal(runs.length, 1);
    const full = requests.ask("full");
    await turn();
    assert.equal(runs.length, 1);
    wake();
    await turn();
    assert.equal(PAUSE_MS, 5000);
    requests.close();
    await turn();
    assert.equal(runs.length, 3);
    for (const { fail } of runs) fail();
    for (const ended of [second, third, full]) await assert.rejects(ended!, { code: "XDR_UNAUTHORIZED" });
  });

  void test("do not pause a closing node", async () => {
    const { requests, runs } = start();
    const first = requests.ask("incremental");
    const second = requests.ask("incremental");
    await turn();
    runs[0]!.fail();
    await assert.rejects(first!);
    requests.close();
    await turn();
    runs[1]!.end();
    await second;
  });
});
