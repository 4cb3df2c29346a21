import type { Node, NodeAPI, NodeDef } from "node-red";
import { XdrError } from "./lib/errors";
import { parseInsertOptions } from "./lib/outbox/insert-options";
import { takeIn } from "./lib/outbox/intake";
import type { Outbox, Sender } from "./lib/outbox/outbox";
import { answer, commandOf, refuse, type InsertMessage } from "./shared/insert-answers";
import { OutboxReport } from "./shared/insert-report";
import { insertStatus } from "./shared/insert-status";
import { ThrottledStatus } from "./shared/node-status";
import { asXdrError, guard } from "./shared/guard";
import { findTenant } from "./shared/tenant-node";

interface InsertDef extends NodeDef {
  tenant: string;
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
        const report = new OutboxReport(node);
        const sender: Sender = {
          id: node.id,
          ...options,
          onDelivered: guard(node, (payload) => node.send([null, { payload }, null])),
          onDead: guard(node, (alert, error) => node.send([null, null, { payload: alert, error }])),
          onChange: guard(node, () => {
            const stats = outbox.stats(node.id);
            status.show(insertStatus(stats, translate));
            report.update(stats);
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
