import type { NodeMessageInFlow } from "node-red";
import { XdrError } from "../lib/errors";
import type { SyncKind } from "../lib/poll/poller-api";
import type { CauseReport } from "./cause-report";
import { asXdrError } from "./guard";
import type { RunRequests } from "./run-requests";

/** What a source node that can run consists of. */
export interface SourceLink {
  /** Topics that ask for a run. */
  readonly runs: ReadonlyMap<string, SyncKind>;
  readonly requests: RunRequests;
  /** A message came back; unknown ones are of no interest. */
  readonly acknowledge: (id: unknown) => void;
  readonly causes: CauseReport;
  /** Ends what runs, then leaves the configuration node. */
  readonly leave: () => Promise<void>;
}

/**
 * Does what a message asks for; `done` comes when the run it asked for has ended, or at once when too many wait for
 * that run already. Never rejects.
 */
export async function handleInput(
  link: SourceLink | XdrError,
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

/** Longest wait for the end of what runs, milliseconds: Node-RED wants a close within 15 s, and users do not want to wait. */
const CLOSE_CAP_MS = 4_500;

/** Ends a source node, or gives up waiting for that. Never rejects. */
export async function leaveInTime(link: SourceLink | XdrError): Promise<void> {
  if (link instanceof XdrError) return;
  let timer: NodeJS.Timeout | undefined;
  const cap = new Promise<void>((resolve) => (timer = setTimeout(resolve, CLOSE_CAP_MS)));
  await Promise.race([link.leave().catch(() => undefined), cap]);
  clearTimeout(timer);
}

async function obey(
  { runs, requests, acknowledge, causes }: SourceLink,
  { _msgid, topic }: NodeMessageInFlow & { topic?: unknown },
) {
  if (topic === "ack") {
    acknowledge(_msgid);
    return;
  }
  const kind = typeof topic === "string" ? runs.get(topic) : undefined;
  if (kind === undefined) {
    const known = [...runs.keys()].map((name) => `"${name}"`).join(", ");
    throw new XdrError("XDR_CONFIG_INVALID", `msg.topic must be ${known} or "ack".`, { field: "topic" });
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
