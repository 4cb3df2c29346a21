import type { Node, NodeAPI, NodeDef, NodeMessageInFlow } from "node-red";
import { XdrError } from "./lib/errors";
import { parsePanosOptions, type PanosOptions } from "./lib/pan-os/options";
import { parsePanos, rejectOf, type ParseResult, type Reject } from "./lib/pan-os/parse";
import { isAuthorized } from "./lib/pan-os/psk";
import { unsetVariable } from "./lib/env-leftover";
import { replaceEnvIn } from "./shared/env-text";
import { ThrottledStatus } from "./shared/node-status";

interface Credentials {
  psk?: string;
}

interface AlertMessage extends NodeMessageInFlow {
  req?: { headers?: Record<string, string | undefined> };
  res?: object;
  statusCode?: number;
  headers?: object;
  error?: object;
  input?: unknown;
  panos?: unknown;
  parse?: unknown;
}

type Send = (messages: unknown) => void;
type Done = (error?: Error) => void;

/** What a node works with: its options and its shared key, empty when there is no check. */
interface Setup {
  readonly options: PanosOptions;
  readonly psk: string;
}

export = function register(RED: NodeAPI): void {
  function PanOsAlertNode(this: Node<Credentials>, config: NodeDef): void {
    RED.nodes.createNode(this, config);
    const status = new ThrottledStatus(this);
    const setup = readSetup(RED, this, config);
    if (setup instanceof XdrError) {
      status.show({ fill: "red", shape: "ring", text: RED._("pan-os-alert.status.config") });
      this.error(setup.message, {});
    }
    this.on("input", (msg, send, done) => handle(setup, msg, send as Send, done));
    this.on("close", (removed: boolean, done: () => void) => {
      status.stop(removed);
      done();
    });
  }

  RED.nodes.registerType<Node<Credentials>, NodeDef, object, Credentials>("pan-os-alert", PanOsAlertNode, {
    credentials: { psk: { type: "password" } },
  });
};

function readSetup(RED: NodeAPI, node: Node<Credentials>, config: NodeDef): Setup | XdrError {
  try {
    const values = replaceEnvIn(RED, { ...config, psk: node.credentials.psk ?? "" }, node);
    const psk = String(values["psk"]);
    const variable = unsetVariable(psk);
    // Fails closed: a key that was meant to be there must not become "no check", nor the variable's name the key.
    if (variable !== undefined) {
      throw new XdrError("XDR_CONFIG_INVALID", `psk: the environment variable ${variable} is not set.`, {
        field: "psk",
      });
    }
    return { options: parsePanosOptions(values), psk };
  } catch (error) {
    return asConfigError(error);
  }
}

function handle(setup: Setup | XdrError, msg: AlertMessage, send: Send, done: Done): void {
  if (setup instanceof XdrError) {
    // The firewall is answered all the same: otherwise its connection hangs until it gives up.
    send([null, rejected(msg, { ...rejectOf(setup), statusCode: 503 })]);
    done(setup);
    return;
  }
  if (setup.psk !== "" && !isAuthorized(msg.req?.headers?.["authorization"], setup.psk)) {
    const refusal = new XdrError("PANOS_UNAUTHORIZED", "The Authorization header does not carry the shared key.");
    msg.headers = { "WWW-Authenticate": 'Basic realm="pan-os"' };
    send([null, rejected(msg, rejectOf(refusal))]);
    done();
    return;
  }
  let result: ParseResult;
  try {
    result = parsePanos(msg.payload, setup.options, Date.now());
  } catch (error) {
    // Only an object with a getter or proxy that throws gets here; the sender still gets an answer.
    const failure = new XdrError("PANOS_FORMAT_UNKNOWN", "The payload could not be read.");
    send([null, rejected(msg, rejectOf(failure))]);
    done(error instanceof Error ? error : failure);
    return;
  }
  send(result.isBatch ? batchMessages(msg, result) : singleMessages(msg, result));
  done();
}

type Messages = [alerts: AlertMessage | null, rejects: AlertMessage | AlertMessage[] | null];

function singleMessages(msg: AlertMessage, { alerts, rejects }: ParseResult): Messages {
  const [found] = alerts;
  const [reject] = rejects;
  if (found !== undefined) {
    return [Object.assign(msg, { payload: found.alert, panos: found.panos, parse: found.parse }), null];
  }
  return [null, reject === undefined ? null : rejected(msg, reject)];
}

/** Good records leave as one array with the request; bad ones singly without it, unless nobody else would answer. */
function batchMessages(msg: AlertMessage, { alerts, rejects }: ParseResult): Messages {
  const input = msg.payload;
  const rest = { ...msg };
  delete rest.req;
  delete rest.res;
  const bad = rejects.map((reject) => rejected({ ...rest, payload: reject.source ?? input }, reject));
  const [first] = bad;
  if (alerts.length === 0 && first !== undefined) {
    bad[0] = Object.assign(msg, answerOf(rejects), { error: first.error, input });
    return [null, bad];
  }
  const good = Object.assign(msg, {
    payload: alerts.map(({ alert }) => alert),
    panos: alerts.map(({ panos }) => panos),
    parse: alerts.map(({ parse }) => parse),
  });
  return [good, bad];
}

/** The answer to a batch of which nothing was good: 400, or 200 when all that happened was filtering. */
function answerOf(rejects: readonly Reject[]): { statusCode: number; payload: unknown } {
  if (rejects.every(({ statusCode }) => statusCode === 200)) return { statusCode: 200, payload: "" };
  const errors = rejects.map(errorOf);
  return { statusCode: 400, payload: { ...errors[0], errors } };
}

function rejected(msg: AlertMessage, reject: Reject): AlertMessage {
  const error = errorOf(reject);
  const payload = reject.statusCode === 200 ? "" : error;
  return Object.assign(msg, { input: msg.payload, statusCode: reject.statusCode, error, payload });
}

function errorOf({ code, message, field, index }: Reject): object {
  return { code, message, ...(field === undefined ? {} : { field }), ...(index === undefined ? {} : { index }) };
}

function asConfigError(error: unknown): XdrError {
  return error instanceof XdrError ? error : new XdrError("XDR_CONFIG_INVALID", "The configuration cannot be read.");
}
