import type { IncomingMessage, ServerResponse } from "node:http";
import { targetOf, type Target } from "./call";
import { decide } from "./decide";
import { deliver, resetSocket } from "./deliver";
import type { RecordedRequest } from "./records";
import type { BucketState } from "./state";

/** Longest body read, bytes; an assertion has about one thousand. */
const MAX_BODY_BYTES = 64 * 1024;

/** Serves one request from its first byte to the last one of the answer. */
export async function serve(request: IncomingMessage, response: ServerResponse, state: BucketState): Promise<void> {
  const [path = "", search = ""] = splitOnce(request.url ?? "", "?");
  const params = new URLSearchParams(search);
  const target = targetOf(path, params);
  const record = recordOf(request, { path, params, target, atMs: state.now() });
  state.requests.push(record);
  const body = await readBody(request);
  if (body === undefined) {
    request.socket.destroy();
    return;
  }
  const fault = state.faults.take({ kind: target.kind, name: target.name, hasPageToken: params.has("pageToken") });
  await fault?.before?.();
  if (fault?.drop === true) {
    resetSocket(request);
    return;
  }
  const answer = decide({ target, method: record.method, params, headers: request.headers, body, state, fault });
  record.status = answer.status;
  response.sendDate = false;
  response.setHeader("Date", new Date(state.now()).toUTCString());
  response.setHeader("Server", "UploadServer");
  await deliver({ request, response, answer, fault, record });
}

interface Facts {
  readonly path: string;
  readonly params: URLSearchParams;
  readonly target: Target;
  readonly atMs: number;
}

function recordOf({ method = "", headers }: IncomingMessage, facts: Facts): RecordedRequest {
  const { path, params, target, atMs } = facts;
  const { range, "accept-encoding": accepted } = headers;
  return {
    kind: target.kind,
    method,
    path,
    query: Object.fromEntries(params),
    name: target.name,
    range,
    acceptEncoding: accepted,
    atMs,
    status: 0,
    bytesSent: 0,
    isComplete: false,
  };
}

function splitOnce(text: string, separator: string): string[] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + separator.length)];
}

/** Undefined when it is too large, or the caller left. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > MAX_BODY_BYTES) return undefined;
    }
  } catch {
    return undefined;
  }
  return Buffer.concat(chunks).toString("utf8");
}
