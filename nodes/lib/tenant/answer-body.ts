import { promisify } from "node:util";
import { brotliDecompress, gunzip, inflate } from "node:zlib";

const INFLATERS = {
  gzip: promisify(gunzip),
  "x-gzip": promisify(gunzip),
  deflate: promisify(inflate),
  br: promisify(brotliDecompress),
} as const;

/** What became of a body: its text, or why there is none. */
export type BodyText = { readonly text: string } | { readonly fault: "too-large" | "damaged" };

/** The text of a body, inflated to at most `maxBytes`. */
export async function bodyText(body: Buffer, contentEncoding: string | undefined, maxBytes: number): Promise<BodyText> {
  const encoding = contentEncoding?.trim().toLowerCase() ?? "";
  if (encoding === "" || encoding === "identity" || body.length === 0) return { text: body.toString("utf8") };
  if (!(encoding in INFLATERS)) return { fault: "damaged" };
  try {
    const inflater = INFLATERS[encoding as keyof typeof INFLATERS];
    return { text: (await inflater(body, { maxOutputLength: maxBytes })).toString("utf8") };
  } catch (error) {
    return { fault: (error as { code?: unknown }).code === "ERR_BUFFER_TOO_LARGE" ? "too-large" : "damaged" };
  }
}
