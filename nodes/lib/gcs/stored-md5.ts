import { createHash } from "node:crypto";

/** MD5 of the stored bytes, base64 as the service writes it. Used to compare, not to protect. */
export async function storedMd5(stored: AsyncIterable<Buffer>): Promise<string> {
  const hash = createHash("md5");
  for await (const chunk of stored) hash.update(chunk);
  return hash.digest("base64");
}
