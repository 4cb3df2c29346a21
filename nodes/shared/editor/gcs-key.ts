import { parseKeyJson } from "../../lib/gcs/key-summary";
import { isRecord } from "../../lib/json";

/** What the editor shows in place of a stored password. Source: Node-RED editor, credentials of type password. */
export const PASSWORD_MASK = "__PWRD__";

/** Fields without which nobody can sign in. Source: Google Cloud, "Create and delete service account keys". */
const NEEDED = ["type", "client_email", "private_key"] as const;
const TYPE = "service_account";

/** What is wrong with a pasted key: a key of the catalogue, and the fields that are missing. Never a part of the key. */
export interface KeyProblem {
  readonly key: "errors.key-json" | "errors.key-fields" | "errors.key-type";
  readonly fields: string;
}

/** Why a text cannot be the JSON of a service account's key file; undefined when it can. The runtime looks more closely. */
export function keyProblem(text: string): KeyProblem | undefined {
  const key = parseKeyJson(text);
  if (!isRecord(key)) return { key: "errors.key-json", fields: "" };
  if (isFilled(key["type"]) && key["type"] !== TYPE) return { key: "errors.key-type", fields: "" };
  const missing = NEEDED.filter((name) => !isFilled(key[name]));
  return missing.length === 0 ? undefined : { key: "errors.key-fields", fields: missing.join(", ") };
}

/**
 * What a field that showed the stored key's mask holds after somebody has typed or pasted into it: the mask must not get
 * mixed up with the new key, and what is left of it after a deletion is no key.
 */
export function withoutMask(text: string, isDeletion: boolean): string {
  if (text === PASSWORD_MASK) return text;
  return isDeletion ? "" : text.replace(PASSWORD_MASK, "");
}

function isFilled(value: unknown): boolean {
  return typeof value === "string" && value.trim() !== "";
}
