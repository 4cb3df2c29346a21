import type { NodeMessageInFlow } from "node-red";
import { XdrError } from "../lib/errors";
import type { SyncKind } from "../lib/poll/poller-api";
import type { CauseReport } from "./cause-report";
import { asXdrError } from "./guard";
import type { PollOutput } from "./poll-output";
import type { RunRequests } from "./poll-requests";

/** What a poll node that can run consists of. */
export interface PollLink {
  readonly requests: RunRequests;
  readonly output: PollOutput;
  readonly causes: CauseReport;
  /** Ends the poller, then leaves the tenant. */
  readonly leave: () => Promise<void>;
}

/** Topics that ask for a run. */
const RUNS: ReadonlyMap<unknown, SyncKind> = new Map([
  ["sync", "incremental"],
  ["full", "full"],
] as const);

/**
 * Does what a message asks for; `done` comes when the run it asked for has ended, or at once when too many wait for
 * that run already. Never rejects.
 */
export async function handleInput(
  link: PollLink | XdrError,
  msg: NodeMessageInFlow,
  done: (error?: Error) => void,
): Promise<void> {
  try {
    if (link instanceof XdrError) throw link;
    await obey(link, msg);
    done();
  } catch (error) {
    done(asXdrError(error));
  }
}

async function obey(
  { requests, output, causes }: PollLink,
  { _msgid, topic }: NodeMessageInFlow & { topic?: unknown },
) {
  if (topic === "ack") {
    output.acknowledge(_msgid);
    return;
  }
  const kind = RUNS.get(topic);
  if (kind === undefined) {
    throw new XdrError("XDR_CONFIG_INVALID", 'msg.topic must be "sync", "full" or "ack".', { field: "topic" });
  }
  try {
    await requests.ask(kind);
  } catch (thrown) {
    const error = asXdrError(thrown);
    // Catch hears of it with the message; what follows of the same cause is no news.
    if (error.code !== "XDR_CANCELLED") causes.isTold(error);
    throw error;
  }
}
