import { compile } from "./compile";
import { pathOf, read, remove, write, type EcsDocument } from "./document";
import { documentId } from "./document-id";
import type { EcsKind } from "./ecs-kinds";
import type { EcsOptions } from "./ecs-options";
import { withoutEmpties } from "./empties";
import { MappingStop } from "./mapping-stop";
import { plainCopy } from "./plain-copy";
import type { Table } from "./table";
import { TABLES } from "./tables/tables";
import { addTags, failDocument, PRESERVE_DUPLICATES, PRESERVE_ORIGINAL } from "./tags";

/** A document, and what is known of it. */
export interface Mapped {
  readonly document: EcsDocument;
  /** Base64, 28 characters; the same record has the same one. Events have none. */
  readonly id: string | undefined;
  /** What could not be mapped, the same as the document's `error.message`; empty when all was. */
  readonly faults: readonly string[];
}

/**
 * Makes the document of one record. Never throws, and never changes the record: what cannot be mapped stands in the document.
 * `originalText` is the record's text where it is known.
 */
export type Mapper = (record: object, originalText?: string) => Mapped;

/** A mapper for the records of one kind. */
export function mapperOf(kind: EcsKind, options: Omit<EcsOptions, "kind">, table: Table = TABLES[kind]): Mapper {
  const keepsDuplicates = options.preserveDuplicates && !table.duplicatesAlwaysGo;
  const steps = compile(table, { keepsDuplicates, wrapsSingles: options.wrapSingles });
  const duplicates = keepsDuplicates || table.vendorFields === "listed" ? [] : duplicatesOf(table);
  const tags = [
    ...(options.preserveOriginal ? [PRESERVE_ORIGINAL] : []),
    ...(options.preserveDuplicates ? [PRESERVE_DUPLICATES] : []),
  ];
  return (record, originalText) => {
    const document = table.constants();
    if (tags.length > 0) addTags(document, tags);
    const faults: string[] = [];
    let id: string | undefined;
    let isFailed = false;
    try {
      const source = sourceOf(table, record, document);
      id = table.idFields.length > 0 ? documentId(source, table.idFields) : undefined;
      requireFields(table, record);
      const mapping = { record: source, document, faults };
      for (const step of steps) step(mapping);
      for (const path of duplicates) remove(document, path);
      if (table.emptiesGo === "after") withoutEmpties(document);
      isFailed = faults.length > 0 && table.faultsMark;
    } catch (thrown) {
      isFailed = true;
      faults.push(messageOf(thrown));
    }
    if (faults.length > 0) write(document, ["error", "message"], [...faults]);
    if (isFailed) failDocument(document);
    if (isFailed || options.preserveOriginal) keepOriginal(document, originalText ?? textOf(record));
    return { document, id, faults };
  };
}

/** What rows read: the record, or, where all of it is kept, its copy below the vendor's namespace. */
function sourceOf(table: Table, record: object, document: EcsDocument): unknown {
  if (table.vendorFields === "listed") return record;
  const source = plainCopy(record, table.emptiesGo === "before") ?? {};
  write(document, pathOf(table.namespace), source);
  return source;
}

function requireFields(table: Table, record: object): void {
  for (const name of table.requiredFields) {
    if (read(record, pathOf(name)) === undefined) throw new MappingStop(`${name}: expected a value, got none.`);
  }
}

function duplicatesOf({ namespace, rows }: Table): readonly (readonly string[])[] {
  return rows.filter((row) => row.isDuplicate).map((row) => pathOf(`${namespace}.${row.vendor ?? row.source}`));
}

/** What others throw may hold values of the record: it is not repeated. */
function messageOf(thrown: unknown): string {
  return thrown instanceof MappingStop ? thrown.message : "The record could not be mapped: it cannot be read.";
}

function keepOriginal(document: EcsDocument, text: string | undefined): void {
  if (text !== undefined) write(document, ["event", "original"], text);
}

/** The record as JSON; undefined where it cannot be written so. */
export function textOf(record: unknown): string | undefined {
  try {
    return JSON.stringify(record, (_name, value: unknown) => (typeof value === "bigint" ? value.toString() : value));
  } catch {
    // Cyclic, or nested too deep: its document says so, and there is no text that could be kept.
    return undefined;
  }
}
