import type { NodeMessageInFlow } from "node-red";
import type { XdrError } from "../lib/errors";
import type { Outbox, OutboxStats, Sender } from "../lib/outbox/outbox";

/** A message of the insert node: what comes in, and what leaves on output 1. */
export interface InsertMessage extends NodeMessageInFlow {
  topic?: string;
  statusCode?: number;
  headers?: Record<string, string>;
  error?: object;
  xdr?: object;
}

export type Command = (outbox: Outbox, sender: Sender) => Promise<object> | object;

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
export function commandOf(topic: unknown): Command | undefined {
  return typeof topic === "string" && Object.hasOwn(COMMANDS, topic)
    ? COMMANDS[topic as keyof typeof COMMANDS]
    : undefined;
}

/** Makes the message that came in the answer to it, so that what it carries (the request above all) goes along. */
export function answer(msg: InsertMessage, statusCode: number, payload: unknown): InsertMessage {
  return Object.assign(msg, { statusCode, payload });
}

/** A 503 that tells the sender when to come again. */
export function refuse(msg: InsertMessage, { code, message, retryAfterMs }: XdrError): InsertMessage {
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
