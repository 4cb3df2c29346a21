import { isRecord, parseJson } from "../json";

/** What an error answer says in words. */
export interface ErrorWords {
  /** `err_code` of the envelope, when it is a number. */
  readonly code: number | undefined;
  /** The sentences of the answer itself, without the input that validation errors echo. */
  readonly words: string;
}

/** Plain text and HTML bodies are long and say little; this much of one is looked at, characters. */
const MAX_TEXT = 20_000;
/** Members that carry a sentence, in the envelopes of the API's several families. */
const SENTENCES = ["err_msg", "err_extra", "error", "message", "msg", "description", "details"] as const;

/**
 * The words of an error answer: `{reply: {err_code, err_msg, err_extra}}`, its relatives, or plain text. `err_extra` may be
 * null, text, an object, or a list of validation errors whose `input` echoes the request; that echo is left out.
 */
export function readErrorWords(text: string): ErrorWords {
  const body = parseJson(text);
  if (body === undefined) return { code: undefined, words: plainText(text) };
  const envelope = isRecord(body) && isRecord(body["reply"]) ? body["reply"] : body;
  const code = isRecord(envelope) ? Number(envelope["err_code"] ?? NaN) : NaN;
  return { code: Number.isNaN(code) ? undefined : code, words: [...new Set(sentences(envelope, 0))].join("; ") };
}

function sentences(value: unknown, depth: number): string[] {
  if (typeof value === "string") return value.trim() === "" ? [] : [value.trim()];
  if (depth > 3) return [];
  if (Array.isArray(value)) return value.slice(0, 10).flatMap((entry) => sentences(entry, depth + 1));
  if (!isRecord(value)) return [];
  const place = Array.isArray(value["loc"]) ? `${value["loc"].map(String).join(".")}: ` : "";
  return SENTENCES.flatMap((member) => sentences(value[member], depth + 1)).map((sentence) => place + sentence);
}

/** HTML without its tags: proxies and gateways answer in it. */
function plainText(text: string): string {
  return text
    .slice(0, MAX_TEXT)
    .replace(/<(style|script)\b[^>]{0,500}>[^<]{0,20000}<\/\1>/gi, " ")
    .replace(/<[^<>]{0,1000}>/g, " ")
    .replace(/\s+/g, " ")
    .trim();
}
