import { isRecord, parseJson } from "../json";

/** What may be shown of a service account key. */
export interface KeySummary {
  readonly projectId: string;
  readonly clientEmail: string;
}

/**
 * Project and account of a service account key, empty where they are missing; undefined when the text is no such key. It
 * checks nothing else, and imports little: the dialog shows with it which key was pasted.
 */
export function keySummary(text: string): KeySummary | undefined {
  const key = parseKeyJson(text);
  if (!isRecord(key) || key["type"] !== "service_account") return undefined;
  return { projectId: textOf(key["project_id"]), clientEmail: textOf(key["client_email"]) };
}

/**
 * The JSON of a key file. A variable whose `\n` something has already turned into real line breaks is read too: they are no
 * JSON inside text, and mean nothing outside of it.
 */
export function parseKeyJson(text: string): unknown {
  // "trim" takes a byte order mark away as well.
  const trimmed = text.trim();
  return parseJson(trimmed) ?? parseJson(trimmed.replace(/[\r\n\t]/g, ""));
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value.trim() : "";
}
