import { asItIs, type Fault } from "./converters";
import { append, makeList, pathOf, read, reader, remove, write, type EcsDocument, type Path } from "./document";
import { MappingStop } from "./mapping-stop";
import { plainCopy } from "./plain-copy";
import type { Copy, Row } from "./row";
import type { Table } from "./table";
import { listOf, textForm } from "./text-form";

/** A record on its way to a document. */
export interface Mapping {
  /** What rows read: the record itself, or, where the whole record is kept, its copy in the document. */
  readonly record: unknown;
  readonly document: EcsDocument;
  /** What could not be converted. */
  readonly faults: string[];
}

/** Most values of a record that are told of one by one: a list may be long, and bad in each of its elements. */
const MAX_FAULTS = 100;

/** One row at work. @throws MappingStop when the table ends a mapping at a value that cannot be converted */
export type Step = (mapping: Mapping) => void;

export interface CompileOptions {
  /** Rows whose vendor field would only be removed again do not write it, unless the duplicates are kept. */
  readonly keepsDuplicates: boolean;
  /** See `wrapSingles` of the options. */
  readonly wrapsSingles: boolean;
}

/** A table's rows as functions, in their order. */
export function compile(table: Table, options: CompileOptions): readonly Step[] {
  const rows = table.rows.filter((row) => table.vendorFields === "listed" || !staysAsItIs(row));
  return rows.map((row) => (row.from === "document" ? documentStep(row) : recordStep(row, table, options)));
}

/** A row of a field that has no rule: where the whole record is kept, there is nothing to do for it. */
function staysAsItIs({ from, convert, copies }: Row): boolean {
  return from === "record" && convert === asItIs && copies.length === 0;
}

function documentStep(row: Row): Step {
  const source = pathOf(row.source);
  const copies = row.copies.map((each) => copier(each));
  return ({ document }) => {
    const value = read(document, source);
    if (value === undefined || value === null) return;
    for (const apply of copies) apply(document, value, value);
  };
}

function recordStep(row: Row, table: Table, { keepsDuplicates, wrapsSingles }: CompileOptions): Step {
  const { convert, source } = row;
  const isInPlace = table.vendorFields === "all";
  const readField = reader(pathOf(source));
  const vendor = pathOf(`${table.namespace}.${row.vendor ?? source}`);
  const writesVendor = isInPlace || keepsDuplicates || !row.isDuplicate;
  const copies = row.copies.map((each) => ({ apply: copier(each), moves: MOVING.has(each.rule) }));
  const wraps = wrapsSingles && row.copies.length > 0 && row.copies.every(({ rule }) => rule === "addEach");
  const missing = row.copies.filter(({ rule }) => rule === "addOrEmpty").map(({ field }) => pathOf(field));
  const faultOf =
    (faults: string[]): Fault =>
    (expected, stop) => {
      const message = `${source}: expected ${expected}.`;
      if (stop === "stop" || table.onFault === "stop") throw new MappingStop(message);
      if (faults.length < MAX_FAULTS) faults.push(message);
      else if (faults.length === MAX_FAULTS) faults.push("Further values could not be converted, either.");
    };
  return ({ record, document, faults }) => {
    const given = readField(record);
    const own = isInPlace || typeof given === "string" ? given : plainCopy(given);
    if (own === undefined || own === null) {
      // The empty text that would be added goes in the end; what it does is to make a list of a single value.
      for (const path of missing) makeList(document, path);
      return;
    }
    const raw = wraps && own !== "" ? listOf(own) : own;
    const value = convert === asItIs ? raw : convert(raw, faultOf(faults));
    if (value === undefined) {
      if (isInPlace) remove(document, vendor);
      return;
    }
    if (writesVendor && !(isInPlace && value === own)) write(document, vendor, value);
    for (const { apply, moves } of copies) {
      if (apply(document, value, raw) && moves) remove(document, vendor);
    }
  };
}

/** Rules after which the vendor's field goes. */
const MOVING = new Set<Copy["rule"]>(["move", "moveIfMissing", "goOnceThere"]);

/** @returns whether the field was written, or is there where that is all the rule asks */
type Copier = (document: EcsDocument, value: unknown, raw: unknown) => boolean;

function copier({ rule, field, as }: Copy): Copier {
  const path = pathOf(field);
  const change = as ?? ((value: unknown) => value);
  switch (rule) {
    case "copy":
    case "move":
      return (document, value, raw) => copyTo(document, path, change(value, raw));
    case "copyIfMissing":
    case "moveIfMissing":
      return (document, value, raw) => read(document, path) === undefined && copyTo(document, path, change(value, raw));
    case "goOnceThere":
      return (document) => read(document, path) !== undefined;
    case "add":
    case "addOrEmpty":
      return (document, value, raw) => {
        if (rule === "addOrEmpty" && value === "") return false;
        addTo(document, path, Array.isArray(value) ? (value as unknown[]) : [value], as, raw);
        return true;
      };
    case "addEach":
      return (document, value, raw) => {
        if (Array.isArray(value)) addTo(document, path, value as unknown[], as, raw);
        return true;
      };
  }
}

function copyTo(document: EcsDocument, path: Path, value: unknown): boolean {
  if (value === undefined || value === null || value === "") return false;
  // Two fields never share an object: who changes one in a flow would change the other.
  write(document, path, typeof value === "object" ? plainCopy(value) : value);
  return true;
}

/** Lists hold texts, unless the row says otherwise. */
function addTo(document: EcsDocument, path: Path, values: readonly unknown[], as: Copy["as"], raw: unknown): void {
  const present = values.filter((value) => value !== null);
  append(document, path, as === undefined ? present.map(textForm) : present.map((value) => as(value, raw)));
}
