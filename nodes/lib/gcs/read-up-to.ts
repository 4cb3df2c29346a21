import type { Readable } from "node:stream";

/**
 * The bytes of a stream, which ends with it: read to its end, or destroyed.
 * @param isCut whether the first `maxBytes` will do when there are more; else there is no result then
 * @throws what the stream breaks with
 */
export async function readUpTo(stream: Readable, maxBytes: number, isCut: boolean): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  // Leaving the loop early destroys the stream.
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes <= maxBytes) continue;
    return isCut ? Buffer.concat(chunks).subarray(0, maxBytes) : undefined;
  }
  return Buffer.concat(chunks);
}
