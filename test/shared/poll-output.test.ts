import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { EmittedPage, Item } from "../../nodes/lib/poll/poller-api";
import { messagesOf } from "../../nodes/shared/poll-messages";
import { PollOutput, type OutputOptions } from "../../nodes/shared/poll-output";
import { PageInFlight } from "../../nodes/shared/poll-page";

const item = (id: number, more: Partial<Item> & { events?: unknown } = {}): Item => {
  const { events, ...rest } = more;
  return { change: "new", record: { alert_id: String(id), ...(events === undefined ? {} : { events }) }, ...rest };
};
const page = (...items: Item[]): EmittedPage => ({ resource: "alerts", sync: "incremental", items });
const ids = (): (() => string) => {
  let last = 0;
  return () => `id ${(last += 1)}`;
};

void describe("the messages of a page", () => {
  const options = { splitEvents: false, newId: ids() };

  void test("carry what the contract says, and previous only where there is one", () => {
    const [[first], [second]] = messagesOf(
      page(item(1), item(2, { change: "updated", previous: { status: "new" } })),
      options,
    ) as unknown as [[Record<string, unknown>], [Record<string, unknown>]];
    assert.deepEqual(Object.keys(first).sort(), ["_msgid", "change", "parts", "payload", "sync", "topic"]);
    assert.deepEqual([first["topic"], first["sync"], first["change"]], ["alerts", "incremental", "new"]);
    assert.deepEqual(first["payload"], { alert_id: "1" });
    assert.deepEqual(second["previous"], { status: "new" });
    assert.notEqual(first["_msgid"], second["_msgid"]);
  });

  void test("are one sequence", () => {
    const messages = messagesOf(page(item(1), item(2), item(3)), options).flat();
    assert.deepEqual(
      messages.map(({ parts }) => [parts.type, parts.count, parts.index]),
      [
        ["array", 3, 0],
        ["array", 3, 1],
        ["array", 3, 2],
      ],
    );
    assert.equal(new Set(messages.map(({ parts }) => parts.id)).size, 1);
  });

  void test("are one for each event when alerts are split, and copies of one another", () => {
    const tags = ["a"];
    const split = item(1, { record: { alert_id: "1", tags, events: [{ n: 1 }, { n: 2 }] } });
    const messages = messagesOf(page(split, item(2, { events: [] }), item(3), item(4, { events: null })), {
      ...options,
      splitEvents: true,
    });
    assert.deepEqual(
      messages.map((ofItem) => ofItem.map(({ payload }) => (payload as { events?: unknown }).events)),
      [[{ n: 1 }, { n: 2 }], [[]], [undefined], [null]],
    );
    assert.deepEqual(
      messages.flat().map(({ parts }) => [parts.count, parts.index]),
      [0, 1, 2, 3, 4].map((index) => [5, index]),
    );
    const [one, two] = messages[0]!.map(({ payload }) => payload as { tags: string[] });
    one!.tags.push("b");
    assert.deepEqual(two!.tags, ["a"]);
  });

  void test("of a removed alert are one", () => {
    const removed = item(1, { change: "removed", events: [{ n: 1 }, { n: 2 }] });
    const messages = messagesOf(page(removed), { ...options, splitEvents: true }).flat();
    assert.deepEqual(
      messages.map(({ payload }) => payload),
      [removed.record],
    );
  });
});

void describe("a page in flight", () => {
  void test("takes messages back in any order, each once, and tells which items are back", async () => {
    const flight = new PageInFlight([["a"], ["b", "c"], ["d"]]);
    assert.deepEqual(flight.taken, new Set());
    assert.equal(flight.acknowledge("c"), true);
    assert.equal(flight.acknowledge("c"), false);
    assert.equal(flight.acknowledge("x"), false);
    assert.deepEqual(flight.taken, new Set());
    flight.acknowledge("d");
    assert.deepEqual(flight.taken, new Set([2]));
    flight.acknowledge("b");
    assert.deepEqual([flight.taken, flight.waiting], [new Set([1, 2]), 1]);
    flight.acknowledge("a");
    assert.deepEqual([flight.taken, flight.waiting], ["all", 0]);
    await flight.finished;
  });

  void test("without messages is back at once", async () => {
    await new PageInFlight([]).finished;
  });
});

void describe("the output", () => {
  function output(acknowledge: "emit" | "message", more: Partial<OutputOptions> = {}) {
    const sent: string[] = [];
    const waiting: number[] = [];
    const made = new PollOutput({
      splitEvents: false,
      acknowledge,
      newId: ids(),
      send: (messages) => void sent.push(...messages.map(({ _msgid }) => _msgid)),
      onWaiting: (count) => void waiting.push(count),
      ...more,
    });
    return { made, sent, waiting };
  }
  const two = page(item(1), item(2));

  void test("takes a page for taken when the next nodes have had their turn", async () => {
    const { made, sent } = output("emit");
    let isTaken = false;
    const taken = made.emit(two, new AbortController().signal).then((result) => {
      isTaken = true;
      return result;
    });
    assert.equal(sent.length, 2);
    await Promise.resolve();
    assert.equal(isTaken, false);
    let hadTurn = false;
    setImmediate(() => (hadTurn = !isTaken));
    assert.equal(await taken, "all");
    // The nodes' turn was queued by the send, before ours.
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(hadTurn, false);
  });

  void test("takes nothing for taken when a close came in between", async () => {
    const { made } = output("emit");
    const closing = new AbortController();
    const taken = made.emit(two, closing.signal);
    closing.abort();
    assert.deepEqual(await taken, new Set());
  });

  for (const mode of ["emit", "message"] as const) {
    void test(`sends nothing after the close (${mode})`, async () => {
      const { made, sent } = output(mode);
      assert.deepEqual(await made.emit(two, AbortSignal.abort()), new Set());
      assert.equal(await made.emitExtra({ incidentId: "7", data: {} }, AbortSignal.abort()), false);
      assert.deepEqual(sent, []);
    });
  }

  void test("waits for the flow, counts what is missing, and ignores what it does not know", async () => {
    const { made, sent, waiting } = output("message");
    const taken = made.emit(two, new AbortController().signal);
    for (const id of ["unknown", undefined, 7, sent[1], sent[1]]) made.acknowledge(id);
    assert.deepEqual(waiting, [2, 1]);
    made.acknowledge(sent[0]);
    assert.equal(await taken, "all");
    assert.deepEqual(waiting, [2, 1, 0]);
    made.acknowledge(sent[0]);
    assert.deepEqual(waiting, [2, 1, 0]);
  });

  void test("tells on close which records are back", async () => {
    const { made, sent } = output("message");
    const closing = new AbortController();
    const taken = made.emit(two, closing.signal);
    made.acknowledge(sent[1]);
    closing.abort();
    assert.deepEqual(await taken, new Set([1]));
  });

  void test("sends extra data with the incident's id, beside a page, and waits for it alike", async () => {
    const messages: object[] = [];
    const { made, waiting } = output("message", { send: (more) => void messages.push(...more) });
    const open = new AbortController().signal;
    const taken = made.emit(page(item(1)), open);
    const extra = made.emitExtra({ incidentId: "7", data: { alerts: {} } }, open);
    const [first, second] = messages as [{ _msgid: string }, Record<string, unknown>];
    assert.deepEqual(
      { ...second, _msgid: "" },
      { _msgid: "", topic: "incident_extra_data", incidentId: "7", payload: { alerts: {} } },
    );
    made.acknowledge(second["_msgid"]);
    assert.equal(await extra, true);
    made.acknowledge(first._msgid);
    assert.equal(await taken, "all");
    assert.deepEqual(waiting, [1, 2, 1, 0]);
  });

  void test("leaves no listener on the signal, however many pages", async () => {
    const { made, sent } = output("message");
    const closing = new AbortController();
    let listeners = 0;
    const { signal } = closing;
    const [add, remove] = [signal.addEventListener.bind(signal), signal.removeEventListener.bind(signal)];
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      listeners += 1;
      add(...args);
    };
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listeners -= 1;
      remove(...args);
    };
    for (let count = 0; count < 50; count += 1) {
      const taken = made.emit(two, signal);
      for (const id of sent.splice(0)) made.acknowledge(id);
      await taken;
    }
    assert.equal(listeners, 0);
  });
});
