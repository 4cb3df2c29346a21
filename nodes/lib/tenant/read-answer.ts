import { XdrError } from "../errors";
import { bodyText } from "../http/answer-body";
import type { RawAnswer } from "./client-api";
import { isRecord, parseJson } from "../json";
import { readErrorWords } from "./error-envelope";
import { answerError, type CallContext } from "./error-mapping";
import { header, type Answer } from "../http/exchange";

/**
 * What a complete answer holds.
 * @param maxBytes largest inflated body
 * @throws XdrError when it is no success, an error envelope, or no JSON
 */
export async function readAnswer(
  answer: Answer,
  maxBytes: number,
  retryAfterMs: number | undefined,
  context: CallContext,
): Promise<RawAnswer> {
  const { status } = answer;
  const encoding = header(answer, "content-encoding");
  const body = await bodyText(answer.body, encoding, maxBytes);
  const text = "text" in body ? body.text : "";
  if (status < 200 || status >= 300) throw answerError({ status, text, retryAfterMs }, context);
  if ("fault" in body)
    throw unreadable(status, body.fault === "too-large" ? "XDR_RESPONSE_TOO_LARGE" : undefined, context);
  const value = parseJson(text);
  if (value === undefined) throw unreadable(status, undefined, context);
  const envelopeStatus = errorEnvelopeStatus(value, text);
  if (envelopeStatus !== undefined) throw answerError({ status: envelopeStatus, text, retryAfterMs }, context);
  return { value, ...bodyToKeep(answer.body, encoding, text) };
}

/** The bytes of the wire where they are gzip or plain; anything else was not asked for and is kept as text. */
function bodyToKeep(body: Buffer, contentEncoding: string | undefined, text: string): Omit<RawAnswer, "value"> {
  const encoding = contentEncoding?.trim().toLowerCase() ?? "";
  if (encoding === "gzip" || encoding === "x-gzip") return { body, encoding: "gzip" };
  const isPlain = encoding === "" || encoding === "identity";
  return { body: isPlain ? body : Buffer.from(text, "utf8"), encoding: "identity" };
}

/** The status in an error envelope that came with a success status. */
function errorEnvelopeStatus(parsed: unknown, text: string): number | undefined {
  if (!isRecord(parsed) || !isRecord(parsed["reply"]) || !("err_code" in parsed["reply"])) return undefined;
  const { code } = readErrorWords(text);
  return code !== undefined && code >= 400 && code < 600 ? code : undefined;
}

function unreadable(status: number, code: "XDR_RESPONSE_TOO_LARGE" | undefined, context: CallContext): XdrError {
  const { host, path } = context;
  const message =
    code === undefined
      ? `The answer of ${host} to ${path} is no JSON: check that "host" is the API host and no portal is in between.`
      : `The answer of ${host} to ${path} is larger than this node reads: ask for less at once.`;
  return new XdrError(code ?? "XDR_RESPONSE_INVALID", message, { status, outcome: "unknown" });
}
