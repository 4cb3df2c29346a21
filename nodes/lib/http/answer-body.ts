import { promisify } from "node:util";
import { brotliDecompress, gunzip, inflate } from "node:zlib";

const INFLATERS = {
  gzip: promisify(gunzip),
  "x-gzip": promisify(gunzip),
  deflate: promisify(inflate),
  br: promisify(brotliDecompress),
} as const;

const MIN_CHUNK_BYTES = 65_536;
const MAX_CHUNK_BYTES = 1_048_576;
/** How many times larger an answer's JSON is than its gzip: pages of alerts are full of nulls. */
const USUAL_RATIO = 16;

/** What became of a body: its text, or why there is none. */
export type BodyText = { readonly text: string } | { readonly fault: "too-large" | "damaged" };

/** The text of a body, inflated to at most `maxBytes`. */
export async function bodyText(body: Buffer, contentEncoding: string | undefined, maxBytes: number): Promise<BodyText> {
  const encoding = contentEncoding?.trim().toLowerCase() ?? "";
  if (encoding === "" || encoding === "identity" || body.length === 0) return { text: body.toString("utf8") };
  if (!(encoding in INFLATERS)) return { fault: "damaged" };
  try {
    const inflater = INFLATERS[encoding as keyof typeof INFLATERS];
    const options = { maxOutputLength: maxBytes, chunkSize: chunkBytes(body.length) };
    return { text: (await inflater(body, options)).toString("utf8") };
  } catch (error) {
    return { fault: (error as { code?: unknown }).code === "ERR_BUFFER_TOO_LARGE" ? "too-large" : "damaged" };
  }
}

/**
 * How much is inflated at a time, bytes: an answer in one piece where that is possible. Each piece costs a trip to another
 * thread and garbage; with Node's 16 KiB that was a third of the CPU of reading a page of alerts.
 */
function chunkBytes(packedBytes: number): number {
  return Math.min(MAX_CHUNK_BYTES, Math.max(MIN_CHUNK_BYTES, packedBytes * USUAL_RATIO));
}
