import assert from "node:assert/strict";
import { mapperOf, type Mapped } from "../../../nodes/lib/ecs/mapper";
import type { RowCase } from "./row-cases";

/** What a row of the published mapping does to its value before it gets to the vendor's field. */
export type Conversion = keyof typeof REFUSED | "moved" | "text";

/** A row of the published mapping: what becomes of a record that holds this field alone. */
export interface EventRow {
  readonly source: string;
  /** Dotted name below `panw_cortex.xdr.event`. */
  readonly vendor: string;
  readonly conversion: Conversion;
  readonly given: unknown;
  /** The value in the vendor's field. */
  readonly held: unknown;
  /** The rest of the document, without what all documents have. */
  readonly further: object;
  /** Whether the vendor's field goes unless the duplicates are kept. */
  readonly isDuplicate: boolean;
}

const row =
  (isDuplicate: boolean) =>
  (
    source: string,
    vendor: string,
    conversion: Conversion,
    given: unknown,
    further: object = {},
    held: unknown = given,
  ): EventRow => ({ source, vendor, conversion, given, further, held, isDuplicate });

/** A row whose vendor field is in all documents. `further` is the rest of the document. */
export const stays = row(false);
/** A row whose vendor field goes unless the duplicates are kept. */
export const goes = row(true);

/** What each conversion does not accept. A row that is given one of it leaves nothing but a message. */
const REFUSED = {
  date: ["yesterday", ["2026-01-02T03:04:05Z"]],
  "event time": ["yesterday", ["yesterday"]],
  boolean: ["yes", 1],
  integer: ["12.5", "0x1G"],
  number: ["many"],
  address: ["300.1.1.1", ["192.0.2.1"]],
  "each address": [["300.1.1.1"]],
  "each integer": [["12.5"]],
  "wrapped addresses": ["300.1.1.1", ""],
  interfaces: [[{ ipv4: ["300.1.1.1"] }], "eth0-300.1.1.1"],
} as const;

/** Values that the row's conversion does not accept. */
export function refusedBy({ conversion }: EventRow): readonly unknown[] {
  return conversion === "moved" || conversion === "text" ? [] : REFUSED[conversion];
}

/** What all documents of the stream have. */
export const EVENT_BASE = {
  ecs: { version: "8.11.0" },
  event: { kind: "event" },
  observer: { vendor: "Palo Alto Networks", product: "Cortex XDR" },
};

/** The vendor's fields of a document: an object at a dotted name below their namespace. */
export function vendorField(name: string, value: unknown): object {
  const nested = name.split(".").reduceRight((inner, part) => ({ [part]: inner }), value);
  return { panw_cortex: { xdr: { event: nested } } };
}

/** The cases of a row: one, and where its vendor field goes, one more that keeps the duplicates. */
export function casesOf({ source, vendor, given, held, further, isDuplicate }: EventRow): RowCase[] {
  const record = { [source]: given };
  const full = { ...further, ...vendorField(vendor, held) };
  if (!isDuplicate) return [{ what: source, record, document: full }];
  const tags = ["preserve_duplicate_custom_fields"];
  return [
    { what: source, record, document: further },
    { what: `${source}, duplicates kept`, record, document: { ...full, tags }, preserveDuplicates: true },
  ];
}

export interface Options {
  readonly preserveOriginal?: boolean;
  readonly preserveDuplicates?: boolean;
  readonly wrapSingles?: boolean;
  /** The text of the record, where it is known. */
  readonly originalText?: string;
}

/** The document of an event, and what is known of it. */
export function mapped(record: object, { originalText, ...options }: Options = {}): Mapped {
  const all = { preserveOriginal: false, preserveDuplicates: false, wrapSingles: false, ...options };
  const given = structuredClone(record);
  const result = mapperOf("event", all)(given, originalText);
  assert.deepEqual(given, record, "the record is as it was");
  return result;
}

const eventOf = (part: object): object => (part as { readonly event?: object }).event ?? {};

/** Maps a record and compares the whole document. `part` is what only this one has. */
export function assertDocument(record: object, part: object, options?: Options): void {
  const { document, faults, id } = mapped(record, options);
  assert.deepEqual(document, { ...EVENT_BASE, ...part, event: { ...EVENT_BASE.event, ...eventOf(part) } });
  assert.deepEqual(faults, []);
  assert.equal(id, undefined);
}

/**
 * Maps a record that holds values which are not accepted, and compares the whole document but for the words of its messages.
 * `wrong` names the field of each message.
 */
export function assertFaulty(record: object, wrong: readonly string[], part: object, options: Options = {}): void {
  const { document, faults } = mapped(record, options);
  const original = options.originalText ?? JSON.stringify(record);
  const event = { ...eventOf(part), kind: "pipeline_error", original };
  const tags = [
    ...(options.preserveDuplicates === true ? ["preserve_duplicate_custom_fields"] : []),
    "preserve_original_event",
  ];
  assert.deepEqual(document, { ...EVENT_BASE, tags, error: { message: faults }, ...part, event });
  assert.deepEqual(
    faults.map((message) => wrong.find((name) => message.includes(name))),
    wrong,
  );
}
