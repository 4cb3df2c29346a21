import type { Node, NodeAPI, NodeDef, NodeMessageInFlow } from "node-red";
import { XdrError } from "./lib/errors";
import { parseInsertOptions } from "./lib/outbox/insert-options";
import { takeIn } from "./lib/outbox/intake";
import type { Outbox, OutboxStats, Sender } from "./lib/outbox/outbox";
import { insertStatus } from "./shared/insert-status";
import { ThrottledStatus } from "./shared/node-status";
import { asXdrError, guard } from "./shared/guard";
import { findTenant } from "./shared/tenant-node";

interface InsertDef extends NodeDef {
  tenant: string;
}

interface InsertMessage extends NodeMessageInFlow {
  topic?: string;
  statusCode?: number;
  headers?: Record<string, string>;
  error?: object;
  xdr?: object;
}

type Send = (messages: unknown) => void;
type Done = (error?: Error) => void;

export = function register(RED: NodeAPI): void {
  function InsertNode(this: Node, config: InsertDef): void {
    RED.nodes.createNode(this, config);
    const status = new ThrottledStatus(this);
    const translate = (key: string): string => RED._(`cortex-xdr-insert.status.${key}`);
    const link = connect(this);

    function connect(node: Node): { outbox: Outbox; sender: Sender; leave: () => void } | XdrError {
      try {
        const options = parseInsertOptions(config);
        const tenant = findTenant(RED, config.tenant);
        const outbox = tenant.outbox();
        let told = "";
        const sender: Sender = {
          id: node.id,
          ...options,
          onDelivered: guard(node, (payload) => node.send([null, { payload }, null])),
          onDead: guard(node, (alert, error) => node.send([null, null, { payload: alert, error }])),
          onChange: guard(node, () => {
            const stats = outbox.stats(node.id);
            status.show(insertStatus(stats, translate));
            told = tellOnce(node, stats, told);
          }),
        };
        outbox.register(sender);
        tenant.register(node);
        sender.onChange();
        return {
          outbox,
          sender,
          leave: () => {
            outbox.deregister(sender);
            tenant.deregister(node);
          },
        };
      } catch (error) {
        const problem = asXdrError(error);
        const key = problem.code === "XDR_CONFIG_INVALID" ? "config" : "no-tenant";
        status.show({ fill: "red", shape: "ring", text: translate(key) });
        node.error(problem.message, {});
        return problem;
      }
    }

    const pending = new Set<Promise<void>>();
    this.on("input", (msg, send, done) => {
      const work = handle(msg as InsertMessage, send as Send, done).catch((error: unknown) => done(asXdrError(error)));
      pending.add(work);
      void work.finally(() => pending.delete(work));
    });

    async function handle(msg: InsertMessage, send: Send, done: Done): Promise<void> {
      if (link instanceof XdrError) {
        send([refuse(msg, new XdrError("OUTBOX_UNAVAILABLE", link.message, { retryAfterMs: 60_000 })), null, null]);
        done(link);
        return;
      }
      const { outbox, sender } = link;
      const command = commandOf(msg.topic);
      if (command !== undefined) {
        try {
          await outbox.started();
          send([answer(msg, 200, await command(outbox, sender)), null, null]);
          done();
        } catch (error) {
          send([refuse(msg, asXdrError(error)), null, null]);
          done(asXdrError(error));
        }
        return;
      }
      await insert(outbox, sender, msg, send, done);
    }

    this.on("close", (removed: boolean, done: () => void) => {
      status.stop(removed);
      if (!(link instanceof XdrError)) link.leave();
      // Whoever was promised an answer gets it: appends under way end with the store's next write.
      void Promise.allSettled(pending).then(() => done());
    });
  }

  RED.nodes.registerType("cortex-xdr-insert", InsertNode);
};

type Command = (outbox: Outbox, sender: Sender) => Promise<object> | object;

/** What `msg.topic` can ask for, and what it answers as payload. */
const COMMANDS = {
  stats: (outbox: Outbox, sender: Sender) => publicStats(outbox.stats(sender.id)),
  flush: (outbox: Outbox, sender: Sender) => {
    outbox.flush();
    return { waiting: outbox.stats(sender.id).waiting };
  },
  replay: async (outbox: Outbox, sender: Sender) => ({ replayed: await outbox.replay(sender) }),
  discard: async (outbox: Outbox, sender: Sender) => ({ discarded: await outbox.discard(sender) }),
};

/** Only text is a command: other values that read like one are a sender's own. */
function commandOf(topic: unknown): Command | undefined {
  return typeof topic === "string" && Object.hasOwn(COMMANDS, topic)
    ? COMMANDS[topic as keyof typeof COMMANDS]
    : undefined;
}

async function insert(outbox: Outbox, sender: Sender, msg: InsertMessage, send: Send, done: Done): Promise<void> {
  const { alerts, refusals } = takeIn(msg.payload);
  const xdr = (accepted: number, refused: number): object => ({
    accepted,
    refused,
    waiting: outbox.stats(sender.id).waiting,
    ...(refusals.length > 0 ? { errors: refusals } : {}),
  });
  const first = refusals[0];
  outbox.refused(sender, refusals.length);
  try {
    await outbox.append(sender, alerts);
  } catch (error) {
    msg.xdr = xdr(0, alerts.length + refusals.length);
    const problem = asXdrError(error);
    send([refuse(msg, problem), null, null]);
    // One report per outage is enough, and onChange makes it: a full disk must not flood the log.
    done();
    return;
  }
  msg.xdr = xdr(alerts.length, refusals.length);
  if (alerts.length > 0 || first === undefined) {
    send([answer(msg, 200, ""), null, null]);
    done();
    return;
  }
  msg.error = first;
  send([answer(msg, 400, first), null, null]);
  done(new XdrError("XDR_ALERT_INVALID", first.message, { field: first.field }));
}

function answer(msg: InsertMessage, statusCode: number, payload: unknown): InsertMessage {
  return Object.assign(msg, { statusCode, payload });
}

function refuse(msg: InsertMessage, { code, message, retryAfterMs }: XdrError): InsertMessage {
  const error = { code, message };
  msg.headers = { "Retry-After": String(Math.ceil((retryAfterMs ?? 5_000) / 1000)) };
  return Object.assign(answer(msg, 503, error), { error });
}

function publicStats({ problem, trouble, ...numbers }: OutboxStats): object {
  return {
    ...numbers,
    problem: problem && { code: problem.code, message: problem.message },
    trouble: trouble && {
      code: trouble.error.code,
      message: trouble.error.message,
      failures: trouble.failures,
      since: trouble.sinceMs,
    },
  };
}

/** Reports a change of state once. Returns what was told, for the next call. */
function tellOnce(node: Node, stats: OutboxStats, told: string): string {
  const { problem, trouble, lost, damage } = stats;
  if (problem?.code === "OUTBOX_UNAVAILABLE") return told;
  const cause = problem ?? trouble?.error;
  const key = `${cause?.code ?? ""} ${cause?.message ?? ""} ${lost} ${damage?.keptAs ?? ""}`;
  if (key === told) return told;
  if (cause !== undefined) {
    const isRetried = problem === undefined && trouble?.action === "retry";
    if (isRetried) node.warn(`${cause.message} (${cause.code})`);
    else node.error(`${cause.message} (${cause.code})`, { error: { code: cause.code } });
  } else if (told !== "") node.log("The outbox works.");
  if (lost > 0 && !told.endsWith(` ${lost} ${damage?.keptAs ?? ""}`)) {
    const kept = damage?.keptAs === undefined ? "" : ` The damaged store was kept as ${damage.keptAs}.`;
    node.error(
      `The store was damaged: ${lost} alerts that were answered 200 could not be read back.${kept} (STORE_DAMAGED)`,
      {
        error: { code: "STORE_DAMAGED" },
      },
    );
  }
  return key;
}
