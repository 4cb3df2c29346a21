import type { Node, NodeAPI, NodeDef, NodeMessage } from "node-red";
import { systemClock } from "./lib/clock";
import { XdrError } from "./lib/errors";
import { createEventsReader } from "./lib/gcs/events-reader";
import type { EventsReader, ReaderState } from "./lib/gcs/reader-api";
import type { SyncKind } from "./lib/poll/poller-api";
import { registerSyncRoute, type SyncTarget } from "./shared/admin-sync-route";
import { CauseReport } from "./shared/cause-report";
import { EventRate } from "./shared/event-rate";
import { EventsOutput } from "./shared/events-output";
import { eventsSettings } from "./shared/events-settings";
import { eventsProblemStatus, eventsStatus } from "./shared/events-status";
import { openEventsStore } from "./shared/events-store";
import { FlowRun } from "./shared/flow-run";
import { flowStart } from "./shared/flow-start";
import { findGcsAccount } from "./shared/gcs-account-node";
import { asXdrError, guard } from "./shared/guard";
import { ThrottledStatus } from "./shared/node-status";
import { RunRequests } from "./shared/run-requests";
import { handleInput, leaveInTime, type SourceLink } from "./shared/source-input";
import type { TranslateStatus } from "./shared/status-text";

/** Topics that ask for a listing. */
const RUNS: ReadonlyMap<string, SyncKind> = new Map([["sync", "incremental"]]);
/** How often the rate is measured, milliseconds. */
const LOOK_EVERY_MS = 1000;
const STARTING: ReaderState = {
  hasListed: false,
  waitingObjects: 0,
  openObjects: 0,
  events: 0,
  trouble: undefined,
};

export = function register(RED: NodeAPI): void {
  const flows = flowStart(RED);
  const targets = new WeakMap<object, SyncTarget>();
  const translate: TranslateStatus = (key, values) => RED._(`cortex-xdr-events.status.${key}`, values ?? {});

  function EventsNode(this: Node, config: NodeDef): void {
    RED.nodes.createNode(this, config);
    const status = new ThrottledStatus(this);
    const link = connect(this, config, status);
    targets.set(this, {
      problem: link instanceof XdrError ? link : undefined,
      // How the listing ends shows in the status and in the log.
      start: (kind) => void (link instanceof XdrError || link.requests.ask(kind)?.catch(() => undefined)),
    });

    this.on("input", (msg, _send, done) => void handleInput(link, msg, done));

    this.on("close", (removed: boolean, done: () => void) => {
      status.stop(removed);
      void leaveInTime(link).then(done);
    });
  }

  function connect(node: Node, config: NodeDef, status: ThrottledStatus): SourceLink | XdrError {
    try {
      const { account: accountId, options } = eventsSettings(RED, config, node);
      const account = findGcsAccount(RED, accountId);
      if (account.problem !== undefined) return refuse(node, status, account.problem, true);
      let isClosed = false;
      let state = STARTING;
      const rate = new EventRate();
      const causes = new CauseReport(node, "Reading the bucket works again.");
      const output = new EventsOutput({
        bucket: options.bucket,
        batchSize: options.batchSize,
        acknowledge: options.acknowledge,
        send: (port, message) => node.send(portsWith(port, message)),
      });
      const show = guard(node, () => {
        rate.note(state.events, systemClock.monotonicMs());
        const traffic = { rate: rate.perSecond, unacknowledged: output.unacknowledged };
        if (!isClosed) status.show(eventsStatus(state, traffic, systemClock.now(), translate));
      });
      const store = openEventsStore(RED, node);
      const client = account.client({ timeoutMs: options.timeoutMs, maxObjects: options.maxObjects });
      const makeReader = (): EventsReader =>
        createEventsReader({
          options,
          client,
          openStore: () => store.use(),
          clock: systemClock,
          random: Math.random,
          send: (block, onTaken, closing) => output.send(block, onTaken, closing),
          report: (object, report, closing) => output.report(object, report, closing),
          onState: (next) => {
            const before = state;
            state = next;
            // Events alone show at the next look.
            if (isOther(before, next)) show();
            // One turn later: a message that asked for the listing is told first, and Catch hears of it once.
            if (before.trouble !== next.trouble) setImmediate(guard(node, () => tellCause(causes, next)));
          },
          onNotice: guard(node, (sentence) => node.warn(sentence)),
        });
      const run = new FlowRun(node, flows, makeReader, () => output.forget());
      const requests = new RunRequests({ sync: () => run.current.sync() }, systemClock);
      account.register(node);
      show();
      const looking = setInterval(show, LOOK_EVERY_MS);
      return {
        runs: RUNS,
        requests,
        acknowledge: (id) => output.acknowledge(id),
        causes,
        leave: async () => {
          isClosed = true;
          clearInterval(looking);
          requests.close();
          await run.close();
          await Promise.all([client.close(), store.close()]).catch(() => undefined);
          account.deregister(node);
        },
      };
    } catch (error) {
      return refuse(node, status, asXdrError(error), false);
    }
  }

  function refuse(node: Node, status: ThrottledStatus, problem: XdrError, isAccounts: boolean): XdrError {
    status.show(eventsProblemStatus(problem, translate, isAccounts));
    // Not before the nodes are there that catch it.
    const forget = flows.whenStarted(guard(node, () => new CauseReport(node, "").tell(problem)));
    node.once("close", forget);
    return problem;
  }

  RED.nodes.registerType("cortex-xdr-events", EventsNode);
  registerSyncRoute(RED, "cortex-xdr-events", (id) => targets.get(RED.nodes.getNode(id)));
};

/** One message on one of three outputs. Not an array of messages: Node-RED copies all of them but the first. */
function portsWith(port: 0 | 1 | 2, message: NodeMessage): (NodeMessage | null)[] {
  return [port === 0 ? message : null, port === 1 ? message : null, port === 2 ? message : null];
}

function isOther(before: ReaderState, next: ReaderState): boolean {
  return (
    before.trouble !== next.trouble ||
    before.hasListed !== next.hasListed ||
    before.openObjects !== next.openObjects ||
    before.waitingObjects !== next.waitingObjects
  );
}

function tellCause(causes: CauseReport, { trouble }: ReaderState): void {
  // Another process that reads in our place is no error: this one stands by.
  causes.tell(trouble?.error, trouble?.error.code === "STORE_LOCKED" ? "warn" : "error");
}
