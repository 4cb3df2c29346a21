import type { Node, NodeAPI, NodeDef } from "node-red";
import { systemClock } from "./lib/clock";
import { XdrError } from "./lib/errors";
import { createPoller } from "./lib/poll/poller";
import type { Poller, PollState, SyncKind } from "./lib/poll/poller-api";
import { registerSyncRoute, type SyncTarget } from "./shared/admin-sync-route";
import { CauseReport } from "./shared/cause-report";
import { asXdrError, guard } from "./shared/guard";
import { ThrottledStatus } from "./shared/node-status";
import { handleInput, leaveInTime, type SourceLink } from "./shared/source-input";
import { PollOutput } from "./shared/poll-output";
import { RunRequests } from "./shared/run-requests";
import { pollSettings } from "./shared/poll-settings";
import { FlowRun } from "./shared/flow-run";
import { flowStart } from "./shared/flow-start";
import { pollStatus, problemStatus } from "./shared/poll-status";
import type { TranslateStatus } from "./shared/status-text";
import { findTenant } from "./shared/tenant-node";

/** Topics that ask for a run. */
const RUNS: ReadonlyMap<string, SyncKind> = new Map([
  ["sync", "incremental"],
  ["full", "full"],
]);

export = function register(RED: NodeAPI): void {
  const flows = flowStart(RED);
  const targets = new WeakMap<object, SyncTarget>();
  const translate: TranslateStatus = (key, values) => RED._(`cortex-xdr-poll.status.${key}`, values ?? {});

  function PollNode(this: Node, config: NodeDef): void {
    RED.nodes.createNode(this, config);
    const status = new ThrottledStatus(this);
    const link = connect(this, config, status);
    targets.set(this, {
      problem: link instanceof XdrError ? link : undefined,
      // How the run ends shows in the status, on output 2 and in the log.
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
      const { tenant: tenantId, options } = pollSettings(RED, config, node);
      const tenant = findTenant(RED, tenantId);
      if (tenant.problem !== undefined) throw tenant.problem;
      let isClosed = false;
      let state: PollState = { phase: "starting" };
      let waiting = 0;
      const show = guard(node, () => {
        if (!isClosed) status.show(pollStatus(state, waiting, systemClock.now(), translate));
      });
      const causes = new CauseReport(node, "Polling works again.");
      const output = new PollOutput({
        splitEvents: options.splitEvents,
        acknowledge: options.acknowledge,
        newId: () => RED.util.generateId(),
        // One by one: of an array Node-RED copies all but the first.
        send: (messages) => {
          for (const message of messages) node.send([message, null]);
        },
        onWaiting: (count) => {
          waiting = count;
          show();
        },
      });
      const makePoller = (): Poller =>
        createPoller({
          id: node.id,
          options,
          tenantUrl: tenant.options.baseUrl ?? "",
          client: tenant.client,
          openStore: () => tenant.sourceStore().use(),
          clock: systemClock,
          random: Math.random,
          emit: (page, closing) => output.emit(page, closing),
          emitExtra: (extra, closing) => output.emitExtra(extra, closing),
          onReport: guard(node, (report) => {
            if (!isClosed) node.send([null, { topic: report.resource, payload: report }]);
          }),
          onState: (next) => {
            state = next;
            show();
            // One turn later: a message that asked for the run is told first, and Catch hears of it once.
            setImmediate(guard(node, () => tellCause(causes, next)));
          },
          onNotice: guard(node, (sentence) => node.warn(sentence)),
        });
      const run = new FlowRun(node, flows, makePoller);
      const requests = new RunRequests({ sync: (kind) => run.current.sync(kind) }, systemClock);
      tenant.register(node);
      show();
      return {
        runs: RUNS,
        requests,
        acknowledge: (id) => output.acknowledge(id),
        causes,
        leave: async () => {
          isClosed = true;
          requests.close();
          await run.close();
          tenant.deregister(node);
        },
      };
    } catch (error) {
      const problem = asXdrError(error);
      status.show(problemStatus(problem, translate));
      new CauseReport(node, "").tell(problem);
      return problem;
    }
  }

  RED.nodes.registerType("cortex-xdr-poll", PollNode);
  registerSyncRoute(RED, "cortex-xdr-poll", (id) => targets.get(RED.nodes.getNode(id)));
};

function tellCause(causes: CauseReport, state: PollState): void {
  if (state.phase === "idle") causes.tell(undefined);
  // Another instance that polls in our place is no error: this one stands by.
  if (state.phase === "failed") causes.tell(state.error, state.error.code === "STORE_LOCKED" ? "warn" : "error");
}
