import type { NodeMessage } from "node-red";
import type { EcsKind } from "../lib/ecs/ecs-kinds";
import type { EcsResult, MappedRecords } from "../lib/ecs/map-records";

/** What a flow may want to know of a document besides what it holds, to store it. */
export interface EcsNote {
  /** Id of the document; events have none. */
  readonly id?: string;
  /** Data set such as `panw_cortex_xdr.alerts`; like the kind it is missing for a record of no known kind. */
  readonly dataset?: string;
  readonly kind?: EcsKind;
}

export interface EcsMessage extends NodeMessage {
  /** Texts of the records, as the events node adds them. */
  raw?: unknown;
  ecs?: EcsNote | readonly EcsNote[];
}

/**
 * Puts the documents in the place of their records, as an array where they are a list.
 * @returns false when there is nothing that could leave
 */
export function putDocuments(msg: EcsMessage, { results, isList }: MappedRecords): boolean {
  const [only] = results;
  if (isList) {
    msg.payload = results.map(({ document }) => document);
    msg.ecs = results.map(noteOf);
  } else if (only !== undefined) {
    msg.payload = only.document;
    msg.ecs = noteOf(only);
  }
  return isList || only !== undefined;
}

function noteOf({ id, dataset, kind }: EcsResult): EcsNote {
  return {
    ...(id === undefined ? {} : { id }),
    ...(dataset === undefined ? {} : { dataset }),
    ...(kind === undefined ? {} : { kind }),
  };
}
