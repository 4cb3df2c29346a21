import { append, write, type EcsDocument } from "./document";

/** Tells the platform to keep `event.original`, which it drops otherwise. */
export const PRESERVE_ORIGINAL = "preserve_original_event";
/** Tells that the vendor's fields were kept although their values stand elsewhere. */
export const PRESERVE_DUPLICATES = "preserve_duplicate_custom_fields";

export function addTags(document: EcsDocument, tags: readonly string[]): void {
  append(document, ["tags"], tags);
}

/** Marks a document whose record could not be mapped, or not wholly. */
export function failDocument(document: EcsDocument): void {
  write(document, ["event", "kind"], "pipeline_error");
  addTags(document, [PRESERVE_ORIGINAL]);
}
