import { XdrError, type ErrorCode } from "../errors";
import type { XdrAlert } from "../tenant/alert-schema";
import type { Decoded } from "./batch";
import { decodeBody } from "./decode";
import { mapAlert } from "./map-alert";
import { normalise } from "./normalise";
import type { PanosOptions } from "./options";
import type { DecodedRecord, PanosFields, PanosFormat } from "./record";
import { isTestLog } from "./test-log";
import { KNOWN_VARIABLES } from "./variables";

/** How a record was read: `msg.parse`. */
export interface ParseNotes {
  readonly format: PanosFormat;
  /** What the template should do better. */
  readonly repairs: string[];
  readonly warnings: string[];
}

/** An alert with all that is known of it. */
export interface ParsedAlert {
  readonly alert: XdrAlert;
  /** The full record: PAN-OS variable name -> text. */
  readonly panos: PanosFields;
  readonly parse: ParseNotes;
}

/** Why a record, or the whole body, did not become an alert. */
export interface Reject {
  readonly code: ErrorCode;
  readonly message: string;
  readonly field?: string;
  /** Place in the batch, from 0; absent when the input was no batch. */
  readonly index?: number;
  /** HTTP status that tells the sender. */
  readonly statusCode: number;
  /** Of a batch, what the record was read from: text or object. */
  readonly source?: unknown;
}

/** Outcome of one message. */
export interface ParseResult {
  /** True when the input held several records or was an array. */
  readonly isBatch: boolean;
  readonly alerts: readonly ParsedAlert[];
  readonly rejects: readonly Reject[];
}

/**
 * Turns what a firewall or the cloud log service sent into XDR alerts. Pure, and it keeps nothing between calls.
 * Never throws for any text, bytes or JSON-like value; linear in its length.
 *
 * @param input `msg.payload`
 * @param arrivalMs when it arrived, epoch milliseconds
 */
export function parsePanos(input: unknown, options: PanosOptions, arrivalMs: number): ParseResult {
  const body = decodeBody(input, options);
  if (body instanceof XdrError) return { isBatch: false, alerts: [], rejects: [rejectOf(body)] };
  const alerts: ParsedAlert[] = [];
  const rejects: Reject[] = [];
  for (const [index, decoded] of body.records.entries()) {
    const outcome = parseRecord(decoded, options, arrivalMs);
    if ("alert" in outcome) alerts.push(outcome);
    else rejects.push(body.isBatch ? { ...outcome, index, source: body.sources?.[index] } : outcome);
  }
  return { isBatch: body.isBatch, alerts, rejects };
}

function parseRecord(decoded: Decoded, options: PanosOptions, arrivalMs: number): ParsedAlert | Reject {
  if (decoded instanceof XdrError) return rejectOf(decoded);
  const { format, headerZone, repairs, warnings }: DecodedRecord = decoded;
  const normalised = normalise(decoded);
  const { fields } = normalised;
  if (isTestLog(normalised, (name) => KNOWN_VARIABLES.has(name))) {
    return rejectOf(
      new XdrError("PANOS_TEST_LOG", "A test log of the firewall: the template arrived, no alert was made."),
    );
  }
  const alert = mapAlert(fields, { options, headerZone, arrivalMs, warnings });
  if (alert instanceof XdrError) return rejectOf(alert);
  return { alert, panos: fields, parse: { format, repairs, warnings } };
}

/** Statuses other than 400. A test log and a filtered record are no faults of the sender. */
const STATUS: Partial<Record<ErrorCode, number>> = {
  PANOS_TEST_LOG: 200,
  PANOS_FILTERED: 200,
  PANOS_UNAUTHORIZED: 401,
  PANOS_TOO_LARGE: 413,
  PANOS_BATCH_TOO_LARGE: 413,
};

/** An error as what the sender is told. */
export function rejectOf({ code, message, field }: XdrError): Reject {
  return { code, message, ...(field === undefined ? {} : { field }), statusCode: STATUS[code] ?? 400 };
}
