import { asItIs, type Converter } from "./converters";
import type { Transform } from "./transforms";

/** How a value gets to a further field. */
export type CopyRule =
  /** Written, unless it is null or empty text; arrays, false and 0 are written. */
  | "copy"
  /** As `copy`, only while the field is missing. */
  | "copyIfMissing"
  /** As `copy`; the vendor's field goes. */
  | "move"
  /** As `copyIfMissing`; the vendor's field goes when it was copied. */
  | "moveIfMissing"
  /** Nothing is written; the vendor's field goes when the field exists. */
  | "goOnceThere"
  /** Added to what the field holds, unless it is there already: each element of an array, or the one value. */
  | "add"
  /** As `add`, but empty text is not added; a missing source makes an array of a field that holds a single value. */
  | "addOrEmpty"
  /** Each element of an array is added; anything else is not. */
  | "addEach";

/** A further field for a value. */
export interface Copy {
  readonly rule: CopyRule;
  /** Full dotted name. */
  readonly field: string;
  /** What is written in place of the value; undefined = nothing. */
  readonly as?: Transform;
}

/** One row of a mapping. Its place in the table decides the order inside arrays, and who comes first. */
export interface Row {
  /** `record` for a field of the record, `document` for one that earlier rows have written. */
  readonly from: "record" | "document";
  /** Dotted name of the field. */
  readonly source: string;
  /** Dotted name below the vendor's namespace; undefined for rows from the document. */
  readonly vendor: string | undefined;
  readonly convert: Converter;
  readonly copies: readonly Copy[];
  /** Whether the vendor's field goes in the end because it stands elsewhere. */
  readonly isDuplicate: boolean;
}

/** A row that reads the document. */
export function derived(source: string, ...copies: readonly Copy[]): Row {
  return { from: "document", source, vendor: undefined, convert: asItIs, copies, isDuplicate: false };
}

const rule =
  (name: CopyRule) =>
  (field: string, as?: Transform): Copy =>
    as === undefined ? { rule: name, field } : { rule: name, field, as };

export const copy = rule("copy");
export const copyIfMissing = rule("copyIfMissing");
export const move = rule("move");
export const moveIfMissing = rule("moveIfMissing");
export const goOnceThere = rule("goOnceThere");
export const add = rule("add");
export const addOrEmpty = rule("addOrEmpty");
export const addEach = rule("addEach");

/** The vendor's field stays in the document, or goes in the end because it stands elsewhere. */
export const STAYS = false;
export const GOES = true;

/** A row of a table that keeps the whole record: the vendor's field has the name that it has in the record. */
export function field(source: string, convert: Converter, isDuplicate: boolean, ...copies: readonly Copy[]): Row {
  return { from: "record", source, vendor: source, convert, isDuplicate, copies };
}

/** Fields that have no rule: they stay as they came. A `*` stands for all names that begin so. */
export function stay(prefix: string, ...names: readonly string[]): Row[] {
  return names.map((name) => field(`${prefix}${name}`, asItIs, STAYS));
}
