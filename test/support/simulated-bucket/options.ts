import type { ServerOptions } from "node:https";
import type { Clock } from "../../../nodes/lib/clock";

/** What a bucket is started with. */
export interface BucketOptions {
  /** @default "xdr-eu-0000-event-forwarding" */
  readonly bucket?: string;
  /** Most objects and groups on a page, whatever the caller asks for; the service allows 1,000. @default 1000 */
  readonly pageSize?: number;
  /** How long an access token is good, seconds. @default 3599 */
  readonly tokenLifeSeconds?: number;
  /** The clock of the service; only its wall time is looked at. @default the machine's */
  readonly clock?: Pick<Clock, "now">;
  /** The same as a function, epoch milliseconds. It wins over `clock`. */
  readonly now?: () => number;
  /** Serves callers that send no token at all, as emulators and public buckets do. @default false */
  readonly anonymous?: boolean;
  /** Serve HTTPS with this. */
  readonly tls?: ServerOptions;
  /** 0 picks a free one. @default 0 */
  readonly port?: number;
}

/** Most entries of a page. Source: Cloud Storage JSON API v1, "Objects: list", `maxResults`. */
export const MAX_PAGE_SIZE = 1000;
