import type { EcsDocument } from "./document";
import type { Row } from "./row";

/** How the records of one stream become documents. */
export interface Table {
  /** Dotted name of the object that holds the vendor's fields. */
  readonly namespace: string;
  /** Fields that every document has. */
  readonly constants: () => EcsDocument;
  /**
   * `listed`: the vendor's fields are those of the rows. `all`: the whole record, field by field as it came; rows change
   * it in place.
   */
  readonly vendorFields: "listed" | "all";
  /** When nulls, empty texts, arrays and objects go, at every depth. */
  readonly emptiesGo: "before" | "after";
  /** What a value that cannot be converted does. */
  readonly onFault: "stop" | "drop";
  /** Whether such a value that was dropped makes the document a `pipeline_error`. */
  readonly faultsMark: boolean;
  /** Whether the duplicates go although they were asked for. */
  readonly duplicatesAlwaysGo: boolean;
  /** Raw fields whose values make the document's id, in this order; none = no id. */
  readonly idFields: readonly string[];
  /** Fields that have to be there, though they may be null. */
  readonly requiredFields: readonly string[];
  readonly rows: readonly Row[];
}
