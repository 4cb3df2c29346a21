import type { NodeAPI } from "node-red";
import { z } from "zod";
import type { XdrError } from "../lib/errors";
import type { SyncKind } from "../lib/poll/poller-api";

/** A deployed source node, as far as its button needs it. */
export interface SyncTarget {
  /** Why it cannot run. */
  readonly problem: XdrError | undefined;
  /** Asks for a run and returns at once. */
  readonly start: (kind: SyncKind) => void;
}

/** What the route answers besides its status. */
type Answer = { readonly ok: true; readonly sync: SyncKind } | { readonly ok: false; code: string; message: string };

const bodySchema = z.object({ sync: z.enum(["incremental", "full"]) });

/**
 * `POST <type>/:id/sync`: asks a node for a run and answers at once. 202: the run starts now or right after the one
 * under way. 400: not such a body. 404: no such node is deployed. 409: the node cannot run; the message says why.
 */
export function registerSyncRoute(RED: NodeAPI, type: string, find: (id: string) => SyncTarget | undefined): void {
  const permission = RED.auth.needsPermission(`${type}.write`);
  RED.httpAdmin.post(`/${type}/:id/sync`, permission, (request, response) => {
    const { status, answer } = ask(() => find(String(request.params["id"])), request.body);
    response.status(status).json(answer);
  });
}

function ask(find: () => SyncTarget | undefined, submitted: unknown): { status: number; answer: Answer } {
  const refuse = (status: number, code: string, message: string) => ({
    status,
    answer: { ok: false, code, message } as const,
  });
  try {
    const body = bodySchema.safeParse(submitted);
    if (!body.success) return refuse(400, "XDR_CONFIG_INVALID", 'The body must be {"sync": "incremental"} or "full".');
    const target = find();
    if (target === undefined) return refuse(404, "XDR_NOT_FOUND", "No such node is deployed.");
    if (target.problem !== undefined) return refuse(409, target.problem.code, target.problem.message);
    target.start(body.data.sync);
    return { status: 202, answer: { ok: true, sync: body.data.sync } };
  } catch {
    return refuse(500, "XDR_NOT_FOUND", "The node could not be asked.");
  }
}
