/** What a request is for; `other` is everything that the reader has no business with. */
export type RequestKind = "token" | "list" | "media" | "meta" | "other";

/** One request and what became of it. */
export interface RecordedRequest {
  readonly kind: RequestKind;
  readonly method: string;
  /** As it came, percent-encoded, without the query. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /** The object's name, decoded (`media`, `meta`). */
  readonly name?: string | undefined;
  /** `Range` header. */
  readonly range?: string | undefined;
  /** `Accept-Encoding` header. */
  readonly acceptEncoding?: string | undefined;
  /** When it came, on the bucket's clock. */
  readonly atMs: number;
  /** 0 until it is answered, and for ever when it never is. */
  status: number;
  /** Bytes of the body handed to the socket so far. */
  bytesSent: number;
  /** True once the whole answer has left. */
  isComplete: boolean;
}

/** Sums over requests. */
export interface RequestCounts {
  readonly token: number;
  readonly list: number;
  readonly media: number;
  readonly meta: number;
  readonly other: number;
  /** Bytes of all media bodies. */
  readonly mediaBytes: number;
}

export function countRequests(requests: readonly RecordedRequest[]): RequestCounts {
  const counts = { token: 0, list: 0, media: 0, meta: 0, other: 0, mediaBytes: 0 };
  for (const { kind, bytesSent } of requests) {
    counts[kind] += 1;
    if (kind === "media") counts.mediaBytes += bytesSent;
  }
  return counts;
}
