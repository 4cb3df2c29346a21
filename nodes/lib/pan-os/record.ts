/** Formats the parser knows, as shown in `msg.parse.format`. */
export type PanosFormat =
  "json-annex" | "json" | "lines" | "csv" | "cef" | "leef" | "strata-json" | "strata-cef" | "object";

/** PAN-OS variable name (`src`, `threatid`, ...) -> text. Made with {@link newFields}: no prototype, so no key is special. */
export type PanosFields = Record<string, string>;

/** An empty {@link PanosFields}. */
export function newFields(): PanosFields {
  return Object.create(null) as PanosFields;
}

/** One log record as a decoder found it: values are text, trimmed of nothing, not yet cleaned or mapped. */
export interface DecodedRecord {
  readonly format: PanosFormat;
  readonly fields: PanosFields;
  /** What had to be repaired to read it, one short English sentence each, for the admin who fixes the template. */
  readonly repairs: string[];
  readonly warnings: string[];
  /** Offset from an IETF syslog header (`+01:00`, `Z`), for times in the record that have no zone. */
  readonly headerZone?: string | undefined;
}
