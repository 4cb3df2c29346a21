import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A document that was taken, once for each data stream and id. */
export interface StoredDocument {
  readonly stream: string;
  /** The one of the action, or one of our making. */
  readonly id: string;
  readonly source: Readonly<Record<string, unknown>>;
}

/** An action and its source, as far as they could be read. */
interface Operation {
  readonly action: string;
  readonly index: string;
  readonly id: string | undefined;
  readonly line: string;
}

/** A request, and what became of it. */
export interface BulkRequest {
  readonly path: string;
  /** The lines of the documents. */
  readonly sources: readonly string[];
  /** Of the whole answer; undefined when there was none. */
  readonly status: number | undefined;
  /** Of each item. */
  readonly itemStatuses: readonly number[];
}

/** What goes wrong with a whole request. */
export type RequestFault =
  /** An answer of Elasticsearch, or, with a body, of something before it. The request has no effect. */
  | {
      readonly kind: "status";
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
    }
  /** The connection is reset. The request has no effect. */
  | { readonly kind: "reset" }
  /** The documents are taken, and no answer ever comes. */
  | { readonly kind: "no-answer" };

interface ErrorBody {
  readonly type: string;
  readonly reason: string;
}

class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly type: string,
    reason: string,
  ) {
    super(reason);
  }

  get body(): ErrorBody {
    return { type: this.type, reason: this.message };
  }
}

const MAX_ID_BYTES = 512;
const ACTIONS = new Set(["create", "index", "update", "delete"]);
const PARAMETERS = new Set(["pipeline", "refresh", "timeout", "filter_path", "require_data_stream", "pretty"]);
const STREAM = /^logs-[a-z0-9._]+-[a-z0-9._]+$/;
const DATE = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\d(?:\.\d{1,9})?Z)?$/;

/**
 * The bulk call of an Elasticsearch with its templates for `logs-*-*`, as strict as its documentation, on a real HTTP
 * socket of 127.0.0.1. It shares no code with the examples.
 * @example
 * const elastic = await SimulatedElasticsearch.start();
 * elastic.next.push({ kind: "status", status: 429 });
 * elastic.refuse = (document) => (document["message"] === "bad" ? 400 : undefined);
 */
export class SimulatedElasticsearch {
  /** An API key in its encoded form. */
  readonly apiKey = Buffer.from("elastic-id:FAKE-ELASTIC-KEY-ONLY-FOR-TESTS").toString("base64");
  readonly requests: BulkRequest[] = [];
  readonly documents: StoredDocument[] = [];
  /** Faults of the next requests, one each. */
  readonly next: RequestFault[] = [];
  /** The fault of all further requests. */
  always: RequestFault | undefined;
  /** Status with which the item of a document is refused; undefined: not at all. */
  refuse: (source: Readonly<Record<string, unknown>>) => number | undefined = () => undefined;
  readonly #known = new Set<string>();
  readonly #server = createServer((request, response) => void this.#serve(request, response));

  static async start(): Promise<SimulatedElasticsearch> {
    const elastic = new SimulatedElasticsearch();
    elastic.#server.listen(0, "127.0.0.1");
    await once(elastic.#server, "listening");
    return elastic;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk as Buffer);
    } catch {
      return;
    }
    const { url: path = "" } = request;
    const body = Buffer.concat(chunks).toString("utf8");
    const record = (status: number | undefined, itemStatuses: readonly number[] = []): void =>
      void this.requests.push({ path, sources: sourcesOf(body), status, itemStatuses });
    const fault = this.next.shift() ?? this.always;
    if (fault?.kind === "reset") {
      record(undefined);
      request.socket.resetAndDestroy();
      return;
    }
    if (fault?.kind === "status") {
      record(fault.status);
      const error = { type: "scripted", reason: `scripted ${fault.status}` };
      const text = fault.body ?? JSON.stringify({ error, status: fault.status });
      response.writeHead(fault.status, fault.headers).end(text);
      return;
    }
    try {
      this.#admit(request);
      const items = operationsOf(body).map((operation) => this.#take(operation));
      const isKept = fault?.kind === "no-answer";
      record(isKept ? undefined : 200, items.map(statusOf));
      const errors = items.some((item) => statusOf(item) >= 300);
      if (!isKept) answer(response, 200, { errors, took: 1, items });
    } catch (thrown) {
      if (!(thrown instanceof Refusal)) throw thrown;
      record(thrown.status);
      const error = { root_cause: [thrown.body], ...thrown.body };
      answer(response, thrown.status, { error, status: thrown.status });
    }
  }

  /** @throws Refusal of the whole request, before its lines are looked at */
  #admit({ method, url, headers }: IncomingMessage): void {
    if (headers.authorization !== `ApiKey ${this.apiKey}`) {
      throw new Refusal(401, "security_exception", "unable to authenticate with provided credentials");
    }
    const { pathname, searchParams } = new URL(url ?? "", this.url);
    if (pathname !== "/_bulk") throw new Refusal(404, "index_not_found_exception", `no such path [${pathname}]`);
    if (method !== "POST" && method !== "PUT") {
      throw new Refusal(405, "method_not_allowed", `Incorrect HTTP method [${method ?? ""}]`);
    }
    for (const name of searchParams.keys()) {
      if (!PARAMETERS.has(name)) {
        throw new Refusal(400, "illegal_argument_exception", `unrecognized parameter: [${name}]`);
      }
    }
    const pipeline = searchParams.get("pipeline");
    if (pipeline !== "_none") {
      // That of the installed integration: it wants the tenant's record as text, and finds a document.
      throw new Refusal(400, "illegal_argument_exception", "the stream's pipeline cannot read mapped documents");
    }
    const [type = ""] = (headers["content-type"] ?? "").split(";");
    if (type !== "application/x-ndjson" && type !== "application/json") {
      throw new Refusal(406, "media_type_header_exception", `Content-Type header [${type}] is not supported`);
    }
  }

  #take({ action, index, id, line }: Operation): object {
    try {
      if (!STREAM.test(index)) throw new Refusal(404, "index_not_found_exception", `no such index [${index}]`);
      if (action !== "create") {
        const reason = "only write ops with an op_type of create are allowed in data streams";
        throw new Refusal(400, "illegal_argument_exception", reason);
      }
      const source = parsed(line);
      if (source === undefined) throw new Refusal(400, "document_parsing_exception", "failed to parse");
      const time = source["@timestamp"];
      if (typeof time !== "string" || !DATE.test(time)) {
        throw new Refusal(400, "document_parsing_exception", "data stream timestamp field [@timestamp] is missing");
      }
      const refused = this.refuse(source);
      if (refused !== undefined) {
        throw new Refusal(refused, refused === 429 ? "es_rejected_execution_exception" : "scripted", "scripted item");
      }
      const key = `${index}\n${id ?? ""}`;
      if (id !== undefined && this.#known.has(key)) {
        throw new Refusal(
          409,
          "version_conflict_engine_exception",
          `[${id}]: version conflict, document already exists`,
        );
      }
      const stored = { stream: index, id: id ?? `made-${this.documents.length}`, source };
      this.#known.add(key);
      this.documents.push(stored);
      return { [action]: { _index: `.ds-${index}-000001`, _id: stored.id, result: "created", status: 201 } };
    } catch (thrown) {
      if (!(thrown instanceof Refusal)) throw thrown;
      return { [action]: { _index: index, _id: id, status: thrown.status, error: thrown.body } };
    }
  }
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

function statusOf(item: object): number {
  return (Object.values(item)[0] as { readonly status: number }).status;
}

function sourcesOf(body: string): string[] {
  return body.split("\n").filter((_line, at) => at % 2 === 1);
}

function parsed(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** @throws Refusal when the lines are no bulk request */
function operationsOf(body: string): Operation[] {
  if (body === "") throw new Refusal(400, "parse_exception", "request body is required");
  if (!body.endsWith("\n")) {
    throw new Refusal(400, "illegal_argument_exception", "The bulk request must be terminated by a newline [\\n]");
  }
  const lines = body.split("\n").slice(0, -1);
  const operations: Operation[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    const malformed = (): Refusal =>
      new Refusal(400, "illegal_argument_exception", `Malformed action/metadata line [${at + 1}]`);
    const [[action, meta] = ["", undefined], ...others] = Object.entries(parsed(lines[at] ?? "") ?? {});
    if (!ACTIONS.has(action) || others.length > 0 || typeof meta !== "object" || meta === null) throw malformed();
    const { _index, _id, ...rest } = meta as Record<string, unknown>;
    if (typeof _index !== "string" || Object.keys(rest).length > 0) throw malformed();
    if (_id !== undefined && (typeof _id !== "string" || _id === "")) throw malformed();
    if (_id !== undefined && Buffer.byteLength(_id) > MAX_ID_BYTES) {
      throw new Refusal(400, "action_request_validation_exception", `id [${_id}] is too long`);
    }
    if (action !== "delete") at += 1;
    const line = lines[at];
    if (line === undefined) throw malformed();
    operations.push({ action, index: _index, id: _id, line });
  }
  return operations;
}
