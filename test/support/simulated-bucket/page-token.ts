import { createHmac, randomBytes } from "node:crypto";

/** Where a listing goes on: behind an object, or behind all objects of a group (`prefixes`). */
export interface Cursor {
  readonly key: string;
  readonly isGroup: boolean;
}

const MAC_BYTES = 12;

/** Makes page tokens that nobody else can make, each good for the query it came with only. */
export class PageTokens {
  readonly #secret = randomBytes(32);

  /** @param scope the query without what may change from page to page */
  issue({ key, isGroup }: Cursor, scope: string): string {
    const body = Buffer.from(`${isGroup ? "g" : "o"}${key}`, "latin1");
    return Buffer.concat([this.#mac(body, scope), body]).toString("base64");
  }

  /** Undefined for a token that was not issued here, or for another query. */
  read(token: string, scope: string): Cursor | undefined {
    const bytes = Buffer.from(token, "base64");
    const body = bytes.subarray(MAC_BYTES);
    const isOurs = bytes.toString("base64") === token && this.#mac(body, scope).equals(bytes.subarray(0, MAC_BYTES));
    if (!isOurs) return undefined;
    const text = body.toString("latin1");
    return { key: text.slice(1), isGroup: text.startsWith("g") };
  }

  #mac(body: Buffer, scope: string): Buffer {
    return createHmac("sha256", this.#secret).update(scope).update("\0").update(body).digest().subarray(0, MAC_BYTES);
  }
}
