/** One version of one object, as a page of the listing names it. */
export interface ObjectVersion {
  readonly name: string;
  /** Decimal digits; may be above 2^53, therefore text. Name and generation together name one version for ever. */
  readonly generation: string;
  /** Stored bytes, compressed where they are. */
  readonly sizeBytes: number;
  /** `timeCreated`, epoch milliseconds on the service's clock. */
  readonly createdMs: number;
  /** MD5 of the stored bytes, base64; composed objects have none. */
  readonly md5?: string | undefined;
}

export interface ListRequest {
  readonly bucket: string;
  /** Literal start of the names; empty = all. */
  readonly prefix: string;
  readonly pageToken?: string | undefined;
  /** Only names from this one on, itself included, in the byte order of UTF-8. */
  readonly startOffset?: string | undefined;
  /** @default 1000, the most that the service gives */
  readonly maxResults?: number | undefined;
  readonly signal: AbortSignal;
}

/** One page of a listing, in the byte order of the names in UTF-8. It may be empty and still not be the last. */
export interface ListPage {
  /** Without folder markers: empty objects whose name ends in `/`. */
  readonly objects: readonly ObjectVersion[];
  /**
   * The last name that the page had, folder markers too; undefined when it had none. All names up to here are listed by the
   * pages so far.
   */
  readonly lastName: string | undefined;
  readonly nextPageToken: string | undefined;
}

export interface MediaRequest {
  readonly bucket: string;
  readonly name: string;
  readonly generation: string;
  /** Stored bytes as listed: by them an answer is known that does not name its generation. */
  readonly sizeBytes?: number | undefined;
  /** Where to begin in the stored bytes. */
  readonly fromByte: number;
  readonly signal: AbortSignal;
}

/** The bytes of an object on their way. Whoever does not read `body` to its end destroys it. */
export interface Media {
  readonly body: AsyncIterable<Buffer> & { destroy(): unknown };
  /** Where `body` begins: `fromByte`, or 0 when the service sends everything all the same. */
  readonly firstByte: number;
  /** Whole length of what the object is served as, bytes; undefined when the service does not say. */
  readonly totalBytes: number | undefined;
  /**
   * False when the service decompresses on the fly: then the checksum is not that of these bytes, and no part can be asked
   * for. Source: Cloud Storage documentation, "Transcoding of gzip-compressed files".
   */
  readonly isAsStored: boolean;
}

/** What the reader needs of Google Cloud Storage. `gcs-client.ts` implements it over the JSON API. Each call is one attempt. */
export interface GcsClient {
  /**
   * One page of the live versions below a prefix.
   * @throws XdrError `GCS_BUCKET_NOT_FOUND`, `GCS_LIST_FORBIDDEN`, `GCS_PAGE_TOKEN_REJECTED`, those of {@link GcsClient.read}
   */
  list(request: ListRequest): Promise<ListPage>;
  /**
   * Opens one version. The body breaks with an error of the network layer; {@link GcsClient.bodyError} puts it into words.
   * @throws XdrError `GCS_OBJECT_GONE` (404: deleted, replaced, or the bucket is gone), `GCS_READ_FORBIDDEN`,
   *   `GCS_KEY_REJECTED`, `GCS_UNAUTHORIZED`, `XDR_CLOCK_SKEW`, `XDR_RATE_LIMITED`, `XDR_SERVER_ERROR`, those of the transport
   */
  read(request: MediaRequest): Promise<Media>;
  /** What a body threw, as an `XdrError` of the transport (`XDR_CONNECTION_LOST`, `XDR_TIMEOUT`, ...). */
  bodyError(thrown: unknown): Error;
  /** The service's clock minus ours, milliseconds, from the last `Date` header; undefined before the first answer. */
  readonly clockSkewMs: number | undefined;
  /** Closes all sockets; calls and bodies under way break. */
  close(): Promise<void>;
}
